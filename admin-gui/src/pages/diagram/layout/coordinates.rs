//! Finds coordinates for ordered layers: lines as straight as the order allows.
//!
//! Each layer in turn is put where its lines want it, which is the isotonic regression of the wanted
//! heights: the nearest ones, by least squares, that keep order and distances, found by pooling
//! neighbours that would overlap (Ayer and others, “An Empirical Distribution Function for Sampling
//! with Incomplete Information”, 1955).

#![expect(
    clippy::indexing_slicing,
    reason = "vertices are numbered by the graph these vectors are of"
)]

use egui::{Pos2, Rect, Vec2, pos2, vec2};

use super::Distances;
use super::layers::Layered;

/// Sweeps from left to right and back.
const SWEEPS: usize = 16;

/// Where everything stands, from the origin.
pub(super) struct Placed {
    pub boxes: Vec<Rect>,
    pub routes: Vec<Vec<Pos2>>,
    pub size: Vec2,
}

/// Places boxes and lines.
pub(super) fn place(graph: &Layered, distances: Distances) -> Placed {
    let tops = tops(graph, distances);
    let columns = columns(graph, distances);
    let boxes: Vec<Rect> = graph
        .vertices
        .iter()
        .zip(&tops)
        .filter(|(vertex, _)| !vertex.is_bend)
        .map(|(vertex, &top)| {
            let (left, width) = columns[vertex.layer];
            Rect::from_min_size(pos2(left, top), vec2(width, vertex.size.y))
        })
        .collect();
    let routes = graph.paths.iter().map(|path| {
        let leads_right = path.vertices.first().map(|&vertex| graph.vertices[vertex].layer)
            < path.vertices.last().map(|&vertex| graph.vertices[vertex].layer);
        let last = path.vertices.len() - 1;
        let mut points = Vec::new();
        for (position, &vertex) in path.vertices.iter().enumerate() {
            let (left, width) = columns[graph.vertices[vertex].layer];
            let (near, far) = if leads_right { (left, left + width) } else { (left + width, left) };
            if position == 0 {
                points.push(pos2(far, tops[vertex] + path.from_height));
            } else if position == last {
                points.push(pos2(near, tops[vertex] + path.to_height));
            } else {
                points.extend([pos2(near, tops[vertex]), pos2(far, tops[vertex])]);
            }
        }
        points
    });
    let routes: Vec<Vec<Pos2>> = routes.collect();
    let right = columns.last().map_or(0.0, |(left, width)| left + width);
    let bottom = graph
        .vertices
        .iter()
        .zip(&tops)
        .map(|(vertex, top)| top + vertex.size.y)
        .fold(0.0, f32::max);
    Placed { boxes, routes, size: vec2(right, bottom) }
}

/// Returns the left edge and the width of every layer.
fn columns(graph: &Layered, distances: Distances) -> Vec<(f32, f32)> {
    let mut left = 0.0;
    graph
        .layers
        .iter()
        .enumerate()
        .map(|(number, layer)| {
            let width =
                layer.iter().map(|&vertex| graph.vertices[vertex].size.x).fold(0.0, f32::max);
            let at = left;
            // Many lines between two layers need room to bend.
            let lines = graph
                .segments
                .iter()
                .filter(|segment| graph.vertices[segment.left].layer == number)
                .count();
            left += width + distances.layers + (lines as f32 * 2.0).min(distances.layers);
            (at, width)
        })
        .collect()
}

/// Returns the top of every vertex; the least is zero.
fn tops(graph: &Layered, distances: Distances) -> Vec<f32> {
    let mut top = vec![0.0_f32; graph.vertices.len()];
    for layer in &graph.layers {
        let mut next = 0.0;
        for (position, &vertex) in layer.iter().enumerate() {
            if position > 0 {
                next += gap(graph, layer[position - 1], vertex, distances);
            }
            top[vertex] = next;
            next += graph.vertices[vertex].size.y;
        }
    }
    let count = graph.layers.len();
    for sweep in 0..SWEEPS {
        let is_last = sweep + 1 == SWEEPS;
        for step in 0..count {
            let (number, side) =
                if sweep % 2 == 0 { (step, Side::Left) } else { (count - 1 - step, Side::Right) };
            let side = if is_last { Side::Both } else { side };
            straighten(graph, number, side, distances, &mut top);
        }
    }
    let least = top.iter().copied().fold(f32::INFINITY, f32::min);
    for value in &mut top {
        // Whole points: text and lines stay sharp.
        *value = (*value - least).round();
    }
    top
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    Both,
}

/// Returns the least distance between two vertices of a layer that follow each other. One more than
/// asked for: heights are rounded in the end.
fn gap(graph: &Layered, upper: usize, lower: usize, distances: Distances) -> f32 {
    let is_line = graph.vertices[upper].is_bend || graph.vertices[lower].is_bend;
    1.0 + if is_line { distances.lines } else { distances.boxes }
}

/// Vertices that move together.
struct Block {
    /// The weighted mean of what they want, without the distances before them.
    mean: f32,
    weight: f32,
    count: usize,
}

/// Moves a layer's vertices as near as can be to where their lines are straight.
fn straighten(graph: &Layered, number: usize, side: Side, distances: Distances, top: &mut [f32]) {
    let layer = &graph.layers[number];
    let mut offsets = Vec::with_capacity(layer.len());
    let mut offset = 0.0;
    let mut blocks: Vec<Block> = Vec::new();
    for (position, &vertex) in layer.iter().enumerate() {
        if position > 0 {
            let upper = layer[position - 1];
            offset += graph.vertices[upper].size.y + gap(graph, upper, vertex, distances);
        }
        offsets.push(offset);
        let (wanted, weight) = wanted(graph, vertex, side, top);
        let mut block = Block { mean: wanted - offset, weight, count: 1 };
        while let Some(above) = blocks.pop_if(|above| above.mean >= block.mean) {
            let weight = above.weight + block.weight;
            block = Block {
                mean: (above.mean * above.weight + block.mean * block.weight) / weight,
                weight,
                count: above.count + block.count,
            };
        }
        blocks.push(block);
    }
    let means = blocks.iter().flat_map(|block| std::iter::repeat_n(block.mean, block.count));
    for ((&vertex, mean), offset) in layer.iter().zip(means).zip(&offsets) {
        top[vertex] = mean + offset;
    }
}

/// Returns the top at which a vertex's lines are straight on average, and how much that matters:
/// lines that pass layers should not bend at all.
fn wanted(graph: &Layered, vertex: usize, side: Side, top: &[f32]) -> (f32, f32) {
    let mut sum = 0.0;
    let mut total = 0.0;
    for segment in &graph.segments {
        let (other, own_height, there) = if segment.right == vertex && side != Side::Right {
            (segment.left, segment.right_height, segment.left_height)
        } else if segment.left == vertex && side != Side::Left {
            (segment.right, segment.left_height, segment.right_height)
        } else {
            continue;
        };
        let weight = match (graph.vertices[vertex].is_bend, graph.vertices[other].is_bend) {
            (true, true) => 8.0,
            (false, false) => 1.0,
            _ => 2.0,
        };
        sum += weight * (top[other] + there - own_height);
        total += weight;
    }
    // Without lines at that side it had better stay where it is.
    if total > 0.0 { (sum / total, total) } else { (top[vertex], 0.1) }
}
