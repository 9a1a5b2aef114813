//! Changes of a column in many rows at once: what each of them makes of a value, as plain data.
//!
//! A [`Bulk`] says what becomes of each row that it is shown, by what is stored there and what is
//! staged of it already; nothing is read, staged or written by that. What it says is staged by one
//! [`act`](super::Staging::act), so that it is undone as one, and
//! [unseen](super::Act::set_unseen), so that conflicts with what others have done stay to be decided.
//!
//! ```
//! # mod schema { diesel::table! { books (id) { id -> BigInt, title -> Text, price -> Nullable<BigInt> } } }
//! # use persistence::{Entity, Memory, Record, Decimal};
//! # #[derive(Clone, Debug, PartialEq, Entity)]
//! # #[entity(table = schema::books)]
//! # struct Book { #[entity(key, generated)] id: i64, title: String, price: Option<Decimal<2>> }
//! use persistence::staging::Staging;
//! use persistence::staging::bulk::{Bulk, BulkChange, BulkOutcome, Calculation};
//!
//! # let catalog = Memory::new().with::<Book>().catalog();
//! # let book = |id: i64, units: i64| Book { id, title: "Dune".into(), price: Some(Decimal::from_units(units)) };
//! let dearer = BulkChange::Calculate(Calculation::Percent("10".parse()?));
//! let bulk = Bulk::new(catalog.entry("books")?, "price", dearer)?;
//! let mut staging = Staging::new(catalog.entries());
//! let rows = [book(1, 1_000).to_record(), book(2, 5).to_record()];
//! let outcomes: Vec<BulkOutcome> = rows.iter().map(|row| bulk.outcome(&staging, row)).collect();
//! let mut act = staging.act();
//! for (row, outcome) in rows.iter().zip(outcomes) {
//!     if let BulkOutcome::Changed { after, .. } = outcome {
//!         act.set_unseen(bulk.meta(), row, "price", after.into())?;
//!     }
//! }
//! act.finish();
//! let prices: Vec<_> = staging.rows().filter_map(|(_, row)| row.value("price")?.known()).collect();
//! // 0.05 and ten percent of it are 0.055: what is half goes away from zero.
//! assert_eq!(prices.iter().map(ToString::to_string).collect::<Vec<_>>(), ["11.00", "0.06"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod calculation;
mod replacement;
mod shift;
mod writing;

use crate::catalog::CatalogEntry;
use crate::column_type::{ColumnType, ValueError};
use crate::edit::NewValue;
use crate::entity::{ColumnMeta, EntityMeta, Fill};
use crate::error::FieldError;
use crate::value::{Record, Value};

use super::Staging;
use super::row::{RowId, StagedRow, StagedValue};

pub use calculation::{Calculation, Operand};
pub use replacement::{Extent, LetterCase, NothingToFind, Replacement};
pub use shift::{Shift, TimeUnit};

/// What is done to a column's value, whichever row it is in. But for [`Set`](Self::Set) and
/// [`Clear`](Self::Clear), NULL stays NULL.
#[derive(Clone, Debug)]
pub enum BulkChange {
    /// It becomes this value, whatever it was.
    Set(Value),
    /// It becomes NULL; an empty text, where a text is never NULL.
    Clear,
    /// A part of the text becomes another.
    Replace(Replacement),
    /// Something is added to the number, or it is multiplied.
    Calculate(Calculation),
    /// The date or time is moved.
    Shift(Shift),
}

/// Why a value cannot be changed like that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BulkError {
    /// The column has no values to which that can be done.
    #[error("`{column}` takes {takes}: this cannot be done to it")]
    Unsuitable {
        /// The column.
        column: &'static str,
        /// What it takes, in words.
        takes: String,
    },
    /// The column is the primary key, or is filled in by the database or the session.
    #[error("`{column}` is not changed by hand: it is the key, or is filled in")]
    Fixed {
        /// The column.
        column: &'static str,
    },
    /// There is no such column.
    #[error("`{entity}` has no column `{column}`")]
    Unknown {
        /// The entity.
        entity: &'static str,
        /// What was asked for.
        column: String,
    },
    /// The column does not take what comes out.
    #[error("`{column}`: {error}")]
    Invalid {
        /// The column.
        column: &'static str,
        /// What it takes, and what comes out.
        error: ValueError,
    },
    /// The column has no NULL.
    #[error("`{column}` is required")]
    Required {
        /// The column.
        column: &'static str,
    },
    /// What is there is no value of the column, so that nothing can be made of it.
    #[error("`{column}`: `{value}` is no value of the column")]
    Unreadable {
        /// The column.
        column: &'static str,
        /// What is there, cut to a readable length.
        value: String,
    },
}

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BulkOutcome {
    /// Its column becomes something else.
    Changed {
        /// What it was, as staged before or else as stored.
        before: Value,
        /// What it becomes.
        after: Value,
    },
    /// It is that already.
    Same,
    /// It is to be deleted: it is left alone.
    Deleted,
    /// It cannot become that.
    Refused {
        /// What it was, where that is known.
        before: Value,
        /// What it would become, where that can be said.
        after: Option<Value>,
        /// Why it cannot.
        reason: BulkRefusal,
    },
}

/// Why a row cannot be changed like that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BulkRefusal {
    /// Nothing can be made of its value.
    Value(BulkError),
    /// The entity's own rules would be broken.
    Rules(Vec<FieldError>),
}

impl BulkChange {
    /// Returns whether it makes sense for values of a column: text is replaced in texts, numbers are
    /// calculated with.
    #[must_use]
    pub const fn suits(&self, column_type: ColumnType) -> bool {
        match self {
            Self::Set(_) | Self::Clear => true,
            Self::Replace(_) => matches!(column_type, ColumnType::Text),
            Self::Calculate(_) => column_type.is_number(),
            Self::Shift(shift) => shift.suits(column_type),
        }
    }

    /// Returns what a value of a column becomes.
    ///
    /// # Errors
    /// [`BulkError::Unsuitable`] where that is not to be done to values of this type;
    /// [`BulkError::Invalid`] where what comes out has no room in the column;
    /// [`BulkError::Required`] for NULL in a column without; [`BulkError::Unreadable`] where what is
    /// stored is no value of the column.
    ///
    /// ```
    /// use persistence::entity::{ColumnMeta, Storage};
    /// use persistence::staging::bulk::{BulkChange, Shift, TimeUnit};
    /// use persistence::{ColumnType, Value};
    ///
    /// let due = ColumnMeta::new("due", ColumnType::Date, Storage::Date);
    /// let later = BulkChange::Shift(Shift { amount: 1, unit: TimeUnit::Months });
    /// // No month has more days than it has.
    /// let day = ColumnType::Date.parse("2024-01-31")?;
    /// assert_eq!(later.apply(&due, &day)?.to_string(), "2024-02-29");
    /// assert_eq!(later.apply(&due, &Value::Null)?, Value::Null);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply(&self, column: &ColumnMeta, value: &Value) -> Result<Value, BulkError> {
        if !self.suits(column.column_type) {
            return Err(unsuitable(column));
        }
        match (self, value) {
            (Self::Set(new), _) => set(column, new.clone()),
            (Self::Clear, _) if !column.is_nullable && column.column_type == ColumnType::Text => {
                Ok(Value::Text(String::new()))
            }
            (Self::Clear, _) => set(column, Value::Null),
            (_, Value::Null) => Ok(Value::Null),
            (_, value) if column.is_odd(value) => Err(unreadable(column, value)),
            (Self::Replace(replacement), Value::Text(text)) => Ok(replacement.apply(text).into()),
            (Self::Calculate(calculation), value) => calculation.apply(column, value),
            (Self::Shift(shift), value) => shift.apply(column, value),
            (Self::Replace(_), value) => Err(unreadable(column, value)),
        }
    }
}

/// A change of one column in many rows of an entity.
#[derive(Clone, Debug)]
pub struct Bulk {
    entry: CatalogEntry,
    position: usize,
    column: &'static ColumnMeta,
    change: BulkChange,
}

impl Bulk {
    /// Makes one for a column of an entity.
    ///
    /// # Errors
    /// [`BulkError::Unknown`] for a column that there is not; [`BulkError::Fixed`] for one that a
    /// person does not change; [`BulkError::Unsuitable`], [`BulkError::Invalid`] and
    /// [`BulkError::Required`] where no row could become that.
    pub fn new(entry: &CatalogEntry, column: &str, change: BulkChange) -> Result<Self, BulkError> {
        let meta = entry.meta;
        let unknown = || BulkError::Unknown { entity: meta.name, column: column.to_owned() };
        let position = meta.position(column).ok_or_else(unknown)?;
        let column = meta.columns.get(position).ok_or_else(unknown)?;
        if !is_open(meta, position) {
            return Err(BulkError::Fixed { column: column.name });
        }
        change.apply(column, &Value::Null)?;
        Ok(Self { entry: entry.clone(), position, column, change })
    }

    /// Returns the entity.
    #[must_use]
    pub const fn meta(&self) -> &'static EntityMeta {
        self.entry.meta
    }

    /// Returns the column.
    #[must_use]
    pub const fn column(&self) -> &'static ColumnMeta {
        self.column
    }

    /// Returns the position of the column.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// Returns what becomes of a row of the database as it was read. What is staged of it already is
    /// what it starts from.
    #[must_use]
    pub fn outcome(&self, staging: &Staging, row: &Record) -> BulkOutcome {
        let is_any = !staging.is_empty();
        let staged = is_any.then(|| RowId::stored(self.entry.meta, row));
        let staged = staged.and_then(|id| staging.row(&id));
        self.outcome_of(staged, row, Some(row))
    }

    /// Returns what becomes of a new row that is staged; `None` where there is no such row.
    #[must_use]
    pub fn outcome_of_new(&self, staging: &Staging, row: &RowId) -> Option<BulkOutcome> {
        let staged = staging.row(row)?;
        let nothing = Record(vec![Value::Null; self.entry.meta.columns.len()]);
        // What a new row lacks is told when it is to be written.
        Some(self.outcome_of(Some(staged), &nothing, None))
    }

    fn outcome_of(
        &self,
        staged: Option<&StagedRow>,
        row: &Record,
        stored: Option<&Record>,
    ) -> BulkOutcome {
        if matches!(staged, Some(StagedRow::Deleted)) {
            return BulkOutcome::Deleted;
        }
        let mine = staged.and_then(|staged| staged.value(self.column.name));
        let sets = matches!(self.change, BulkChange::Set(_) | BulkChange::Clear);
        let before = match mine {
            None => row.value(self.position).clone(),
            Some(StagedValue::Value(NewValue::Known(value))) => value.clone(),
            // The key that another new row will get, or what is no value of the column.
            Some(StagedValue::Value(NewValue::KeyOf { .. })) => Value::Null,
            Some(StagedValue::Text(text)) => Value::Text(text.clone()),
        };
        let is_known = mine.is_none_or(|value| value.known().is_some());
        let after = match (is_known || sets, &before) {
            (true, before) => self.change.apply(self.column, before),
            (false, Value::Null) => return BulkOutcome::Same,
            (false, text) => Err(unreadable(self.column, text)),
        };
        let after = match after {
            Ok(after) => after,
            Err(error) => {
                let reason = BulkRefusal::Value(error);
                return BulkOutcome::Refused { before, after: None, reason };
            }
        };
        if is_known && before == after {
            return BulkOutcome::Same;
        }
        let broken = stored.and_then(|stored| self.broken(stored, staged, &after));
        match broken {
            None => BulkOutcome::Changed { before, after },
            Some(errors) => {
                let reason = BulkRefusal::Rules(errors);
                BulkOutcome::Refused { before, after: Some(after), reason }
            }
        }
    }

    /// Returns the rules that a row breaks once it is changed, and does not break as it is staged.
    fn broken(
        &self,
        stored: &Record,
        staged: Option<&StagedRow>,
        after: &Value,
    ) -> Option<Vec<FieldError>> {
        let mut mine = stored.clone();
        for (column, value) in staged.and_then(StagedRow::columns).into_iter().flatten() {
            if let (Some(position), Some(value)) = (self.meta().position(column), value.known()) {
                mine.set(position, value.clone());
            }
        }
        let before = mine.clone();
        mine.set(self.position, after.clone());
        let mut errors = self.entry.validate_change(stored, &mine).err()?.errors;
        if let Err(known) = self.entry.validate_change(stored, &before) {
            errors.retain(|error| error.field == self.column.name || !known.errors.contains(error));
        }
        (!errors.is_empty()).then_some(errors)
    }
}

/// Returns whether a person may change a column of rows that are stored.
#[must_use]
pub fn is_open(meta: &EntityMeta, position: usize) -> bool {
    let column = meta.columns.get(position);
    column.is_some_and(|column| column.fill == Fill::Draft) && !meta.key.contains(&position)
}

fn set(column: &ColumnMeta, value: Value) -> Result<Value, BulkError> {
    if value.is_null() && !column.is_nullable {
        return Err(BulkError::Required { column: column.name });
    }
    let value = column.column_type.coerce(value);
    value.map_err(|error| BulkError::Invalid { column: column.name, error })
}

fn unsuitable(column: &ColumnMeta) -> BulkError {
    BulkError::Unsuitable { column: column.name, takes: column.column_type.to_string() }
}

fn unreadable(column: &ColumnMeta, value: &Value) -> BulkError {
    let ValueError { value, .. } = ValueError::new("", value);
    BulkError::Unreadable { column: column.name, value }
}

/// Returns that what comes out has no room in a column.
fn no_room(column: &ColumnMeta, value: impl std::fmt::Display) -> BulkError {
    let error = ValueError::new(column.column_type.to_string(), value);
    BulkError::Invalid { column: column.name, error }
}
