//! Draws the admin's screens with Mesa's software Vulkan (lavapipe), without a display, and
//! compares them with the pictures in `snapshots/`.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p snapshot-tests` renews the pictures that no longer fit; look at
//! each before it is committed. Where a picture does not fit, `snapshots/NAME.new.png` is how it is
//! now, and `snapshots/NAME.diff.png` where it differs.

mod look;
mod renderer;
mod screen;
mod shop;

pub use look::Look;
pub use renderer::Lavapipe;
pub use screen::{Screen, Window};
pub use shop::shop;
