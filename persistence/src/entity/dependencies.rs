//! The order of tables: parents before children.

use std::collections::HashMap;

use super::{ColumnMeta, EntityId};

/// Sorts the entities, each after those it refers to. Those that refer to each other in a circle
/// stand together, the ones that must refer to others after those.
///
/// Source: R. Tarjan, "Depth-first search and linear graph algorithms", 1972, whose strongly
/// connected components come out in this order.
pub(crate) fn parents_first(entities: &[EntityId]) -> Vec<Vec<EntityId>> {
    let mut entities = entities.to_vec();
    entities.sort_unstable_by_key(|entity| (entity.meta().table, entity.meta().name));
    let groups = components(&entities, |_| true);
    groups
        .into_iter()
        .flat_map(|group| {
            let members: Vec<EntityId> =
                entities.iter().filter(|entity| group.contains(entity)).copied().collect();
            let ordered = components(&members, |column| !column.is_nullable);
            [ordered.into_iter().flatten().collect()]
        })
        .collect()
}

/// Finds the strongly connected components of the entities, along references that are wanted.
fn components(entities: &[EntityId], is_wanted: fn(&ColumnMeta) -> bool) -> Vec<Vec<EntityId>> {
    // More than one may have the same table.
    let mut by_table: HashMap<&str, Vec<usize>> = HashMap::new();
    for (position, entity) in (0..).zip(entities) {
        by_table.entry(entity.meta().table).or_default().push(position);
    }
    let parents: Vec<Vec<usize>> = entities
        .iter()
        .map(|entity| {
            let wanted = entity.meta().columns.iter().filter(|column| is_wanted(column));
            wanted
                .filter_map(|column| column.references.as_ref())
                .filter_map(|reference| by_table.get(reference.entity.meta().table))
                .flatten()
                .copied()
                .collect()
        })
        .collect();
    let mut search = Search { parents, seen: HashMap::new(), stack: Vec::new(), found: Vec::new() };
    for position in 0..entities.len() {
        if !search.seen.contains_key(&position) {
            search.visit(position);
        }
    }
    let entity = |position: usize| entities.get(position).copied();
    search.found.into_iter().map(|group| group.into_iter().filter_map(entity).collect()).collect()
}

struct Search {
    parents: Vec<Vec<usize>>,
    /// The lowest place on the stack that can be reached from one that was seen.
    seen: HashMap<usize, usize>,
    stack: Vec<usize>,
    found: Vec<Vec<usize>>,
}

impl Search {
    /// Visits an entity and those that it refers to, and returns the lowest place reached;
    /// recursion goes as deep as there are tables.
    fn visit(&mut self, at: usize) -> usize {
        let place = self.seen.len();
        self.seen.insert(at, place);
        self.stack.push(at);
        let mut lowest = place;
        for parent in self.parents.get(at).cloned().unwrap_or_default() {
            match self.seen.get(&parent) {
                None => lowest = lowest.min(self.visit(parent)),
                Some(&seen) if self.stack.contains(&parent) => lowest = lowest.min(seen),
                Some(_) => {}
            }
        }
        if lowest == place
            && let Some(start) = self.stack.iter().position(|&open| open == at)
        {
            self.found.push(self.stack.split_off(start));
        }
        lowest
    }
}
