//! Orders the vertices of each layer so that few lines cross.
//!
//! Layer by layer sweeps with a transpose pass after each, as in Gansner, Koutsofios, North and Vo,
//! “A Technique for Drawing Directed Graphs” (IEEE Transactions on Software Engineering, 1993),
//! with the median and the barycentre in turns. Crossings are counted as inversions (Barth, Jünger
//! and Mutzel, “Simple and Efficient Bilayer Cross Counting”, 2002).

#![expect(
    clippy::indexing_slicing,
    reason = "vertices are numbered by the graph these vectors are of"
)]

use super::layers::{Layered, Segment};

/// Sweeps over all layers; more change nothing that can be seen.
const SWEEPS: usize = 24;

/// Orders the layers anew; returns how many crossings are left. There are never more than before.
pub(super) fn reduce_crossings(graph: &mut Layered) -> usize {
    let neighbours = Neighbours::of(graph);
    let mut best = graph.layers.clone();
    let mut fewest = crossings(graph);
    let given = graph.layers.clone();
    let searched = depth_first(graph, &neighbours);
    for start in [&given, &searched, &reversed(&given), &reversed(&searched)] {
        graph.layers.clone_from(start);
        for sweep in 0..SWEEPS {
            if fewest == 0 {
                break;
            }
            let to_the_right = sweep % 2 == 0;
            let middle = if sweep % 4 < 2 { Middle::Median } else { Middle::Barycentre };
            sort_layers(graph, &neighbours, to_the_right, middle);
            transpose(graph, &neighbours);
            let count = crossings(graph);
            if count < fewest {
                fewest = count;
                best.clone_from(&graph.layers);
            }
        }
    }
    graph.layers = best;
    fewest
}

/// Returns the same layers upside down: another place to start the search from.
fn reversed(layers: &[Vec<usize>]) -> Vec<Vec<usize>> {
    layers.iter().map(|layer| layer.iter().rev().copied().collect()).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Middle {
    Median,
    Barycentre,
}

/// The ends of each vertex's segments.
struct Neighbours {
    /// For every vertex: the vertices at the left, and where within them the segments end.
    left: Vec<Vec<End>>,
    right: Vec<Vec<End>>,
}

#[derive(Clone, Copy)]
struct End {
    other: usize,
    there: f32,
}

impl Neighbours {
    fn of(graph: &Layered) -> Self {
        let mut left = vec![Vec::new(); graph.vertices.len()];
        let mut right = vec![Vec::new(); graph.vertices.len()];
        for segment in &graph.segments {
            let (at_left, at_right) = (left_part(graph, segment), right_part(graph, segment));
            right[segment.left].push(End { other: segment.right, there: at_right });
            left[segment.right].push(End { other: segment.left, there: at_left });
        }
        Self { left, right }
    }
}

/// Returns where a segment leaves its left vertex, as a part of that one's height below one.
fn left_part(graph: &Layered, segment: &Segment) -> f32 {
    part(segment.left_height, graph.vertices[segment.left].size.y)
}

fn right_part(graph: &Layered, segment: &Segment) -> f32 {
    part(segment.right_height, graph.vertices[segment.right].size.y)
}

fn part(height: f32, of: f32) -> f32 {
    if of > 0.0 { (height / of).clamp(0.0, 0.999) } else { 0.5 }
}

/// Returns how often segments cross as the layers are ordered now.
pub(super) fn crossings(graph: &Layered) -> usize {
    let place = places(graph);
    let mut between: Vec<Vec<(f32, f32)>> = vec![Vec::new(); graph.layers.len()];
    for segment in &graph.segments {
        between[graph.vertices[segment.left].layer].push((
            place[segment.left] + left_part(graph, segment),
            place[segment.right] + right_part(graph, segment),
        ));
    }
    between.into_iter().map(inversions).sum()
}

/// Returns how many pairs are in one order at the left and in the other at the right.
fn inversions(mut ends: Vec<(f32, f32)>) -> usize {
    ends.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    let mut rights: Vec<f32> = ends.into_iter().map(|(_, right)| right).collect();
    let mut buffer = rights.clone();
    sort_and_count(&mut rights, &mut buffer)
}

/// Sorts by merging, and returns how many pairs it had to swap.
fn sort_and_count(values: &mut [f32], buffer: &mut [f32]) -> usize {
    if values.len() < 2 {
        return 0;
    }
    let middle = values.len() / 2;
    let (low, high) = values.split_at_mut(middle);
    let mut count = {
        let (low_buffer, high_buffer) = buffer.split_at_mut(middle);
        sort_and_count(low, low_buffer) + sort_and_count(high, high_buffer)
    };
    let (mut from_low, mut from_high) = (0, 0);
    for slot in buffer.iter_mut() {
        let takes_low =
            from_high == high.len() || from_low < low.len() && low[from_low] <= high[from_high];
        if takes_low {
            *slot = low[from_low];
            from_low += 1;
        } else {
            *slot = high[from_high];
            from_high += 1;
            count += low.len() - from_low;
        }
    }
    values.copy_from_slice(buffer);
    count
}

/// Returns the place of every vertex in its layer.
fn places(graph: &Layered) -> Vec<f32> {
    let mut place = vec![0.0; graph.vertices.len()];
    for layer in &graph.layers {
        for (position, &vertex) in layer.iter().enumerate() {
            place[vertex] = position as f32;
        }
    }
    place
}

/// Puts vertices into the order in which a search along the lines finds them: what belongs to one
/// box starts close together.
fn depth_first(graph: &Layered, neighbours: &Neighbours) -> Vec<Vec<usize>> {
    let mut layers = vec![Vec::new(); graph.layers.len()];
    let mut is_seen = vec![false; graph.vertices.len()];
    for start in graph.layers.iter().flatten() {
        let mut stack = vec![*start];
        while let Some(vertex) = stack.pop() {
            if std::mem::replace(&mut is_seen[vertex], true) {
                continue;
            }
            layers[graph.vertices[vertex].layer].push(vertex);
            let ends = neighbours.left[vertex].iter().chain(&neighbours.right[vertex]);
            stack.extend(ends.map(|end| end.other).filter(|&other| !is_seen[other]));
        }
    }
    layers
}

/// Sorts each layer by the middle of where its vertices' segments come from.
fn sort_layers(graph: &mut Layered, neighbours: &Neighbours, to_the_right: bool, middle: Middle) {
    let count = graph.layers.len();
    let mut place = places(graph);
    let sides = if to_the_right { &neighbours.left } else { &neighbours.right };
    let numbers: Vec<usize> =
        if to_the_right { (0..count).collect() } else { (0..count).rev().collect() };
    for number in numbers {
        let mut keyed: Vec<(f32, usize)> = graph.layers[number]
            .iter()
            .map(|&vertex| {
                (wanted(&sides[vertex], &place, middle).unwrap_or(place[vertex]), vertex)
            })
            .collect();
        // Vertices without segments stay where they are, as far as the others let them.
        keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
        graph.layers[number] = keyed.into_iter().map(|(_, vertex)| vertex).collect();
        for (position, &vertex) in graph.layers[number].iter().enumerate() {
            place[vertex] = position as f32;
        }
    }
}

/// Returns the middle of where a vertex's segments come from.
fn wanted(ends: &[End], place: &[f32], middle: Middle) -> Option<f32> {
    let mut heights: Vec<f32> = ends.iter().map(|end| place[end.other] + end.there).collect();
    if heights.is_empty() {
        return None;
    }
    if middle == Middle::Barycentre {
        return Some(heights.iter().sum::<f32>() / heights.len() as f32);
    }
    heights.sort_by(f32::total_cmp);
    let half = heights.len() / 2;
    Some(if heights.len() % 2 == 1 {
        heights[half]
    } else {
        f32::midpoint(heights[half - 1], heights[half])
    })
}

/// Swaps neighbours as long as that leaves fewer crossings.
fn transpose(graph: &mut Layered, neighbours: &Neighbours) {
    let mut place = places(graph);
    // Each round but the last removes a crossing; the limit is for huge graphs.
    for _ in 0..8 {
        let mut is_better = false;
        for layer in &mut graph.layers {
            for position in 1..layer.len() {
                let (upper, lower) = (layer[position - 1], layer[position]);
                let now = pair_crossings(neighbours, &place, upper, lower);
                let then = pair_crossings(neighbours, &place, lower, upper);
                if then < now {
                    layer.swap(position - 1, position);
                    place[lower] = (position - 1) as f32;
                    place[upper] = position as f32;
                    is_better = true;
                }
            }
        }
        if !is_better {
            return;
        }
    }
}

/// Returns how often the segments of two neighbours cross each other with the first one above.
fn pair_crossings(neighbours: &Neighbours, place: &[f32], upper: usize, lower: usize) -> usize {
    [&neighbours.left, &neighbours.right]
        .into_iter()
        .map(|side| {
            let height = |end: &End| place[end.other] + end.there;
            let uppers = side[upper].iter();
            uppers
                .map(|one| side[lower].iter().filter(|other| height(one) > height(other)).count())
                .sum::<usize>()
        })
        .sum()
}
