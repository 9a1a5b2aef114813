//! Panics of others' code that stand for errors.

use std::any::Any;
use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether a panic of this thread is going to be caught and told as an error.
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Does work that panics where it cannot write, and makes that an error: a workbook's temporary
/// files are written by code that has no other way to say that the disk is full. Nothing that the
/// work has touched may be used then.
///
/// # Errors
/// The work's own, and what a panic says.
pub(super) fn caught<T, E: From<io::Error>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_CAUGHT.get() {
                before(panic);
            }
        }));
    });
    let was_caught = IS_CAUGHT.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    IS_CAUGHT.set(was_caught);
    result.unwrap_or_else(|panic| Err(error(panic.as_ref()).into()))
}

/// Returns the error that a panic's message shows, as `expect` writes it.
fn error(panic: &(dyn Any + Send)) -> io::Error {
    let message = match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(message), _) => message,
        (_, Some(message)) => *message,
        _ => "the work broke off unexpectedly",
    };
    let code = message
        .split_once("Os { code: ")
        .and_then(|(_, rest)| rest.split(',').next())
        .and_then(|code| code.parse().ok());
    code.map_or_else(|| io::Error::other(message.to_owned()), io::Error::from_raw_os_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_that_tells_of_an_error_is_that_error() {
        let full = || -> Result<(), io::Error> {
            panic!("cannot write: {:?}", io::Error::from_raw_os_error(28))
        };
        assert_eq!(caught(full).unwrap_err().raw_os_error(), Some(28));
        let other = || -> Result<(), io::Error> { panic!("odd") };
        assert_eq!(caught(other).unwrap_err().to_string(), "odd");
        assert_eq!(caught(|| Ok::<_, io::Error>(7)).unwrap(), 7);
    }
}
