//! Breaks circles of references, so that all lines can run in one direction.

#![expect(
    clippy::indexing_slicing,
    reason = "boxes are numbered by the graph these vectors are of"
)]

use super::Edge;

/// An edge as it runs from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Directed {
    /// The box at the left: the one that is referred to, unless that would close a circle.
    pub left: usize,
    /// The box at the right.
    pub right: usize,
    /// Whether the box that refers is the one at the left.
    pub is_reversed: bool,
}

/// Returns the direction of every edge, without circles. Edges from a box to itself must not be
/// given.
///
/// The greedy heuristic of Eades, Lin and Smyth (“A fast and effective heuristic for the feedback
/// arc set problem”, Information Processing Letters, 1993): boxes are put in a row, sinks at its
/// end, sources at its start, else the box with the most edges to the right over those to the left;
/// edges against the row are turned round.
pub(super) fn without_cycles(count: usize, edges: &[Edge]) -> Vec<Directed> {
    let place = places(count, edges);
    edges
        .iter()
        .map(|edge| {
            let is_reversed = place[edge.to] > place[edge.from];
            let (left, right) =
                if is_reversed { (edge.from, edge.to) } else { (edge.to, edge.from) };
            Directed { left, right, is_reversed }
        })
        .collect()
}

/// Returns the place of every box in the row.
fn places(count: usize, edges: &[Edge]) -> Vec<usize> {
    let mut is_placed = vec![false; count];
    let mut place = vec![0; count];
    let (mut first, mut last) = (0, count);
    while first < last {
        // Edges run from what is referred to (left) to what refers (right).
        let mut outgoing = vec![0_usize; count];
        let mut incoming = vec![0_usize; count];
        for edge in edges {
            if !is_placed[edge.from] && !is_placed[edge.to] {
                outgoing[edge.to] += 1;
                incoming[edge.from] += 1;
            }
        }
        let free: Vec<usize> = (0..count).filter(|&node| !is_placed[node]).collect();
        let sinks: Vec<usize> = free
            .iter()
            .copied()
            .filter(|&node| outgoing[node] == 0 && incoming[node] > 0)
            .collect();
        if !sinks.is_empty() {
            for node in sinks.into_iter().rev() {
                last -= 1;
                place[node] = last;
                is_placed[node] = true;
            }
            continue;
        }
        let sources: Vec<usize> =
            free.iter().copied().filter(|&node| incoming[node] == 0).collect();
        let next = if sources.is_empty() {
            free.into_iter()
                .max_by_key(|&node| {
                    let surplus = outgoing[node].cast_signed() - incoming[node].cast_signed();
                    (surplus, std::cmp::Reverse(node))
                })
                .into_iter()
                .collect()
        } else {
            sources
        };
        for node in next {
            place[node] = first;
            is_placed[node] = true;
            first += 1;
        }
    }
    place
}
