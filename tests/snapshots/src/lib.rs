//! Draws a window's pictures with Mesa's software Vulkan (lavapipe), so that they are the same
//! everywhere.

mod renderer;

pub use renderer::Lavapipe;
