//! What keeps traits to the framework's own types.

/// Implemented by the types of which a trait of the framework can be.
pub trait Sealed {}

macro_rules! tuples {
    ($first:ident $($rest:ident)*) => {
        impl<$first $(, $rest)*> Sealed for ($first, $($rest,)*) {}
        tuples! { $($rest)* }
    };
    () => {};
}

tuples! { A B C D E F G H I J K L }
