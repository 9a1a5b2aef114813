//! Places boxes that refer to each other so that the lines between them are short, run in one
//! direction and seldom cross.
//!
//! The layered method of Sugiyama, Tagawa and Toda (“Methods for Visual Understanding of
//! Hierarchical System Structures”, IEEE Transactions on Systems, Man and Cybernetics, 1981): break
//! circles (`cycles`), assign layers (`layers`), order each layer (`ordering`), find
//! coordinates (`coordinates`). Parts that are not connected are laid out each by itself and then
//! put side by side (`packing`).
//!
//! What is referred to stands left of what refers to it. Nothing here is random: the same input
//! always gives the same picture.

mod coordinates;
mod cycles;
mod layers;
mod ordering;
mod packing;
#[cfg(test)]
mod tests;

use egui::{Pos2, Rect, Vec2, vec2};

/// A line between two boxes. Heights are measured from the top of a box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// The box that refers.
    pub from: usize,
    /// Where the line leaves it.
    pub from_height: f32,
    /// The box that is referred to.
    pub to: usize,
    /// Where the line ends.
    pub to_height: f32,
}

/// How far apart things stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distances {
    /// Between layers.
    pub layers: f32,
    /// Between the boxes of a layer.
    pub boxes: f32,
    /// Between a line that passes a layer and its neighbours.
    pub lines: f32,
    /// Between parts that are not connected.
    pub parts: f32,
}

impl Default for Distances {
    fn default() -> Self {
        Self { layers: 76.0, boxes: 28.0, lines: 14.0, parts: 56.0 }
    }
}

/// Where everything stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// The boxes, in the order they were given. Those of one layer are equally wide.
    pub boxes: Vec<Rect>,
    /// The lines, in the order they were given.
    pub routes: Vec<Route>,
    /// The size of the whole.
    pub size: Vec2,
    /// How often lines cross between layers.
    pub crossings: usize,
}

/// How a line runs, from the box that refers to the one that is referred to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Route {
    /// The points it runs through, horizontally at each.
    pub points: Vec<Pos2>,
    /// Whether it leads from a box to itself, around its right side.
    pub is_loop: bool,
}

/// Places boxes of these sizes, linked by these edges. Edges of boxes that do not exist are left
/// without a route.
#[must_use]
pub fn layout(sizes: &[Vec2], edges: &[Edge], distances: Distances) -> Layout {
    let mut result = Layout {
        boxes: vec![Rect::NOTHING; sizes.len()],
        routes: vec![Route::default(); edges.len()],
        ..Layout::default()
    };
    let parts: Vec<Part> = components(sizes.len(), edges)
        .iter()
        .map(|part| place(part, sizes, edges, distances))
        .collect();
    let part_sizes: Vec<Vec2> = parts.iter().map(|part| part.size).collect();
    let (places, size) = packing::pack(&part_sizes, distances.parts);
    result.size = size;
    for (part, place) in parts.into_iter().zip(places) {
        let offset = place.to_vec2();
        result.crossings += part.crossings;
        for (node, rect) in part.boxes {
            if let Some(slot) = result.boxes.get_mut(node) {
                *slot = rect.translate(offset);
            }
        }
        for (edge, mut route) in part.routes {
            for point in &mut route.points {
                *point += offset;
            }
            if let Some(slot) = result.routes.get_mut(edge) {
                *slot = route;
            }
        }
    }
    result
}

/// The boxes and edges that are connected with each other, by their numbers.
struct Component {
    nodes: Vec<usize>,
    edges: Vec<usize>,
}

/// A component that has been laid out, with its left top corner at the origin.
struct Part {
    boxes: Vec<(usize, Rect)>,
    routes: Vec<(usize, Route)>,
    size: Vec2,
    crossings: usize,
}

/// Returns the connected parts, each in the order of its numbers, by their first boxes.
fn components(count: usize, edges: &[Edge]) -> Vec<Component> {
    let mut component: Vec<usize> = (0..count).collect();
    let root = |component: &[usize], mut node: usize| {
        while let Some(&next) = component.get(node)
            && next != node
        {
            node = next;
        }
        node
    };
    let is_known = |edge: &&Edge| edge.from < count && edge.to < count;
    for edge in edges.iter().filter(is_known) {
        let (one, other) = (root(&component, edge.from), root(&component, edge.to));
        if let Some(slot) = component.get_mut(one.max(other)) {
            *slot = one.min(other);
        }
    }
    let mut found: Vec<(usize, Component)> = Vec::new();
    for node in 0..count {
        let root = root(&component, node);
        match found.iter_mut().find(|(other, _)| *other == root) {
            Some((_, part)) => part.nodes.push(node),
            None => found.push((root, Component { nodes: vec![node], edges: Vec::new() })),
        }
    }
    for (number, edge) in edges.iter().enumerate().filter(|(_, edge)| is_known(edge)) {
        let root = root(&component, edge.from);
        if let Some((_, part)) = found.iter_mut().find(|(other, _)| *other == root) {
            part.edges.push(number);
        }
    }
    found.into_iter().map(|(_, part)| part).collect()
}

/// Lays one component out.
fn place(part: &Component, sizes: &[Vec2], edges: &[Edge], distances: Distances) -> Part {
    let own_sizes: Vec<Vec2> =
        part.nodes.iter().filter_map(|&node| sizes.get(node).copied()).collect();
    let own = |node: usize| part.nodes.binary_search(&node).ok();
    let own_edges: Vec<(usize, Edge)> = part
        .edges
        .iter()
        .filter_map(|&number| {
            let edge = edges.get(number)?;
            Some((number, Edge { from: own(edge.from)?, to: own(edge.to)?, ..*edge }))
        })
        .collect();
    let (loops, straight): (Vec<_>, Vec<_>) =
        own_edges.into_iter().partition(|(_, edge)| edge.from == edge.to);
    let lines: Vec<Edge> = straight.iter().map(|(_, edge)| *edge).collect();

    let directed = cycles::without_cycles(own_sizes.len(), &lines);
    let assigned = layers::assign(&own_sizes, &directed, distances.boxes);
    let mut layered = layers::Layered::new(&own_sizes, &lines, &directed, &assigned);
    let crossings = ordering::reduce_crossings(&mut layered);
    let placed = coordinates::place(&layered, distances);

    let mut routes: Vec<(usize, Route)> = straight
        .iter()
        .zip(placed.routes)
        .map(|((number, _), points)| (*number, Route { points, is_loop: false }))
        .collect();
    for (number, edge) in loops {
        if let Some(rect) = placed.boxes.get(edge.from) {
            let points = [edge.from_height, edge.to_height]
                .map(|height| rect.right_top() + vec2(0.0, height))
                .to_vec();
            routes.push((number, Route { points, is_loop: true }));
        }
    }
    Part {
        boxes: part.nodes.iter().copied().zip(placed.boxes).collect(),
        routes,
        size: placed.size,
        crossings,
    }
}
