//! Several relations of one entity, side by side.

use super::{Include, Path};
use crate::backend::Engine;
use crate::error::Result;
use crate::session::{Key, Session};

// A tuple of ways reads each of them along and stays where it is:
// `Author::BOOKS.then((Book::REVIEWS, Book::GENRES))` reads the books once.
macro_rules! together {
    ($first:ident $(, $other:ident)*) => {
        impl<$first: Path $(, $other: Path<From = $first::From>)*> Path for ($first, $($other),*) {
            type From = $first::From;
            type To = $first::From;
        }

        impl<C, $first, $($other),*> Include<C> for ($first, $($other),*)
        where
            C: Engine,
            $first: Include<C>,
            $($other: Include<C> + Path<From = $first::From>,)*
        {
            fn load(
                &self,
                session: &mut Session<C>,
                rows: &[Key<$first::From>],
            ) -> Result<Vec<Key<$first::From>>> {
                #[expect(non_snake_case, reason = "named as their types")]
                let ($first, $($other),*) = self;
                $first.load(session, rows)?;
                $($other.load(session, rows)?;)*
                Ok(rows.to_vec())
            }
        }
    };
}

together!(A, B);
together!(A, B, D);
together!(A, B, D, E);
