//! Assigns layers, and gives lines that pass layers a place in them.

#![expect(
    clippy::indexing_slicing,
    reason = "boxes are numbered by the graph these vectors are of"
)]

use std::collections::BTreeMap;

use egui::Vec2;

use super::Edge;
use super::cycles::Directed;

/// How much wider than high a connected part may become.
const ASPECT: f32 = 1.5;

/// Returns the layer of every box: left of everything at its right.
///
/// Longest path from the left; then every box with more lines to the right than to the left moves
/// right as far as it can, which shortens them; then layers that are too high are split.
pub(super) fn assign(sizes: &[Vec2], edges: &[Directed], gap: f32) -> Vec<usize> {
    let order = topological_order(sizes.len(), edges);
    let mut layer = vec![0_usize; sizes.len()];
    for &node in &order {
        for edge in edges.iter().filter(|edge| edge.left == node) {
            layer[edge.right] = layer[edge.right].max(layer[node] + 1);
        }
    }
    for &node in order.iter().rev() {
        let right = edges.iter().filter(|edge| edge.left == node);
        let left_count = edges.iter().filter(|edge| edge.right == node).count();
        if right.clone().count() > left_count
            && let Some(nearest) = right.map(|edge| layer[edge.right]).min()
        {
            layer[node] = nearest - 1;
        }
    }
    split_high_layers(sizes, edges, &mut layer, gap);
    layer
}

fn topological_order(count: usize, edges: &[Directed]) -> Vec<usize> {
    let mut waits_for = vec![0_usize; count];
    for edge in edges {
        waits_for[edge.right] += 1;
    }
    let mut order: Vec<usize> = (0..count).filter(|&node| waits_for[node] == 0).collect();
    let mut next = 0;
    while let Some(&node) = order.get(next) {
        next += 1;
        for edge in edges.iter().filter(|edge| edge.left == node) {
            waits_for[edge.right] -= 1;
            if waits_for[edge.right] == 0 {
                order.push(edge.right);
            }
        }
    }
    order
}

/// Splits layers that are much higher than the whole should be. The boxes of a layer have no edges
/// among each other, so that any of them may stand in any of its columns: those that are referred
/// to go right, nearer to what refers to them.
fn split_high_layers(sizes: &[Vec2], edges: &[Directed], layer: &mut [usize], gap: f32) {
    let height = |node: usize| sizes[node].y + gap;
    let area: f32 = sizes.iter().map(|size| (size.x + 2.0 * gap) * (size.y + gap)).sum();
    let tallest = (0..sizes.len()).map(height).fold(0.0, f32::max);
    let most = (area / ASPECT).sqrt().max(tallest) * 1.25;
    let count = layer.iter().max().map_or(0, |last| last + 1);
    let mut next = 0;
    for number in 0..count {
        let mut nodes: Vec<usize> =
            (0..sizes.len()).filter(|&node| layer[node] == number).collect();
        let surplus = |node: usize| {
            let right = edges.iter().filter(|edge| edge.left == node).count().cast_signed();
            right - edges.iter().filter(|edge| edge.right == node).count().cast_signed()
        };
        let total: f32 = nodes.iter().map(|&node| height(node)).sum();
        let columns = (total / most).ceil().max(1.0);
        if columns > 1.0 {
            nodes.sort_by_key(|&node| (surplus(node), node));
        }
        let share = total / columns;
        let mut column = 0;
        let mut filled = 0.0;
        for node in nodes {
            if filled + height(node) / 2.0 > share {
                column += 1;
                filled = 0.0;
            }
            filled += height(node);
            // Numbers of this layer are not looked at again.
            layer[node] = usize::MAX - (next + column);
        }
        next += column + 1;
    }
    for slot in layer.iter_mut() {
        *slot = usize::MAX - *slot;
    }
}

/// A box, or a bend of a line, in a layer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Vertex {
    pub layer: usize,
    /// Zero for a bend.
    pub size: Vec2,
    pub is_bend: bool,
}

/// A piece of lines between neighbouring layers. Heights are measured from the vertices' tops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Segment {
    pub left: usize,
    pub left_height: f32,
    pub right: usize,
    pub right_height: f32,
}

/// Vertices in layers, and segments between neighbouring ones only.
#[derive(Clone, Debug)]
pub(super) struct Layered {
    /// The boxes first, in their order, then the bends.
    pub vertices: Vec<Vertex>,
    pub segments: Vec<Segment>,
    /// The vertices of each layer from top to bottom.
    pub layers: Vec<Vec<usize>>,
    /// For every edge the vertices from the one that refers to the one that is referred to, and
    /// the heights at both ends.
    pub paths: Vec<Path>,
}

/// The vertices that a line leads through.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub vertices: Vec<usize>,
    pub from_height: f32,
    pub to_height: f32,
}

impl Layered {
    /// Makes the layers, in which every edge that passes some has a bend in each. Lines to the same
    /// row share them: they look, and are counted, like one line that forks.
    pub fn new(sizes: &[Vec2], edges: &[Edge], directed: &[Directed], layer: &[usize]) -> Self {
        let mut vertices: Vec<Vertex> = sizes
            .iter()
            .zip(layer)
            .map(|(&size, &layer)| Vertex { layer, size, is_bend: false })
            .collect();
        let mut bends: BTreeMap<(usize, u32, bool, usize), usize> = BTreeMap::new();
        let mut segments: Vec<Segment> = Vec::new();
        let mut paths = Vec::with_capacity(edges.len());
        for (edge, direction) in edges.iter().zip(directed) {
            let mut through = vec![direction.left];
            for layer in layer[direction.left] + 1..layer[direction.right] {
                let key = (edge.to, edge.to_height.to_bits(), direction.is_reversed, layer);
                through.push(*bends.entry(key).or_insert_with(|| {
                    vertices.push(Vertex { layer, size: Vec2::ZERO, is_bend: true });
                    vertices.len() - 1
                }));
            }
            through.push(direction.right);
            let (left_height, right_height) = if direction.is_reversed {
                (edge.from_height, edge.to_height)
            } else {
                (edge.to_height, edge.from_height)
            };
            for pair in through.windows(2) {
                let (left, right) = (pair[0], pair[1]);
                let segment = Segment {
                    left,
                    left_height: if left == direction.left { left_height } else { 0.0 },
                    right,
                    right_height: if right == direction.right { right_height } else { 0.0 },
                };
                if !segments.contains(&segment) {
                    segments.push(segment);
                }
            }
            if !direction.is_reversed {
                through.reverse();
            }
            paths.push(Path {
                vertices: through,
                from_height: edge.from_height,
                to_height: edge.to_height,
            });
        }
        let count = layer.iter().max().map_or(0, |last| last + 1);
        let mut layers = vec![Vec::new(); count];
        for (number, vertex) in vertices.iter().enumerate() {
            layers[vertex.layer].push(number);
        }
        Self { vertices, segments, layers, paths }
    }
}
