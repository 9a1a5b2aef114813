//! Puts parts that are not connected side by side.

use egui::{Pos2, Vec2, pos2, vec2};

/// How much wider than high the whole should be.
const ASPECT: f32 = 1.6;

/// Widths that are tried, as parts of that of a rectangle which the parts would fill completely.
const TRIED: [f32; 7] = [2.0, 1.7, 1.45, 1.25, 1.1, 0.95, 0.8];

/// Returns the left top corner of every part, and the size of the whole: of the widths that are
/// tried, the one at which the whole is largest on a screen, the widest of several.
pub(super) fn pack(sizes: &[Vec2], gap: f32) -> (Vec<Pos2>, Vec2) {
    let area: f32 = sizes.iter().map(|size| (size.x + gap) * (size.y + gap)).sum();
    let widest = sizes.iter().map(|size| size.x).fold(0.0, f32::max);
    let extent = |whole: Vec2| (whole.x / ASPECT).max(whole.y);
    TRIED
        .into_iter()
        .map(|factor| rows(sizes, ((area * ASPECT).sqrt() * factor).max(widest), gap))
        .min_by(|(_, one), (_, other)| extent(*one).total_cmp(&extent(*other)))
        .unwrap_or_default()
}

/// Puts parts in rows that are at most so wide, the highest first.
fn rows(sizes: &[Vec2], width: f32, gap: f32) -> (Vec<Pos2>, Vec2) {
    let mut order: Vec<(usize, Vec2)> = sizes.iter().copied().enumerate().collect();
    order.sort_by(|(_, one), (_, other)| other.y.total_cmp(&one.y).then(other.x.total_cmp(&one.x)));
    let mut places = vec![Pos2::ZERO; sizes.len()];
    let mut whole = Vec2::ZERO;
    let (mut left, mut top, mut row) = (0.0, 0.0, 0.0_f32);
    for (part, size) in order {
        if left > 0.0 && left + size.x > width {
            left = 0.0;
            top += row + gap;
            row = 0.0;
        }
        if let Some(place) = places.get_mut(part) {
            *place = pos2(left, top);
        }
        whole = whole.max(vec2(left + size.x, top + size.y));
        left += size.x + gap;
        row = row.max(size.y);
    }
    (places, whole)
}
