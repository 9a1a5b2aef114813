//! Rows that are written only as long as they are as the session knows them.

use chrono::{NaiveDateTime, Timelike as _};

use super::repository::count_version_up;
use super::{Session, Statements};
use crate::backend::{Engine, at_target};
use crate::entity::{ColumnMeta, ColumnSet, Entity};
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::order::Order;
use crate::repository::{conflict, stamp};
use crate::sql::{can_be_sent, guard_of_deletion, guard_of_update};
use crate::store::{Store, count_up_to};
use crate::value::{RecordKey, Value};

/// Where the values are from that a session has of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Known {
    /// The database: what is stored is exactly that, unless somebody has changed it.
    #[default]
    Read,
    /// The session has written them, before its last commit: the database may have rounded them.
    Written,
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
    /// The conflict of a row that was not written.
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
    if can_be_sent::<C::Backend, E>(base, guard) && statement.write(guard)? > 0 {
        return Ok(Guarded::Written);
    }
    let Some(theirs) = statement.session().locked_row::<E>(&base.key())? else {
        return Ok(Guarded::Gone);
    };
    if statement.session().is_as_known(base, &theirs, guard, known())?
        && statement.write(ColumnSet::EMPTY)? > 0
    {
        return Ok(Guarded::Written);
    }
    Ok(Guarded::Changed(theirs))
}

impl<C: Engine> Session<C> {
    /// The row as it is by now, whatever this transaction has seen of it, and as nobody else can
    /// change it before the transaction ends.
    fn locked_row<E: Entity>(&mut self, key: &E::Key) -> Result<Option<E>>
    where
        C: Store<E>,
    {
        self.reads_lock = true;
        self.read(E::meta(), |connection| connection.lock_key(key))
    }

    /// Whether nobody else has changed the version or one of the columns.
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
        for position in guard.iter().filter(|&position| differing.contains(position)) {
            let Some(column) = meta.columns.get(position) else { continue };
            let (was, is) = (base.value(position), theirs.value(position));
            let is_same = was == is
                || known == Known::Written && is_rounded(&was, &is)
                || is.is_null() && self.has_let_go(column, was)?;
            if !is_same {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a reference was to a row that is not there any more: then the database itself has
    /// made it point nowhere.
    fn has_let_go(&mut self, column: &ColumnMeta, was: Value) -> Result<bool> {
        let Some(reference) = column.references.as_ref().filter(|_| !was.is_null()) else {
            return Ok(false);
        };
        let meta = (reference.entity)();
        let filter = Filter::key(meta, &RecordKey(vec![was]));
        let rows = self.read(meta, |connection| {
            count_up_to(connection, meta, &filter, &Order::default(), 1)
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
        write_guarded(base, guard, || Known::Read, &mut update)
    }

    /// Deletes one row that is as it was read.
    pub(super) fn delete_guarded<E: Entity>(&mut self, base: &E) -> Result<Guarded<E>>
    where
        C: Store<E>,
    {
        let mut delete = DeleteAtOnce { session: self, base };
        write_guarded(base, guard_of_deletion(E::meta()), || Known::Read, &mut delete)
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
        let now = super::now();
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
        let guarded = write_guarded(base, guard, || Known::Read, &mut update)?;
        count_version_up(base, &mut marked);
        Ok((guarded, marked))
    }

    /// Notes a conflict: whether it is about a row that this session has read itself, so that its
    /// work can be done again.
    pub(super) fn note_conflict(&mut self, is_own: bool) {
        self.has_own_conflict = is_own;
    }

    /// Whether doing the session's whole work again may help against an error.
    pub(crate) fn may_try_again(&self, error: &Error) -> bool {
        match error {
            Error::Retryable { .. } => true,
            Error::Conflict(_) => self.has_own_conflict,
            _ => false,
        }
    }

    /// Names this session's database in an error of a statement about an entity.
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

/// Whether a value is what the database has made of one that it cannot store exactly: a time of
/// whole seconds, a text padded with blanks, a float of single precision.
fn is_rounded(written: &Value, stored: &Value) -> bool {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::float_cmp,
        reason = "single precision is the question"
    )]
    match (written, stored) {
        (Value::Timestamp(written), Value::Timestamp(stored)) => is_coarser(*written, *stored),
        (Value::Time(written), Value::Time(stored)) => {
            let day = NaiveDateTime::default().date();
            is_coarser(day.and_time(*written), day.and_time(*stored))
        }
        (Value::Text(written), Value::Text(stored)) => {
            written.trim_end_matches(' ') == stored.trim_end_matches(' ')
        }
        (Value::Float(written), Value::Float(stored)) => *written as f32 == *stored as f32,
        _ => false,
    }
}

/// Whether a time is another, cut or rounded to fewer digits of a second.
fn is_coarser(written: NaiveDateTime, stored: NaiveDateTime) -> bool {
    let microseconds = i64::from(stored.nanosecond() / 1_000);
    let unit = [1_000_000, 100_000, 10_000, 1_000, 100, 10]
        .into_iter()
        .find(|unit| microseconds % unit == 0);
    let apart = (written - stored).num_microseconds();
    unit.zip(apart).is_some_and(|(unit, apart)| apart.abs() < unit)
}
