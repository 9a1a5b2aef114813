//! An entity's own rules for a row that is changed: it is refused for what the change breaks, and not
//! for what was stored before.

use crate::entity::{Entity, EntityMeta};
use crate::error::Invalid;
use crate::value::Record;

/// Checks a row that was changed by the entity's own rules.
pub(crate) fn check_change<E: Entity>(base: &E, mine: &E) -> Result<(), Invalid> {
    let Err(broken) = mine.validate() else { return Ok(()) };
    let changed = mine.changed_columns(base);
    newly_broken(E::meta(), broken, base.validate(), |column| changed.contains(column))
}

/// Checks a row by an entity's own rules, but for those about cells that are no values of their
/// columns: values that nobody sees stand in for these.
pub(crate) fn check_what_fits(
    meta: &EntityMeta,
    row: &Record,
    validate: impl FnOnce(Record) -> Result<(), Invalid>,
) -> Result<(), Invalid> {
    let mut complete = row.clone();
    let mut odd = Vec::new();
    for (column, value) in meta.columns.iter().zip(&mut complete.0) {
        if column.is_odd(value) {
            odd.push(column.name);
            *value = column.column_type.any_value();
        }
    }
    let Err(mut invalid) = validate(complete) else { return Ok(()) };
    invalid.errors.retain(|error| !odd.contains(&error.field.as_str()));
    if invalid.errors.is_empty() { Ok(()) } else { Err(invalid) }
}

/// Returns what a change breaks: the rules of columns that it changes, those of the row as a whole,
/// and others that held before.
pub(crate) fn newly_broken(
    meta: &EntityMeta,
    mut broken: Invalid,
    before: Result<(), Invalid>,
    is_changed: impl Fn(usize) -> bool,
) -> Result<(), Invalid> {
    let before = before.err().map(|invalid| invalid.errors).unwrap_or_default();
    broken.errors.retain(|error| {
        meta.position(&error.field).is_none_or(&is_changed) || !before.contains(error)
    });
    if broken.errors.is_empty() { Ok(()) } else { Err(broken) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::AuditEntry;
    use crate::error::FieldError;

    fn invalid(errors: &[(&str, &str)]) -> Invalid {
        let errors = errors.iter().map(|(field, message)| FieldError::new(*field, *message));
        Invalid { entity: "AuditEntry", errors: errors.collect() }
    }

    /// Returns what is refused of a row whose action was changed.
    fn refused(before: &[(&str, &str)], broken: &[(&str, &str)]) -> Vec<String> {
        let meta = AuditEntry::meta();
        let before = if before.is_empty() { Ok(()) } else { Err(invalid(before)) };
        let is_changed = |column| Some(column) == meta.position("action");
        let refused = newly_broken(meta, invalid(broken), before, is_changed);
        let errors = refused.err().map(|invalid| invalid.errors).unwrap_or_default();
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_was_broken_before_is_no_reason_in_columns_that_stay() {
        let old = [("actor", "too short")];
        assert_eq!(refused(&old, &old), [""; 0]);
        assert_eq!(refused(&old, &[("actor", "too short"), ("action", "odd")]), ["action: odd"]);
    }

    #[test]
    fn a_changed_column_has_to_keep_its_rules_whatever_it_broke_before() {
        let old = [("action", "odd")];
        assert_eq!(refused(&old, &old), ["action: odd"]);
    }

    #[test]
    fn a_change_that_breaks_the_rule_of_another_column_is_refused() {
        let broken = [("actor", "does not fit the action")];
        assert_eq!(refused(&[], &broken), ["actor: does not fit the action"]);
        assert_eq!(refused(&[("actor", "too short")], &broken), ["actor: does not fit the action"]);
        // A rule about the whole row.
        let whole = [("", "does not fit together")];
        assert_eq!(refused(&[], &whole), [": does not fit together"]);
        assert_eq!(refused(&whole, &whole), [": does not fit together"]);
    }
}
