//! How statements see the rows of one entity.

use std::fmt::{self, Debug};
use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::deserialize;
use diesel::query_builder::AstPass;
use diesel::result::QueryResult;
use diesel::row::Row;

use crate::backend::Dialect;
use crate::cell;
use crate::column_type::ValueError;
use crate::entity::{ColumnMeta, Entity, EntityMeta, MappedTo};
use crate::value::{Record, Value};

/// The rows of one entity as statements write them: of a type that the compiler knows, or of none.
pub(crate) trait Mapper: Copy + Debug + 'static {
    /// What a row is.
    type Row: Debug + 'static;

    /// Whether the mapper's type alone says which entity it is, so that Diesel need not compare the texts
    /// of statements.
    const IS_TYPED: bool;

    /// Returns the entity's metadata.
    fn meta(self) -> &'static EntityMeta;

    /// Returns a column's value.
    fn value(self, row: &Self::Row, column: usize) -> Value;

    /// Changes a column's value.
    ///
    /// # Errors
    /// When the value is of another type or out of range.
    fn set_value(self, row: &mut Self::Row, column: usize, value: Value) -> Result<(), ValueError>;

    /// Returns the row as one whose types are known only at run time.
    fn record(self, row: &Self::Row) -> Record {
        Record((0..self.meta().columns.len()).map(|column| self.value(row, column)).collect())
    }
}

/// The same for one Diesel backend.
pub(crate) trait MapperFor<DB: Backend>: Mapper {
    /// Reads a row whose columns come in the order of the metadata.
    fn read<'a>(self, row: &impl Row<'a, DB>) -> deserialize::Result<Self::Row>;

    /// Binds a column's value to the statement.
    fn bind<'b>(
        self,
        row: &'b Self::Row,
        column: usize,
        out: AstPass<'_, 'b, DB>,
    ) -> QueryResult<()>;
}

/// The rows of an entity that has a type.
pub(crate) struct Typed<E>(PhantomData<fn() -> E>);

/// The rows of an entity whose types are known only at run time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Untyped(pub &'static EntityMeta);

impl<E> Typed<E> {
    pub(crate) const ENTITY: Self = Self(PhantomData);
}

impl<E> Clone for Typed<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Typed<E> {}

impl<E: Entity> Debug for Typed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(E::meta().name)
    }
}

impl<E: Entity> Mapper for Typed<E> {
    type Row = E;
    const IS_TYPED: bool = true;

    fn meta(self) -> &'static EntityMeta {
        E::meta()
    }

    fn value(self, row: &E, column: usize) -> Value {
        row.value(column)
    }

    fn set_value(self, row: &mut E, column: usize, value: Value) -> Result<(), ValueError> {
        row.set_value(column, value)
    }
}

impl<DB: Dialect, E: MappedTo<DB>> MapperFor<DB> for Typed<E> {
    fn read<'a>(self, row: &impl Row<'a, DB>) -> deserialize::Result<E> {
        E::read(row)
    }

    fn bind<'b>(self, row: &'b E, column: usize, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        row.bind(column, out)
    }
}

impl Mapper for Untyped {
    type Row = Record;
    const IS_TYPED: bool = false;

    fn meta(self) -> &'static EntityMeta {
        self.0
    }

    fn value(self, row: &Record, column: usize) -> Value {
        row.value(column).clone()
    }

    fn set_value(self, row: &mut Record, column: usize, value: Value) -> Result<(), ValueError> {
        let value = match self.0.columns.get(column) {
            Some(column) => column.column_type.coerce(value)?,
            None => value,
        };
        row.set(column, value);
        Ok(())
    }
}

impl<DB: Dialect> MapperFor<DB> for Untyped {
    fn read<'a>(self, row: &impl Row<'a, DB>) -> deserialize::Result<Record> {
        cell::read_record(row, self.0)
    }

    fn bind<'b>(self, row: &'b Record, column: usize, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let Some(described) = self.0.columns.get(column) else { return Ok(()) };
        check_stored::<DB>(row.value(column), described)?;
        DB::bind_value(out, row.value(column), described.storage)
    }
}

/// Refuses NaN where the engine would make NULL of it.
pub(super) fn check_stored<DB: Dialect>(value: &Value, column: &ColumnMeta) -> QueryResult<()> {
    if DB::KEEPS_NAN || !matches!(value, Value::Float(float) if float.is_nan()) {
        return Ok(());
    }
    let name = column.name;
    let message = format!("{name}: NaN cannot be stored, the database would make NULL of it");
    Err(diesel::result::Error::SerializationError(message.into()))
}
