//! A figure that is computed in the background.

/// A figure that is computed in the background: what was known last stays while it is computed
/// anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure<T> {
    value: Option<T>,
    is_waiting: bool,
    error: Option<String>,
}

impl<T> Default for Figure<T> {
    fn default() -> Self {
        Self { value: None, is_waiting: false, error: None }
    }
}

impl<T> Figure<T> {
    /// Returns what was found last.
    pub const fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Returns why it could not be found.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Returns whether it is being computed.
    pub const fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    /// Notes that it has been asked for.
    pub fn wait(&mut self) {
        self.is_waiting = true;
    }

    /// Takes the figure that has come, or why it has not.
    pub fn take(&mut self, outcome: Result<T, String>) {
        self.is_waiting = false;
        match outcome {
            Ok(value) => {
                self.value = Some(value);
                self.error = None;
            }
            Err(message) => self.error = Some(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_known_stays_while_it_is_computed_anew_and_after_a_failure() {
        let mut figure = Figure::default();
        figure.wait();
        assert_eq!((figure.value(), figure.is_waiting()), (None, true));
        figure.take(Ok(3));
        figure.wait();
        assert_eq!((figure.value(), figure.is_waiting()), (Some(&3), true));
        figure.take(Err("the database is gone".to_owned()));
        assert_eq!((figure.value(), figure.error()), (Some(&3), Some("the database is gone")));
        figure.take(Ok(4));
        assert_eq!((figure.value(), figure.error()), (Some(&4), None));
    }
}
