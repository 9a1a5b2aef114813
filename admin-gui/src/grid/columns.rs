//! How wide a grid's columns are and where they stand.

use std::ops::Range;

use persistence::entity::Fill;
use persistence::{ColumnMeta, ColumnType, EntityMeta};

/// The narrowest a column can be dragged.
pub const NARROWEST: f32 = 36.0;

/// The widest a column can be dragged.
pub const WIDEST: f32 = 1200.0;

/// How wide a digit is, in points.
const DIGIT: f32 = 8.0;

/// Room for the margins of a number, in points.
const BESIDE_DIGITS: f32 = 26.0;

/// One column of the grid.
#[derive(Clone, Debug)]
pub struct GridColumn {
    /// Its position among the entity's columns.
    pub position: usize,
    /// What the entity says of it.
    pub meta: &'static ColumnMeta,
    /// How wide it is, in points.
    pub width: f32,
    /// Whether a person has chosen the width.
    is_resized: bool,
}

/// A grid's columns from left to right.
#[derive(Clone, Debug)]
pub struct Columns(Vec<GridColumn>);

impl Columns {
    /// All columns but the version, each as wide as its type usually needs.
    #[must_use]
    pub fn of(meta: &'static EntityMeta) -> Self {
        let columns = meta.columns.iter().enumerate();
        Self(
            columns
                .filter(|(_, column)| column.fill != Fill::Version)
                .map(|(position, column)| GridColumn {
                    position,
                    meta: column,
                    width: usual_width(meta, position, column),
                    is_resized: false,
                })
                .collect(),
        )
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// A column by its place.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&GridColumn> {
        self.0.get(place)
    }

    /// How wide all are together.
    #[must_use]
    pub fn width(&self) -> f32 {
        self.0.iter().map(|column| column.width).sum()
    }

    /// The columns with their places and where they stand, counted from the left edge of the first.
    pub fn spans(&self) -> impl Iterator<Item = (usize, Range<f32>, &GridColumn)> {
        let mut left = 0.0;
        self.0.iter().enumerate().map(move |(place, column)| {
            let span = left..left + column.width;
            left = span.end;
            (place, span, column)
        })
    }

    /// Where a column stands.
    #[must_use]
    pub fn span(&self, place: usize) -> Option<Range<f32>> {
        self.spans().nth(place).map(|(_, span, _)| span)
    }

    /// Makes a column wider or narrower.
    pub fn resize(&mut self, place: usize, width: f32) {
        if let Some(column) = self.0.get_mut(place) {
            column.width = width.clamp(NARROWEST, WIDEST);
            column.is_resized = true;
        }
    }

    /// Makes a column of the entity wide enough for so many digits, unless a person has chosen
    /// its width: half a number is another number.
    pub fn make_room(&mut self, position: usize, digits: usize) {
        #[expect(clippy::cast_precision_loss, reason = "numbers are short")]
        let needed = (digits as f32).mul_add(DIGIT, BESIDE_DIGITS).min(WIDEST);
        let column = self.0.iter_mut().find(|column| column.position == position);
        if let Some(column) = column.filter(|column| !column.is_resized) {
            column.width = column.width.max(needed);
        }
    }

    /// Makes a column as wide as it was at first.
    pub fn reset(&mut self, meta: &'static EntityMeta, place: usize) {
        if let Some(column) = self.0.get_mut(place) {
            column.width = usual_width(meta, column.position, column.meta);
            column.is_resized = false;
        }
    }
}

fn usual_width(meta: &EntityMeta, position: usize, column: &ColumnMeta) -> f32 {
    let is_unique = meta.unique.iter().any(|unique| unique.contains(&position));
    let content: f32 = match column.column_type {
        _ if column.references.is_some() => 156.0,
        _ if position == meta.label => 226.0,
        ColumnType::Bool => 76.0,
        ColumnType::Integer { .. } if meta.key.contains(&position) => 68.0,
        ColumnType::Integer { .. } | ColumnType::Float | ColumnType::Decimal { .. } => 80.0,
        ColumnType::Date => 106.0,
        ColumnType::Time => 90.0,
        ColumnType::Timestamp => 168.0,
        ColumnType::Bytes => 100.0,
        ColumnType::Uuid => 296.0,
        ColumnType::Enum { .. } => 120.0,
        ColumnType::Json => 220.0,
        _ if is_unique => 136.0,
        _ => 220.0,
    };
    // Room for the title, a sort arrow and the margins.
    #[expect(clippy::cast_precision_loss, reason = "names are short")]
    let title = column.name.trim_end_matches("_id").chars().count() as f32 * 6.2 + 30.0;
    content.max(title)
}
