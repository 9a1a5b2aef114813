//! Errors in words a person can act on.

use persistence::{Action, ConstraintKind, ConstraintViolation, Error, NotPermitted};

use super::{Texts, humanised};
use crate::tr;

impl Texts {
    /// Returns an error of the database in words.
    #[must_use]
    pub fn error(&self, error: &Error) -> String {
        match error {
            Error::NotFound { entity, wanted } => {
                tr!(self, "error-not-found", entity = humanised(entity), wanted = wanted.as_str(),)
            }
            Error::MultipleFound { entity, wanted } => tr!(
                self,
                "error-multiple-found",
                entity = humanised(entity),
                wanted = wanted.as_str(),
            ),
            Error::Invalid(invalid) => {
                let errors = invalid.errors.iter().map(|error| {
                    format!("{}: {}", humanised(&error.field), self.rule(&error.message))
                });
                tr!(self, "error-invalid", problems = errors.collect::<Vec<_>>().join("; "))
            }
            Error::Constraint(violation) => self.violation(violation),
            Error::Conflict(conflict) if conflict.theirs.is_some() => {
                tr!(self, "error-changed-meanwhile", key = conflict.key.to_string())
            }
            Error::Conflict(conflict) => {
                tr!(self, "error-deleted-meanwhile", key = conflict.key.to_string())
            }
            Error::Filter(error) => {
                tr!(self, "error-filter", message = self.filter_error(error))
            }
            Error::Retryable { message, .. } => {
                tr!(self, "error-retryable", message = message.as_str())
            }
            Error::Unavailable { target, message } => {
                tr!(self, "error-unavailable", target = target.as_str(), message = message.as_str(),)
            }
            Error::ReadOnly { target } => tr!(self, "error-read-only", target = target.as_str()),
            Error::Schema { message } => tr!(self, "error-schema", message = message.as_str()),
            Error::Drifted(drift) => self.table_drift(drift),
            Error::NotPermitted(refused) => self.not_permitted(refused),
            Error::Corrupt { message } => tr!(self, "error-corrupt", message = message.as_str()),
            Error::Data { message } => tr!(self, "error-data", message = message.as_str()),
            Error::Cancelled => tr!(self, "error-cancelled"),
            error => tr!(self, "error-other", message = error.to_string()),
        }
    }

    /// Returns what is not permitted.
    fn not_permitted(&self, refused: &NotPermitted) -> String {
        let action = match refused.action {
            Action::View => "view",
            Action::Add => "add",
            Action::Change => "change",
            Action::Delete => "delete",
        };
        let table = humanised(refused.table);
        match refused.column {
            Some(column) => {
                let column = humanised(column);
                tr!(
                    self,
                    "error-column-not-permitted",
                    action = action,
                    table = table,
                    column = column
                )
            }
            None => tr!(self, "error-not-permitted", action = action, table = table),
        }
    }

    fn violation(&self, violation: &ConstraintViolation) -> String {
        let columns: Vec<_> = violation.columns.iter().map(|name| humanised(name)).collect();
        let columns = columns.join(", ");
        match violation.kind {
            ConstraintKind::Unique => tr!(self, "error-not-unique", columns = columns),
            ConstraintKind::ForeignKey if !violation.referenced_by.is_empty() => {
                let tables: Vec<_> =
                    violation.referenced_by.iter().map(|table| humanised(table)).collect();
                tr!(self, "error-still-referenced", tables = tables.join(", "))
            }
            ConstraintKind::ForeignKey if !columns.is_empty() => {
                tr!(self, "error-no-such-reference", columns = columns)
            }
            ConstraintKind::ForeignKey => {
                tr!(self, "error-reference", message = violation.message.as_str())
            }
            ConstraintKind::NotNull => tr!(self, "error-required", columns = columns),
            _ => {
                let rule = violation.constraint.as_deref().unwrap_or(&violation.message);
                tr!(self, "error-check", rule = rule)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::*;

    #[test]
    fn a_row_that_is_referred_to_says_by_what() {
        let error = Error::from(ConstraintViolation {
            kind: ConstraintKind::ForeignKey,
            entity: "Author",
            table: None,
            columns: Vec::new(),
            constraint: None,
            referenced_by: vec!["books".to_owned()],
            message: "FOREIGN KEY constraint failed".to_owned(),
        });
        assert!(Texts::new(Language::English).error(&error).contains("Books"));
        assert!(Texts::new(Language::Russian).error(&error).contains("Books"));
    }

    #[test]
    fn a_lost_connection_names_the_target() {
        let error = Error::Unavailable { target: "db.example".into(), message: "refused".into() };
        for language in Language::ALL {
            assert!(Texts::new(language).error(&error).contains("db.example"));
        }
    }
}
