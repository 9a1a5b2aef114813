//! Which part of the diagram is on the screen, and how large.

use egui::emath::TSTransform;
use egui::{Pos2, Rect, Vec2};

/// The least and the most that the diagram is enlarged.
const ZOOM: std::ops::RangeInclusive<f32> = 0.08..=2.5;

/// Around the diagram when all of it is shown, in points.
const MARGIN: f32 = 28.0;

/// Which part of the diagram is on the screen, and how large.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Camera {
    /// What of the diagram is in the middle.
    pub center: Pos2,
    /// Points on the screen to one of the diagram.
    pub zoom: f32,
}

impl Camera {
    /// Returns a camera that shows all of a diagram of that size, but never enlarged.
    pub fn fit(size: Vec2, view: Rect) -> Self {
        let room = (view.size() - Vec2::splat(2.0 * MARGIN)).max(Vec2::splat(1.0));
        let scale = room / size.max(Vec2::splat(1.0));
        let zoom = scale.min_elem().min(1.0).clamp(*ZOOM.start(), *ZOOM.end());
        Self { center: (size / 2.0).to_pos2(), zoom }
    }

    /// Returns the transform from the diagram to the screen.
    pub fn to_screen(self, view: Rect) -> TSTransform {
        TSTransform::new(view.center().to_vec2() - self.zoom * self.center.to_vec2(), self.zoom)
    }

    /// Enlarges so many times; what is under `fixed` on the screen stays there.
    pub fn zoom_by(&mut self, factor: f32, fixed: Pos2, view: Rect) {
        let before = self.to_screen(view).inverse() * fixed;
        self.zoom = (self.zoom * factor).clamp(*ZOOM.start(), *ZOOM.end());
        let after = self.to_screen(view).inverse() * fixed;
        self.center += before - after;
    }

    /// Moves along with something on the screen.
    pub fn drag(&mut self, by: Vec2) {
        self.center -= by / self.zoom;
    }

    /// Moves as little as is needed to have a part of the diagram on the screen.
    pub fn reveal(&mut self, part: Rect, view: Rect) {
        let shown = self.to_screen(view).inverse() * view;
        for axis in 0..2 {
            let before = shown.min[axis] - part.min[axis];
            let behind = part.max[axis] - shown.max[axis];
            if before > 0.0 {
                self.center[axis] -= before;
            } else if behind > 0.0 {
                self.center[axis] += behind.min(-before);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::{pos2, vec2};

    use super::*;

    const VIEW: Rect = Rect { min: pos2(100.0, 50.0), max: pos2(900.0, 650.0) };

    #[test]
    fn what_is_under_the_pointer_stays_there_while_zooming() {
        let mut camera = Camera::fit(vec2(3000.0, 1000.0), VIEW);
        let pointer = pos2(700.0, 200.0);
        let before = camera.to_screen(VIEW).inverse() * pointer;
        camera.zoom_by(1.7, pointer, VIEW);
        let after = camera.to_screen(VIEW).inverse() * pointer;
        assert!((before - after).length() < 0.01, "{before} {after}");
    }

    #[test]
    fn all_of_a_large_diagram_fits_and_a_small_one_is_not_enlarged() {
        let large = Camera::fit(vec2(3000.0, 1000.0), VIEW);
        let shown = large.to_screen(VIEW) * Rect::from_min_size(Pos2::ZERO, vec2(3000.0, 1000.0));
        assert!(VIEW.contains_rect(shown), "{shown}");
        let small = Camera::fit(vec2(100.0, 100.0), VIEW);
        assert_eq!(small, Camera { center: pos2(50.0, 50.0), zoom: 1.0 });
    }

    #[test]
    fn zooming_has_its_limits() {
        let mut camera = Camera::fit(vec2(100.0, 100.0), VIEW);
        camera.zoom_by(1e9, VIEW.center(), VIEW);
        assert!(camera.zoom >= *ZOOM.end() && ZOOM.contains(&camera.zoom));
        camera.zoom_by(1e-9, VIEW.center(), VIEW);
        assert!(camera.zoom <= *ZOOM.start() && ZOOM.contains(&camera.zoom));
    }

    #[test]
    fn revealing_moves_a_box_onto_the_screen_and_no_further() {
        let mut camera = Camera { center: pos2(0.0, 0.0), zoom: 1.0 };
        let part = Rect::from_min_size(pos2(500.0, -20.0), vec2(100.0, 40.0));
        camera.reveal(part, VIEW);
        assert_eq!(camera.center, pos2(200.0, 0.0));
        camera.reveal(part, VIEW);
        assert_eq!(camera.center, pos2(200.0, 0.0));
    }
}
