//! Why rows are not read, and when that is tried again.

use std::time::{Duration, Instant};

/// How long to wait before each next try; the last for all that follow.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
];

/// Why rows are not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// In words a person can act on.
    pub message: String,
    tries: usize,
    next: Next,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// It is tried again at that time.
    At(Instant),
    /// It is being tried again.
    Trying,
    /// A person has stopped it, and has to say when it goes on.
    Stopped,
    /// Trying again would change nothing.
    Never,
}

impl LoadError {
    /// Makes the error that the rows could not be read, after what was wrong before.
    #[must_use]
    pub fn failed(message: String, before: Option<&Self>, now: Instant) -> Self {
        let tries = before.map_or(0, |before| before.tries + 1);
        let pause = PAUSES.get(tries).or(PAUSES.last()).copied().unwrap_or_default();
        Self { message, tries, next: Next::At(now + pause) }
    }

    /// Makes the error that a person does not want to wait any longer.
    #[must_use]
    pub const fn stopped(message: String) -> Self {
        Self { message, tries: 0, next: Next::Stopped }
    }

    /// Makes the error that what was asked for can never be had.
    #[must_use]
    pub const fn refused(message: String) -> Self {
        Self { message, tries: 0, next: Next::Never }
    }

    /// Returns whether a person wanted it so.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.next == Next::Stopped
    }

    /// Returns whether it is being tried again.
    #[must_use]
    pub fn is_trying(&self) -> bool {
        self.next == Next::Trying
    }

    /// Tries again if it is time; else returns how long that still is.
    pub fn try_again(&mut self, now: Instant) -> Option<Duration> {
        let Next::At(time) = self.next else { return None };
        let rest = time.checked_duration_since(now).filter(|rest| !rest.is_zero());
        if rest.is_none() {
            self.next = Next::Trying;
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_become_rarer_and_never_end() {
        let mut now = Instant::now();
        let mut load_error = LoadError::failed("no server".to_owned(), None, now);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            let rest = load_error.try_again(now).expect("it is not time yet");
            pauses.push(rest.as_secs());
            assert!(!load_error.is_trying());
            now += rest;
            assert_eq!(load_error.try_again(now), None);
            assert!(load_error.is_trying());
            load_error = LoadError::failed("no server".to_owned(), Some(&load_error), now);
        }
        assert_eq!(pauses, [1, 2, 4, 8, 15, 15, 15, 15]);
    }

    #[test]
    fn what_a_person_stopped_stays_stopped() {
        let mut load_error = LoadError::stopped("enough".to_owned());
        assert_eq!(load_error.try_again(Instant::now() + Duration::from_mins(1)), None);
        assert!(load_error.is_stopped() && !load_error.is_trying());
    }
}
