//! Scrolling that goes on for a while after a finger has left the screen.

use std::time::Duration;

/// How long it takes to slow down to a third, in seconds.
const SLOWING: f64 = 0.325;

/// The speed at which it stops, in rows a second.
const SLOWEST: f64 = 0.5;

/// A movement that slows down: speed falls exponentially, as under friction in a fluid.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fling {
    /// Rows a second, down where positive.
    speed: f64,
    /// Whether a finger still holds it.
    is_held: bool,
}

impl Fling {
    /// Sets the speed at which a finger moves it, in rows a second.
    pub const fn hold(&mut self, speed: f64) {
        *self = Self { speed: if speed.is_finite() { speed } else { 0.0 }, is_held: true };
    }

    /// Notes that the finger has let go.
    pub const fn let_go(&mut self) {
        self.is_held = false;
    }

    /// Returns whether it moves by itself.
    #[must_use]
    pub fn is_moving(self) -> bool {
        !self.is_held && self.speed.abs() > SLOWEST
    }

    /// Returns how many rows it moves in the time that has passed, and slows it down by as much.
    /// However that time is divided, the sum is the same.
    pub fn advance(&mut self, passed: Duration) -> f64 {
        if !self.is_moving() {
            self.speed = 0.0;
            return 0.0;
        }
        let left = (-passed.as_secs_f64() / SLOWING).exp();
        let moved = self.speed * SLOWING * (1.0 - left);
        self.speed *= left;
        moved
    }

    /// Stops at once.
    pub fn stop(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(speed: f64) -> Fling {
        let mut fling = Fling::default();
        fling.hold(speed);
        assert!(!fling.is_moving(), "it is still held");
        fling.let_go();
        fling
    }

    fn run(mut fling: Fling, frame: Duration) -> (f64, u32) {
        let (mut rows, mut frames) = (0.0, 0);
        while fling.is_moving() {
            rows += fling.advance(frame);
            frames += 1;
            assert!(frames < 10_000, "it never stops");
        }
        (rows, frames)
    }

    #[test]
    fn it_goes_equally_far_at_any_frame_rate() {
        let (fast, _) = run(at(300.0), Duration::from_millis(8));
        let (slow, _) = run(at(300.0), Duration::from_millis(33));
        assert!((fast - slow).abs() < 0.2, "{fast} {slow}");
        assert!((fast - 300.0 * SLOWING).abs() < 0.3, "{fast}");
    }

    #[test]
    fn up_is_as_far_as_down() {
        let frame = Duration::from_millis(16);
        let (down, up) = (run(at(80.0), frame), run(at(-80.0), frame));
        assert!((down.0 + up.0).abs() < 1e-9 && down.1 == up.1);
    }

    #[test]
    fn what_stands_still_asks_for_no_more_frames() {
        for mut fling in [Fling::default(), at(f64::NAN), at(0.1)] {
            assert!(!fling.is_moving());
            assert!(fling.advance(Duration::from_secs(1)).abs() < f64::EPSILON);
        }
        let mut fling = at(500.0);
        fling.stop();
        assert!(!fling.is_moving());
    }
}
