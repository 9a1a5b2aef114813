//! A grid's columns: which are shown, in which order, how wide, and which stay in sight.

use std::borrow::Cow;
use std::ops::Range;

use persistence::ColumnType;

use super::layout::ColumnLayout;
use crate::grid::source::SourceColumn;
use crate::i18n::Language;
use crate::tasks::ListedRow;

/// The narrowest a column can be dragged.
pub const NARROWEST: f32 = 36.0;

/// The widest a column can be dragged.
pub const WIDEST: f32 = 1200.0;

/// The widest that a title makes its column, in points.
const WIDEST_TITLE: f32 = 320.0;

/// The widest that free room makes the column that names rows, in points.
const WIDEST_LABEL: f32 = 440.0;

/// The narrowest that other columns make it, in points.
const LEAST_LABEL: f32 = 150.0;

/// How wide a digit is, in points.
const DIGIT: f32 = 8.0;

/// Room for the margins of a number, in points.
const BESIDE_DIGITS: f32 = 26.0;

/// One column of the grid.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct GridColumn {
    /// Its position among the values of a row.
    pub position: usize,
    /// What the source says of it.
    pub meta: SourceColumn,
    /// How wide it is, in points.
    pub width: f32,
    /// What its values need, in points.
    content: f32,
    /// What its title needs, in points; nothing until that has been measured.
    title: f32,
    /// Whether it is the one that names rows, which takes what room there is.
    is_label: bool,
    /// Whether a person has chosen the width.
    is_resized: bool,
    is_hidden: bool,
    is_frozen: bool,
}

impl GridColumn {
    fn new(position: usize, meta: SourceColumn) -> Self {
        let content = usual_width(&meta);
        Self {
            position,
            width: content,
            content,
            title: 0.0,
            is_label: meta.names_rows && meta.references.is_none(),
            meta,
            is_resized: false,
            is_hidden: false,
            is_frozen: false,
        }
    }

    /// Returns whether it is not shown.
    #[must_use]
    pub const fn is_hidden(&self) -> bool {
        self.is_hidden
    }

    /// Returns whether it stays at the left while the others are scrolled.
    #[must_use]
    pub const fn is_frozen(&self) -> bool {
        self.is_frozen
    }

    /// Gives it the room that its values and its title need, unless a person has chosen the width.
    fn settle(&mut self) {
        if !self.is_resized {
            self.width = self.content.max(self.title);
        }
    }
}

/// Where a column stands on the screen, counted from the left edge of the grid.
#[derive(Clone, Debug)]
pub struct Placed<'c> {
    /// Its place among the columns that are shown.
    pub place: usize,
    /// Its left edge, in points; may be out of sight.
    pub left: f32,
    /// Left of this, frozen columns cover it.
    pub covered: f32,
    /// The column.
    pub column: &'c GridColumn,
}

/// A grid's columns. A place is counted among those that are shown, from left to right: first the
/// frozen ones, then the others.
#[derive(Clone, Debug)]
pub struct Columns {
    all: Vec<GridColumn>,
    /// The language whose titles have room.
    language: Option<Language>,
}

impl Columns {
    /// Makes columns with their positions among the values of a row, each as wide as its type
    /// usually needs.
    #[must_use]
    pub fn new(columns: Vec<(usize, SourceColumn)>) -> Self {
        let columns =
            columns.into_iter().map(|(position, column)| GridColumn::new(position, column));
        Self { all: columns.collect(), language: None }
    }

    /// Arranges them as they usually are.
    pub fn reset(&mut self) {
        let mut columns: Vec<_> =
            self.all.drain(..).map(|column| (column.position, column.meta)).collect();
        columns.sort_by_key(|(position, _)| *position);
        *self = Self::new(columns);
    }

    /// Returns those that are shown.
    pub fn shown(&self) -> impl Iterator<Item = &GridColumn> {
        self.all.iter().filter(|column| !column.is_hidden)
    }

    /// Returns all of them, those that are hidden as well.
    pub fn all(&self) -> impl Iterator<Item = &GridColumn> {
        self.all.iter()
    }

    /// Returns how many are shown.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shown().count()
    }

    /// Returns a column by its place.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&GridColumn> {
        self.shown().nth(place)
    }

    /// Returns the name of a column by its position.
    pub(super) fn named(&self, position: usize) -> Option<Cow<'static, str>> {
        let column = self.all.iter().find(|column| column.position == position)?;
        Some(column.meta.name.clone())
    }

    /// Returns the place of a column by its position, while it is shown.
    #[must_use]
    pub fn place_of(&self, position: usize) -> Option<usize> {
        self.shown().position(|column| column.position == position)
    }

    /// Returns how wide all are together.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.shown().map(|column| column.width).sum()
    }

    /// Returns how wide those are together that stay at the left.
    #[must_use]
    pub fn frozen_width(&self) -> f32 {
        self.shown().filter(|column| column.is_frozen).map(|column| column.width).sum()
    }

    /// Returns the columns with their places and where they stand, counted from the left edge of
    /// the first.
    pub fn spans(&self) -> impl Iterator<Item = (usize, Range<f32>, &GridColumn)> {
        let mut left = 0.0;
        self.shown().enumerate().map(move |(place, column)| {
            let span = left..left + column.width;
            left = span.end;
            (place, span, column)
        })
    }

    /// Returns the columns as they stand while the grid is scrolled so far to the right.
    pub fn placed(&self, horizontal: f32) -> impl Iterator<Item = Placed<'_>> {
        let frozen = self.frozen_width();
        self.spans().map(move |(place, span, column)| {
            let (left, covered) = if column.is_frozen {
                (span.start, 0.0)
            } else {
                (span.start - horizontal, frozen)
            };
            Placed { place, left, covered, column }
        })
    }

    /// Returns how far to scroll to the right so that a column is in sight, from where it is
    /// scrolled now.
    #[must_use]
    pub fn revealing(&self, place: usize, horizontal: f32, visible: f32) -> f32 {
        let frozen = self.frozen_width();
        match self.spans().nth(place) {
            Some((_, span, column)) if !column.is_frozen => {
                let most = span.start - frozen;
                horizontal.clamp((span.end - visible).min(most), most)
            }
            _ => horizontal,
        }
    }

    /// Returns the place among the shown columns that a point lies in, counted from the left edge
    /// of the grid.
    #[must_use]
    pub fn place_at(&self, x: f32, horizontal: f32) -> Option<usize> {
        self.placed(horizontal)
            .find(|placed| {
                x >= placed.left.max(placed.covered) && x < placed.left + placed.column.width
            })
            .map(|placed| placed.place)
    }

    /// Makes a column wider or narrower.
    pub fn resize(&mut self, place: usize, width: f32) {
        if let Some(column) = self.get_mut(place) {
            column.width = width.clamp(NARROWEST, WIDEST);
            column.is_resized = true;
        }
    }

    /// Makes a column wide enough for so many digits, unless a person has chosen
    /// its width: half a number is another number.
    pub fn make_room(&mut self, position: usize, digits: usize) {
        #[expect(clippy::cast_precision_loss, reason = "numbers are short")]
        let needed = (digits as f32).mul_add(DIGIT, BESIDE_DIGITS).min(WIDEST);
        if let Some(column) = self.all.iter_mut().find(|column| column.position == position) {
            column.content = column.content.max(needed);
            column.settle();
        }
    }

    /// Makes the columns of numbers wide enough for those of some rows, unless a person has chosen
    /// their width.
    pub fn make_room_for_values<'r>(&mut self, rows: impl Iterator<Item = &'r ListedRow>) {
        let is_of_numbers = |column: &&GridColumn| column.meta.is_right_aligned();
        let numbers = self.all.iter().filter(is_of_numbers);
        let mut longest: Vec<_> = numbers.map(|column| (column.position, 0)).collect();
        for row in rows {
            for (position, digits) in &mut longest {
                *digits = row.cell(*position).start().to_string().len().max(*digits);
            }
        }
        for (position, digits) in longest {
            self.make_room(position, digits);
        }
    }

    /// Makes columns wide enough for their titles in a language, unless that has been done or a
    /// person has chosen the width. `needed` says how wide a title is, with the marks beside it.
    pub fn make_room_for_titles(
        &mut self,
        language: Language,
        needed: impl Fn(&GridColumn) -> f32,
    ) {
        if self.language.replace(language) == Some(language) {
            return;
        }
        for column in &mut self.all {
            column.title = needed(column).min(WIDEST_TITLE);
            column.settle();
        }
    }

    /// Gives the column that names rows the room that is left over, or takes from it what the others
    /// lack, unless a person has chosen its width.
    pub fn fill(&mut self, room: f32) {
        let others: f32 =
            self.shown().filter(|column| !column.is_label).map(|column| column.width).sum();
        let is_label =
            |column: &&mut GridColumn| column.is_label && !column.is_hidden && !column.is_resized;
        if let Some(label) = self.all.iter_mut().find(is_label) {
            let usual = label.content.max(label.title);
            let least = usual.min(LEAST_LABEL.max(label.title));
            label.width = (room - others).floor().clamp(least, usual.max(WIDEST_LABEL));
        }
    }

    /// Shows a column, or hides it. The last one that is shown stays.
    pub fn set_hidden(&mut self, position: usize, is_hidden: bool) {
        if is_hidden && self.len() == 1 {
            return;
        }
        if let Some(column) = self.all.iter_mut().find(|column| column.position == position) {
            column.is_hidden = is_hidden;
        }
    }

    /// Keeps a column at the left, or lets it scroll with the others.
    pub fn set_frozen(&mut self, position: usize, is_frozen: bool) {
        if let Some(column) = self.all.iter_mut().find(|column| column.position == position) {
            column.is_frozen = is_frozen;
        }
        // A stable sort: all others stay in their order.
        self.all.sort_by_key(|column| !column.is_frozen);
    }

    /// Moves a column to the place of another one. Frozen columns stay before the others.
    pub fn move_to(&mut self, from: usize, to: usize) {
        let index = |columns: &Self, place: usize| {
            let position = columns.get(place)?.position;
            columns.all.iter().position(|column| column.position == position)
        };
        let (Some(from), Some(to)) = (index(self, from), index(self, to)) else { return };
        let column = self.all.remove(from);
        self.all.insert(to, column);
        self.all.sort_by_key(|column| !column.is_frozen);
    }

    /// Moves a column before the one that stands before it, or after the next one,
    /// whether these are shown or not.
    pub fn step(&mut self, position: usize, by: isize) {
        let Some(from) = self.all.iter().position(|column| column.position == position) else {
            return;
        };
        if let Some(to) = from.checked_add_signed(by).filter(|to| *to < self.all.len()) {
            let column = self.all.remove(from);
            self.all.insert(to, column);
            self.all.sort_by_key(|column| !column.is_frozen);
        }
    }

    /// Returns the columns as they are kept between starts.
    #[must_use]
    pub fn layout(&self) -> Vec<ColumnLayout> {
        self.all
            .iter()
            .map(|column| ColumnLayout {
                name: column.meta.name.clone().into_owned(),
                width: column.is_resized.then_some(column.width),
                is_hidden: column.is_hidden,
                is_frozen: column.is_frozen,
            })
            .collect()
    }

    /// Returns whether that is the [`layout`](Self::layout).
    #[must_use]
    pub fn is_as(&self, layout: &[ColumnLayout]) -> bool {
        let is_same = |(column, kept): (&GridColumn, &ColumnLayout)| {
            column.meta.name == kept.name
                && column.is_resized.then_some(column.width) == kept.width
                && (column.is_hidden, column.is_frozen) == (kept.is_hidden, kept.is_frozen)
        };
        self.all.len() == layout.len() && self.all.iter().zip(layout).all(is_same)
    }

    /// Arranges the columns as they were kept. Those that are kept and not there are passed over,
    /// those that are there and were not kept stand at the end.
    pub fn arrange(&mut self, layout: &[ColumnLayout]) {
        self.reset();
        let columns = &mut self.all;
        let kept = |column: &GridColumn| {
            layout.iter().position(|kept| kept.name == column.meta.name).unwrap_or(usize::MAX)
        };
        columns.sort_by_key(kept);
        for column in columns.iter_mut() {
            let Some(kept) = layout.iter().find(|kept| kept.name == column.meta.name) else {
                continue;
            };
            if let Some(width) = kept.width.filter(|width| width.is_finite()) {
                column.width = width.clamp(NARROWEST, WIDEST);
                column.is_resized = true;
            }
            column.is_hidden = kept.is_hidden;
            column.is_frozen = kept.is_frozen;
        }
        if columns.iter().all(|column| column.is_hidden)
            && let Some(first) = columns.first_mut()
        {
            first.is_hidden = false;
        }
        columns.sort_by_key(|column| !column.is_frozen);
    }

    fn get_mut(&mut self, place: usize) -> Option<&mut GridColumn> {
        self.all.iter_mut().filter(|column| !column.is_hidden).nth(place)
    }
}

fn usual_width(column: &SourceColumn) -> f32 {
    match column.column_type {
        _ if column.references.is_some() => 156.0,
        _ if column.names_rows => 226.0,
        ColumnType::Bool => 76.0,
        ColumnType::Integer { .. } if column.is_key => 68.0,
        ColumnType::Integer { .. } | ColumnType::Float | ColumnType::Decimal { .. } => 80.0,
        ColumnType::Date => 106.0,
        ColumnType::Time => 90.0,
        ColumnType::Timestamp => 168.0,
        ColumnType::Bytes => 190.0,
        ColumnType::Uuid => 296.0,
        ColumnType::Enum { .. } => 120.0,
        ColumnType::Json => 220.0,
        _ if column.is_unique => 136.0,
        _ => 220.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes four columns, of which the first names rows and is their key.
    fn four_columns() -> Columns {
        let column = |name| SourceColumn::new(name, ColumnType::Integer { bits: 64 });
        let mut columns = ["a", "b", "c", "d"].map(column);
        columns[0].is_key = true;
        columns[0].names_rows = true;
        Columns::new(columns.into_iter().enumerate().collect())
    }

    /// Returns the columns that are shown; a frozen one in capitals.
    fn said(columns: &Columns) -> String {
        let name = |column: &GridColumn| {
            if column.is_frozen {
                column.meta.name.to_uppercase()
            } else {
                column.meta.name.clone().into_owned()
            }
        };
        columns.shown().map(name).collect()
    }

    #[test]
    fn a_column_moves_to_the_place_of_another() {
        let mut columns = four_columns();
        columns.move_to(0, 2);
        assert_eq!(said(&columns), "bcad");
        columns.move_to(3, 0);
        assert_eq!(said(&columns), "dbca");
        columns.step(0, -1);
        assert_eq!(said(&columns), "dbac");
        columns.step(3, -1);
        assert_eq!(said(&columns), "dbac");
    }

    #[test]
    fn hidden_columns_have_no_place_and_keep_their_neighbours() {
        let mut columns = four_columns();
        columns.set_hidden(1, true);
        assert_eq!((said(&columns).as_str(), columns.place_of(2)), ("acd", Some(1)));
        columns.move_to(0, 1);
        columns.set_hidden(1, false);
        assert_eq!(said(&columns), "bcad");
    }

    #[test]
    fn the_last_column_cannot_be_hidden() {
        let mut columns = four_columns();
        for position in 0..4 {
            columns.set_hidden(position, true);
        }
        assert_eq!(said(&columns), "d");
    }

    #[test]
    fn frozen_columns_stand_first_and_do_not_move() {
        let mut columns = four_columns();
        columns.set_frozen(2, true);
        assert_eq!(said(&columns), "Cabd");
        // A column cannot be dragged before a frozen one.
        columns.move_to(3, 0);
        assert_eq!(said(&columns), "Cdab");
        let width = columns.frozen_width();
        let lefts: Vec<f32> = columns.placed(30.0).map(|placed| placed.left).collect();
        assert_eq!(lefts[..2], [0.0, width - 30.0]);
        assert!(columns.placed(30.0).skip(1).all(|placed| (placed.covered - width).abs() < 0.01));
        columns.set_frozen(2, false);
        assert_eq!(said(&columns), "cdab");
    }

    #[test]
    fn what_a_frozen_column_covers_belongs_to_it() {
        let mut columns = four_columns();
        columns.set_frozen(0, true);
        let width = columns.frozen_width();
        assert_eq!(columns.place_at(width - 1.0, 40.0), Some(0));
        assert_eq!(columns.place_at(width + 1.0, 40.0), Some(1));
        assert_eq!(columns.place_at(10_000.0, 0.0), None);
    }

    #[test]
    fn a_column_is_scrolled_into_sight_beside_the_frozen_ones() {
        let mut columns = four_columns();
        columns.set_frozen(0, true);
        let widths: Vec<f32> = columns.shown().map(|column| column.width).collect();
        let visible = widths[0] + widths[1];
        let last = columns.revealing(3, 0.0, visible);
        assert!((last - (columns.width() - visible)).abs() < 0.01);
        assert!(columns.revealing(1, last, visible).abs() < 0.01);
        assert!((columns.revealing(0, last, visible) - last).abs() < f32::EPSILON);
    }

    #[test]
    fn a_title_has_room_in_every_language_and_a_chosen_width_stays() {
        let widths = |columns: &Columns| columns.shown().map(|column| column.width).collect();
        let mut columns = four_columns();
        let before: Vec<f32> = widths(&columns);
        columns.resize(1, 40.0);
        let long = |column: &GridColumn| if column.position < 2 { 300.0 } else { 10.0 };
        columns.make_room_for_titles(Language::Russian, long);
        assert_eq!(widths(&columns), [300.0, 40.0, before[2], before[3]]);
        columns.make_room_for_titles(Language::English, |_| 10.0);
        assert_eq!(widths(&columns), [before[0], 40.0, before[2], before[3]]);
        columns.make_room(0, 60);
        let digits = columns.get(0).unwrap().width;
        columns.make_room_for_titles(Language::Russian, long);
        assert!((columns.get(0).unwrap().width - digits).abs() < f32::EPSILON);
    }

    #[test]
    fn a_title_as_long_as_a_sentence_is_cut() {
        let mut columns = four_columns();
        columns.make_room_for_titles(Language::English, |_| 5_000.0);
        assert!(columns.shown().all(|column| (column.width - WIDEST_TITLE).abs() < f32::EPSILON));
    }

    #[test]
    fn a_layout_comes_back_as_it_was() {
        let mut columns = four_columns();
        columns.set_frozen(3, true);
        columns.set_hidden(0, true);
        columns.resize(1, 333.0);
        let mut restored = four_columns();
        restored.arrange(&columns.layout());
        assert_eq!(restored.layout(), columns.layout());
        assert!((restored.get(1).unwrap().width - 333.0).abs() < f32::EPSILON);
    }

    #[test]
    fn unknown_columns_of_a_layout_are_passed_over_and_new_ones_stand_last() {
        let kept = |name: &str| ColumnLayout { name: name.to_owned(), ..ColumnLayout::default() };
        let mut columns = four_columns();
        columns.arrange(&[kept("gone"), kept("c"), kept("a")]);
        assert_eq!(said(&columns), "cabd");
    }

    #[test]
    fn a_layout_that_hides_everything_leaves_one_column() {
        let hidden = |name: &str| ColumnLayout {
            name: name.to_owned(),
            is_hidden: true,
            ..ColumnLayout::default()
        };
        let mut columns = four_columns();
        columns.arrange(&["a", "b", "c", "d"].map(hidden));
        assert_eq!(columns.len(), 1);
    }
}
