//! Rows that are all in memory as a source of a grid: what an import would write, what a statement has
//! found. No pane shows such rows yet.

use std::cmp::Ordering;
use std::convert::Infallible;

use persistence::{Direction, Order, Record};

use super::source::{Restore, RowSource, SourceColumn, Total, Viewport};
use crate::tasks::{Labels, ListedRow};

/// Rows that are all in memory. They need no primary key: each is known by its number among the rows
/// as they were given.
#[derive(Debug)]
pub struct ListedRows {
    id: String,
    columns: Vec<SourceColumn>,
    /// As they were given.
    rows: Vec<ListedRow>,
    order: Order,
    /// The numbers of the rows, in the order.
    ordered: Vec<usize>,
    /// Nothing is known of rows that are referred to.
    labels: Labels,
}

impl ListedRows {
    /// Makes a source of some rows, in the order in which they are given. `id` tells it from the
    /// sources of other grids on the screen. A column with the name of another one before it has its
    /// number beside it.
    #[must_use]
    pub fn new(id: impl Into<String>, columns: Vec<SourceColumn>, rows: Vec<Record>) -> Self {
        Self {
            id: id.into(),
            columns: told_apart(columns),
            ordered: (0..rows.len()).collect(),
            rows: rows.into_iter().map(ListedRow::from).collect(),
            order: Order::default(),
            labels: Labels::default(),
        }
    }

    fn number(&self, row: u64) -> Option<usize> {
        self.ordered.get(usize::try_from(row).ok()?).copied()
    }

    /// Returns the positions that it is sorted by.
    fn terms(&self) -> Vec<(usize, Direction)> {
        let position = |name: &str| self.columns.iter().position(|column| column.name == name);
        let terms = self.order.0.iter();
        terms.filter_map(|term| Some((position(&term.column)?, term.direction))).collect()
    }
}

impl RowSource for ListedRows {
    type Key = usize;
    type Cursor = ();
    type Request = Infallible;

    fn id(&self) -> &str {
        &self.id
    }

    fn columns(&self) -> Vec<(usize, SourceColumn)> {
        self.columns.iter().cloned().enumerate().collect()
    }

    fn row(&self, row: u64) -> Option<(&ListedRow, &Labels)> {
        Some((self.rows.get(self.number(row)?)?, &self.labels))
    }

    fn key(&self, row: u64) -> Option<usize> {
        self.number(row)
    }

    fn find(&self, key: &usize) -> Option<u64> {
        self.ordered.iter().position(|number| number == key).map(|row| row as u64)
    }

    fn cursor(&self, row: u64) -> Option<()> {
        self.number(row).map(drop)
    }

    fn total(&self) -> Option<Total> {
        Some(Total { rows: self.length(), is_exact: true })
    }

    fn length(&self) -> u64 {
        self.rows.len() as u64
    }

    fn order(&self) -> &Order {
        &self.order
    }

    fn set_order(&mut self, order: Order, focused: Option<usize>) -> Option<Restore<usize>> {
        self.order = order;
        let terms = self.terms();
        let mut ordered: Vec<usize> = (0..self.rows.len()).collect();
        // A stable sort: equal rows stay as they were given.
        ordered.sort_by(|a, b| {
            self.rows
                .get(*a)
                .zip(self.rows.get(*b))
                .map_or(Ordering::Equal, |(a, b)| compare(&terms, a, b))
        });
        self.ordered = ordered;
        Some(Restore { focused, ..Restore::default() })
    }

    fn request(&mut self, _viewport: Viewport) -> Option<Infallible> {
        None
    }
}

fn compare(terms: &[(usize, Direction)], a: &ListedRow, b: &ListedRow) -> Ordering {
    let orderings = terms.iter().map(|(position, direction)| {
        let ordering = a.cell(*position).start().cmp(b.cell(*position).start());
        match direction {
            Direction::Ascending => ordering,
            Direction::Descending => ordering.reverse(),
        }
    });
    orderings.fold(Ordering::Equal, Ordering::then)
}

/// Numbers columns of one name, so that no two have the same: `name`, `name (2)`.
fn told_apart(mut columns: Vec<SourceColumn>) -> Vec<SourceColumn> {
    for index in 1..columns.len() {
        let (before, rest) = columns.split_at_mut(index);
        let Some(column) = rest.first_mut() else { continue };
        let name = column.name.clone();
        let mut number = 1;
        while before.iter().any(|other| other.name == column.name) {
            number += 1;
            column.name = format!("{name} ({number})").into();
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use persistence::{ColumnType, Value};

    use super::*;
    use crate::grid::state::{Focus, RowGrid, SelectStep, SortBy};

    /// Makes rows of names and numbers, two names twice.
    fn listed() -> ListedRows {
        let rows = [("b", 2), ("a", 2), ("b", 1), ("c", 10), ("a", 1)];
        let record = |(name, number): (&str, i64)| Record(vec![name.into(), number.into()]);
        let number = SourceColumn::new("number", ColumnType::Integer { bits: 64 });
        let columns = vec![SourceColumn::new("name", ColumnType::Text), number];
        ListedRows::new("listed", columns, rows.into_iter().map(record).collect())
    }

    fn shown(grid: &RowGrid<ListedRows>) -> String {
        let rows = (0..grid.extent().total).filter_map(|row| grid.row(row));
        let said = |(row, _): (&ListedRow, _)| {
            let value = |position| row.value(position).map(Value::to_string).unwrap_or_default();
            format!("{}{}", value(0), value(1))
        };
        rows.map(said).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn rows_are_sorted_by_each_column_in_turn_and_stand_as_given_otherwise() {
        let mut grid = RowGrid::from_source(listed());
        assert_eq!(shown(&grid), "b2 a2 b1 c10 a1");
        grid.sort(0, SortBy::Alone);
        assert_eq!(shown(&grid), "a2 a1 b2 b1 c10");
        grid.sort(1, SortBy::AsWell);
        assert_eq!(shown(&grid), "a1 a2 b1 b2 c10");
        grid.sort(0, SortBy::AsWell);
        assert_eq!(shown(&grid), "c10 b1 b2 a1 a2");
        grid.clear_order();
        assert_eq!(shown(&grid), "b2 a2 b1 c10 a1");
    }

    #[test]
    fn the_focused_row_and_the_selected_ones_stay_the_same_rows_in_another_order() {
        let mut grid = RowGrid::from_source(listed());
        grid.set_visible(10.0);
        grid.set_focus(Focus { row: 3, column: 1 });
        grid.select(SelectStep::Toggle(0));
        grid.select(SelectStep::ToggleTo(1));
        grid.sort(1, SortBy::Alone);
        assert_eq!(shown(&grid), "b1 a1 b2 a2 c10");
        assert_eq!(grid.focus(), Some(Focus { row: 4, column: 1 }));
        let source = grid.source();
        let is_selected =
            |row: &u64| source.key(*row).is_some_and(|key| grid.selection.contains(&key));
        assert_eq!((0..5).filter(is_selected).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(grid.selected(), 2);
    }

    #[test]
    fn columns_of_one_name_are_told_apart() {
        let columns = ["id", "id", "id (2)", "id"];
        let columns = columns.map(|name| SourceColumn::new(name, ColumnType::Text));
        let names: Vec<_> =
            told_apart(columns.into()).into_iter().map(|column| column.name).collect();
        assert_eq!(names, ["id", "id (2)", "id (2) (2)", "id (3)"]);
    }

    #[test]
    fn numbers_have_room_from_the_beginning() {
        let width = |number: i64| {
            let column = SourceColumn::new("number", ColumnType::Integer { bits: 64 });
            let source = ListedRows::new("listed", vec![column], vec![Record(vec![number.into()])]);
            RowGrid::from_source(source).columns.width()
        };
        assert!(width(1_000_000_000_000) > width(1) + 20.0);
    }
}
