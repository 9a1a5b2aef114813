//! What holds of every layout.

#![expect(clippy::float_cmp, reason = "heights and edges are copied, not computed")]

use super::cycles::without_cycles;
use super::layers::{Layered, assign};
use super::ordering::{crossings, reduce_crossings};
use super::*;

/// Numbers that look random and are the same in every run (a linear congruential generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

fn edge(from: usize, to: usize) -> Edge {
    Edge { from, from_height: 40.0, to, to_height: 40.0 }
}

/// Makes a schema of so many tables, some of which refer to others, to themselves, or in circles.
fn schema(seed: u64, count: usize, references: usize) -> (Vec<Vec2>, Vec<Edge>) {
    let mut numbers = Numbers(seed);
    let sizes =
        (0..count).map(|_| vec2(120.0, 60.0 + 20.0 * numbers.below(9) as f32)).collect::<Vec<_>>();
    let edges = (0..references).map(|_| {
        let (from, to) = (numbers.below(count), numbers.below(count));
        let from_height = 40.0 + 20.0 * numbers.below(2) as f32;
        Edge { from, from_height, to, to_height: 40.0 }
    });
    (sizes, edges.collect())
}

fn layered(sizes: &[Vec2], edges: &[Edge]) -> Layered {
    let edges: Vec<Edge> = edges.iter().copied().filter(|edge| edge.from != edge.to).collect();
    let directed = without_cycles(sizes.len(), &edges);
    let layer = assign(sizes, &directed, 28.0);
    Layered::new(sizes, &edges, &directed, &layer)
}

fn overlaps(boxes: &[Rect]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (one, rect) in boxes.iter().enumerate() {
        for (other, neighbour) in boxes.iter().enumerate().skip(one + 1) {
            if rect.shrink(0.5).intersects(neighbour.shrink(0.5)) {
                found.push((one, other));
            }
        }
    }
    found
}

#[test]
fn boxes_never_overlap_and_stay_inside() {
    for seed in 0..60 {
        let (sizes, edges) = schema(seed, 3 + usize::try_from(seed).unwrap() / 2, 40);
        let layout = layout(&sizes, &edges, Distances::default());
        assert_eq!(overlaps(&layout.boxes), [], "seed {seed}");
        let whole = Rect::from_min_size(Pos2::ZERO, layout.size).expand(0.5);
        for (rect, size) in layout.boxes.iter().zip(&sizes) {
            assert!(whole.contains_rect(*rect), "seed {seed}: {rect} outside of {whole}");
            assert!((rect.height() - size.y).abs() < 0.01 && rect.width() >= size.x);
        }
    }
}

#[test]
fn lines_start_and_end_at_their_rows() {
    let (sizes, edges) = schema(7, 20, 40);
    let layout = layout(&sizes, &edges, Distances::default());
    for (edge, route) in edges.iter().zip(&layout.routes) {
        let (first, last) = (route.points.first().unwrap(), route.points.last().unwrap());
        let at = |number: usize, point: &Pos2, height: f32| {
            let rect = layout.boxes[number];
            (point.x == rect.left() || point.x == rect.right())
                && (point.y - rect.top() - height).abs() < 0.01
        };
        assert!(at(edge.from, first, edge.from_height), "{edge:?} starts at {first}");
        assert!(at(edge.to, last, edge.to_height), "{edge:?} ends at {last}");
    }
}

#[test]
fn lines_pass_no_box() {
    for seed in 0..30 {
        let (sizes, edges) = schema(seed, 24, 36);
        let layout = layout(&sizes, &edges, Distances::default());
        for route in layout.routes.iter().filter(|route| !route.is_loop) {
            // The straight parts inside layers; between layers there are no boxes.
            for pair in route.points[1..route.points.len() - 1].chunks(2) {
                let line = Rect::from_two_pos(pair[0], pair[1]);
                let hit = layout.boxes.iter().position(|rect| rect.intersects(line));
                assert_eq!(hit, None, "seed {seed}");
            }
        }
    }
}

#[test]
fn the_same_schema_always_gives_the_same_picture() {
    let (sizes, edges) = schema(3, 30, 45);
    let first = layout(&sizes, &edges, Distances::default());
    assert_eq!(layout(&sizes, &edges, Distances::default()), first);
}

#[test]
fn there_are_never_more_crossings_than_in_the_given_order_or_in_random_ones() {
    let (mut ours, mut given, mut random) = (0, 0, 0);
    for seed in 0..40 {
        let (sizes, edges) = schema(seed, 22, 34);
        let mut graph = layered(&sizes, &edges);
        let before = crossings(&graph);
        let mut shuffled = graph.clone();
        let mut numbers = Numbers(seed);
        for layer in &mut shuffled.layers {
            for position in (1..layer.len()).rev() {
                layer.swap(position, numbers.below(position + 1));
            }
        }
        let after = reduce_crossings(&mut graph);
        assert_eq!(after, crossings(&graph), "seed {seed}: what is told is what is there");
        assert!(after <= before, "seed {seed}: {after} > {before}");
        assert!(after <= crossings(&shuffled), "seed {seed}");
        ours += after;
        given += before;
        random += crossings(&shuffled);
    }
    assert!(ours * 3 < given && ours * 3 < random, "{ours} of {given} and {random} are left");
}

#[test]
fn crossings_are_counted_as_one_would_by_looking() {
    // Two pairs, each referring to the other's target.
    let sizes = vec![vec2(100.0, 60.0); 4];
    let mut graph = layered(&sizes, &[edge(2, 1), edge(3, 0)]);
    assert_eq!(graph.layers, [vec![0, 1], vec![2, 3]]);
    assert_eq!(crossings(&graph), 1);
    assert_eq!(reduce_crossings(&mut graph), 0);
}

#[test]
fn a_tree_is_drawn_without_crossings() {
    let sizes = vec![vec2(120.0, 80.0); 15];
    let edges: Vec<Edge> = (1..15).map(|child| edge(child, (child - 1) / 2)).collect();
    assert_eq!(layout(&sizes, &edges, Distances::default()).crossings, 0);
}

#[test]
fn a_chain_runs_straight_from_left_to_right() {
    let sizes = vec![vec2(120.0, 80.0); 4];
    let layout = layout(&sizes, &[edge(3, 2), edge(2, 1), edge(1, 0)], Distances::default());
    for pair in layout.boxes.windows(2) {
        assert!(pair[0].right() < pair[1].left());
        assert_eq!(pair[0].top(), pair[1].top());
    }
}

#[test]
fn what_is_referred_to_stands_at_the_left_even_in_circles() {
    let sizes = vec![vec2(120.0, 80.0); 4];
    // 1, 2 and 3 refer to each other in a circle; only one line may run against the rest.
    let edges = [edge(1, 0), edge(2, 1), edge(3, 2), edge(1, 3)];
    let layout = layout(&sizes, &edges, Distances::default());
    let against = edges
        .iter()
        .filter(|edge| layout.boxes[edge.from].left() < layout.boxes[edge.to].left())
        .count();
    assert_eq!(against, 1);
    assert_eq!(overlaps(&layout.boxes), []);
}

#[test]
fn a_reference_to_itself_runs_around_the_right_side() {
    let layout = layout(
        &[vec2(120.0, 100.0)],
        &[Edge { from: 0, from_height: 60.0, to: 0, to_height: 40.0 }],
        Distances::default(),
    );
    assert!(layout.routes[0].is_loop);
    assert_eq!(layout.routes[0].points, [egui::pos2(120.0, 60.0), egui::pos2(120.0, 40.0)]);
}

#[test]
fn parts_that_are_not_connected_stand_side_by_side() {
    let sizes = vec![vec2(120.0, 80.0); 6];
    let layout = layout(&sizes, &[edge(1, 0), edge(3, 2)], Distances::default());
    assert_eq!(overlaps(&layout.boxes), []);
    assert!(layout.size.x > layout.size.y, "{}", layout.size);
    assert!(layout.size.x < 900.0, "{}", layout.size);
}

#[test]
fn many_tables_that_refer_to_one_stand_in_several_columns() {
    let sizes = vec![vec2(120.0, 80.0); 61];
    let edges: Vec<Edge> = (1..61).map(|from| edge(from, 0)).collect();
    let layout = layout(&sizes, &edges, Distances::default());
    assert_eq!(overlaps(&layout.boxes), []);
    assert_eq!(layout.crossings, 0);
    let ratio = layout.size.x / layout.size.y;
    assert!((0.4..4.0).contains(&ratio), "{} is no picture for a screen", layout.size);
}

#[test]
fn nothing_gives_nothing() {
    let nothing = layout(&[], &[], Distances::default());
    assert_eq!((nothing.boxes.len(), nothing.size), (0, Vec2::ZERO));
}

#[test]
fn a_hundred_tables_are_laid_out_at_once() {
    let (sizes, edges) = schema(11, 100, 150);
    let started = std::time::Instant::now();
    let layout = layout(&sizes, &edges, Distances::default());
    assert_eq!(overlaps(&layout.boxes), []);
    // Generous: this is a build without optimisation on a busy machine.
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
