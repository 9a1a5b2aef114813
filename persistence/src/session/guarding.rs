//! Rows that are written only as long as they are as the session knows them.

use super::repository::{check_version, count_version_up};
use super::{Session, Statements};
use crate::backend::{Engine, at_target};
use crate::column_type::ColumnType;
use crate::entity::{ColumnMeta, ColumnSet, Entity};
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::order::Order;
use crate::repository::{conflict, stamp};
use crate::sql::{Typed, can_be_sent, guard_of_deletion, guard_of_update};
use crate::store::{Store, table};
use crate::value::{RecordKey, Value};

/// Where the values are from that a session has of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Known {
    /// The database, or this session before its last commit: somebody else may have changed them.
    #[default]
    Before,
    /// The session has written them in this transaction: nobody else can have changed them.
    WrittenNow,
}

/// What became of a row that was to be written as long as it is as it was read.
pub(super) enum Guarded<E> {
    /// It is written.
    Written,
    /// Somebody has changed it, to this.
    Changed(E),
    /// It is gone.
    Gone,
}

impl<E: Entity> Guarded<E> {
    /// Makes the conflict of a row that was not written.
    pub(super) fn conflict(&self, base: &E, mine: Option<&E>) -> Error {
        let theirs = match self {
            Self::Changed(theirs) => Some(theirs),
            Self::Written | Self::Gone => None,
        };
        conflict(Some(base), mine, theirs, &base.key())
    }
}

/// The statements that write a row which may have changed.
pub(super) trait WriteGuarded<C: Store<E>, E: Entity> {
    fn session(&mut self) -> &mut Session<C>;

    /// Writes the row if the columns of a guard are as they were read; returns the rows affected.
    fn write(&mut self, guard: ColumnSet) -> Result<usize>;
}

/// Writes a row if it is as it was read.
///
/// The statement compares what it can. Where it finds nothing, or values are too large to be sent
/// for that, the row is locked and looked at: what only reads alike is alike.
pub(super) fn write_guarded<C: Store<E>, E: Entity>(
    base: &E,
    guard: ColumnSet,
    known: impl FnOnce() -> Known,
    statement: &mut impl WriteGuarded<C, E>,
) -> Result<Guarded<E>> {
    if can_be_sent::<C::Backend, _>(Typed::<E>::ENTITY, base, guard)
        && write(base, guard, statement)? > 0
    {
        return Ok(Guarded::Written);
    }
    let Some(theirs) = statement.session().locked_row::<E>(&base.key())? else {
        return Ok(Guarded::Gone);
    };
    if statement.session().is_as_known(base, &theirs, guard, known())?
        && write(base, ColumnSet::EMPTY, statement)? > 0
    {
        return Ok(Guarded::Written);
    }
    Ok(Guarded::Changed(theirs))
}

fn write<C: Store<E>, E: Entity>(
    base: &E,
    guard: ColumnSet,
    statement: &mut impl WriteGuarded<C, E>,
) -> Result<usize> {
    statement.write(guard).map_err(|error| match error {
        // Others may refer to the row by the key that it had.
        Error::Constraint(violation) if !C::ERRORS_SPOIL_TRANSACTION => {
            let rows = std::slice::from_ref(base);
            statement.session().explained(Typed::ENTITY, Error::Constraint(violation), rows)
        }
        error => error,
    })
}

impl<C: Engine> Session<C> {
    /// Reads and locks the row as it is by now, whatever this transaction has seen of it; nobody
    /// else can change it before the transaction ends.
    fn locked_row<E: Entity>(&mut self, key: &E::Key) -> Result<Option<E>>
    where
        C: Store<E>,
    {
        self.reads_lock = true;
        self.read(E::meta(), |connection| connection.lock_key(key))
    }

    /// Returns whether nobody else has changed the version or one of the columns.
    fn is_as_known<E: Entity>(
        &mut self,
        base: &E,
        theirs: &E,
        guard: ColumnSet,
        known: Known,
    ) -> Result<bool>
    where
        C: Store<E>,
    {
        let meta = E::meta();
        let differing = theirs.changed_columns(base);
        if meta.version.is_some_and(|version| differing.contains(version)) {
            return Ok(false);
        }
        if known == Known::WrittenNow {
            return Ok(true);
        }
        let mut open = ColumnSet::EMPTY;
        for position in guard.iter().filter(|&position| differing.contains(position)) {
            let Some(column) = meta.columns.get(position) else { continue };
            let (was, is) = (base.value(position), theirs.value(position));
            if was == is || is.is_null() && self.has_let_go(column, was)? {
                continue;
            }
            if !may_be_rounded(column) {
                return Ok(false);
            }
            open = open.with(position);
        }
        Ok(open.is_empty() || self.makes_of(base, theirs, open)?)
    }

    /// Returns whether what is stored in some columns is what the database makes of the values that
    /// the session knows: times of whole seconds, texts padded with blanks, floats of single
    /// precision. Only the database can say; it is asked to store them, in a part that is taken
    /// back.
    fn makes_of<E: Entity>(&mut self, base: &E, theirs: &E, columns: ColumnSet) -> Result<bool>
    where
        C: Store<E>,
    {
        let mut stored = [theirs.clone()];
        for position in columns.iter() {
            let [row] = &mut stored;
            if row.set_value(position, base.value(position)).is_err() {
                return Ok(false);
            }
        }
        self.begin_savepoint()?;
        let written = self.write(Statements::One, &mut stored, |connection, rows| {
            rows.first()
                .map_or(Ok(0), |row| connection.update(theirs, row, columns, ColumnSet::EMPTY))
        });
        let made = written.and_then(|_| self.locked_row::<E>(&base.key()));
        let taken_back = self.rollback_savepoint();
        match made {
            Err(error @ (Error::Retryable { .. } | Error::Unavailable { .. })) => Err(error),
            made => taken_back.map(|()| {
                made.ok().flatten().is_some_and(|made| {
                    let differing = made.changed_columns(theirs);
                    !columns.iter().any(|position| differing.contains(position))
                })
            }),
        }
    }

    /// Returns whether a reference was to a row that is not there any more: then the database
    /// itself has made it point nowhere.
    fn has_let_go(&mut self, column: &ColumnMeta, was: Value) -> Result<bool> {
        let Some(reference) = column.references.as_ref().filter(|_| !was.is_null()) else {
            return Ok(false);
        };
        let meta = reference.entity.meta();
        let filter = Filter::key(meta, &RecordKey(vec![was]));
        let rows = self.read(meta, |connection| {
            table::count_up_to(connection, meta, &filter, &Order::default(), 1)
        })?;
        Ok(rows == 0)
    }

    /// Updates the changed columns of one row that is as it was read.
    pub(super) fn update_guarded<E: Entity>(
        &mut self,
        base: &E,
        mine: &mut E,
        changed: ColumnSet,
    ) -> Result<Guarded<E>>
    where
        C: Store<E>,
    {
        let guard = guard_of_update(E::meta(), changed);
        let mut update = UpdateAtOnce { session: self, base, mine, changed };
        write_guarded(base, guard, || Known::Before, &mut update)
    }

    /// Deletes one row that is as it was read.
    pub(super) fn delete_guarded<E: Entity>(&mut self, base: &E) -> Result<Guarded<E>>
    where
        C: Store<E>,
    {
        let mut delete = DeleteAtOnce { session: self, base };
        write_guarded(base, guard_of_deletion(E::meta()), || Known::Before, &mut delete)
    }

    /// Marks one row as deleted that is as it was read; returns it as it then is.
    pub(super) fn mark_guarded<E: Entity>(
        &mut self,
        base: &E,
        column: usize,
    ) -> Result<(Guarded<E>, E)>
    where
        C: Store<E>,
    {
        check_version(base)?;
        let now = crate::clock::now();
        let mut marked = base.clone();
        marked.set_value(column, Value::Timestamp(now)).map_err(|error| Error::Data {
            message: format!(
                "{}.{}: {error}",
                E::meta().table,
                E::meta().names(&[column]).concat()
            ),
        })?;
        let changed = stamp(&mut marked, ColumnSet::EMPTY.with(column), now);
        let mut update = UpdateAtOnce { session: self, base, mine: &mut marked, changed };
        let guard = guard_of_deletion(E::meta());
        let guarded = write_guarded(base, guard, || Known::Before, &mut update)?;
        count_version_up(base, &mut marked);
        Ok((guarded, marked))
    }

    /// Notes a conflict: whether it is about a row that this session has read itself, so that its
    /// work can be done again.
    pub(super) fn note_conflict(&mut self, is_own: bool) {
        self.has_own_conflict = is_own;
    }

    /// Returns whether doing the session's whole work again may help against an error.
    pub(crate) fn may_try_again(&self, error: &Error) -> bool {
        match error {
            Error::Retryable { .. } => true,
            Error::Conflict(_) => self.has_own_conflict,
            _ => false,
        }
    }

    /// Classifies an error of a statement about an entity, and adds the name of this session's
    /// database.
    pub(super) fn classified(
        &self,
        error: diesel::result::Error,
        entity: &'static crate::EntityMeta,
    ) -> Error {
        at_target(C::classify(error, entity), &self.target)
    }
}

/// An update outside a flush.
struct UpdateAtOnce<'s, C: Engine, E> {
    session: &'s mut Session<C>,
    base: &'s E,
    mine: &'s mut E,
    changed: ColumnSet,
}

impl<C: Store<E>, E: Entity> WriteGuarded<C, E> for UpdateAtOnce<'_, C, E> {
    fn session(&mut self) -> &mut Session<C> {
        self.session
    }

    fn write(&mut self, guard: ColumnSet) -> Result<usize> {
        let (base, changed) = (self.base, self.changed);
        let mine = std::slice::from_mut(&mut *self.mine);
        self.session.write(Statements::One, mine, |connection, mine| {
            mine.first().map_or(Ok(0), |mine| connection.update(base, mine, changed, guard))
        })
    }
}

/// A deletion outside a flush.
struct DeleteAtOnce<'s, C: Engine, E> {
    session: &'s mut Session<C>,
    base: &'s E,
}

impl<C: Store<E>, E: Entity> WriteGuarded<C, E> for DeleteAtOnce<'_, C, E> {
    fn session(&mut self) -> &mut Session<C> {
        self.session
    }

    fn write(&mut self, guard: ColumnSet) -> Result<usize> {
        let mut rows = [self.base.clone()];
        self.session
            .write(Statements::One, &mut rows, |connection, rows| connection.delete(rows, guard))
    }
}

/// Returns whether a column may keep another value than the one it is given, that stands for it.
const fn may_be_rounded(column: &ColumnMeta) -> bool {
    column.references.is_none()
        && matches!(
            column.column_type,
            ColumnType::Float
                | ColumnType::Decimal { .. }
                | ColumnType::Text
                | ColumnType::Time
                | ColumnType::Timestamp
                | ColumnType::Json
        )
}
