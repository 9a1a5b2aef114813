//! Why lines of a file became no rows, in words.

use persistence::EntityMeta;
use transfer::csv_records::Fault;
use transfer::import::{Owner, Reason};

use super::{Texts, humanised};
use crate::tr;

impl Texts {
    /// Returns why a line of a file became no row of an entity.
    #[must_use]
    pub fn reason(&self, meta: &'static EntityMeta, reason: &Reason) -> String {
        let named = |column: &str| match meta.column(column) {
            Some(column) => self.column(meta, column),
            None => humanised(column),
        };
        let all_named = |columns: &[&'static str]| {
            columns.iter().map(|column| named(column)).collect::<Vec<_>>().join(", ")
        };
        match reason {
            Reason::Line(fault) => self.fault(fault),
            Reason::Values(wrong) => {
                let wrong = wrong.iter().map(|(name, error)| {
                    let expected = match meta.column(name) {
                        Some(column) => self.wrong(column.column_type, &error.value),
                        None => error.expected.clone(),
                    };
                    let (column, value) = (named(name), error.value.as_str());
                    tr!(self, "reason-value", column = column, value = value, expected = expected)
                });
                wrong.collect::<Vec<_>>().join("; ")
            }
            Reason::NoSuchKey { column, target, key } => {
                let (column, entity) = (named(column), self.entity_one(target));
                tr!(self, "reason-no-key", column = column, entity = entity, key = key.to_string())
            }
            Reason::NoSuchLabel { name, target, label } => {
                let (name, entity) = (humanised(name), self.entity_one(target));
                tr!(self, "reason-no-label", column = name, entity = entity, label = label.as_str())
            }
            Reason::OtherLabel { column, target, key, label } => tr!(
                self,
                "reason-other-label",
                column = named(column),
                entity = self.entity_one(target),
                key = key.to_string(),
                label = label.as_str()
            ),
            Reason::SeveralLabels { name, target, label, keys, .. } => {
                let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
                tr!(
                    self,
                    "reason-several-labels",
                    column = humanised(name),
                    entity = self.entity_one(target),
                    label = label.as_str(),
                    keys = keys.join(", ")
                )
            }
            Reason::Invalid(invalid) => {
                let errors = invalid
                    .errors
                    .iter()
                    .map(|error| format!("{}: {}", named(&error.field), self.rule(&error.message)));
                errors.collect::<Vec<_>>().join("; ")
            }
            Reason::Taken { columns, by: Owner::Row { entity, key } } => tr!(
                self,
                "reason-taken",
                columns = all_named(columns),
                entity = self.entity_one(entity),
                key = key.to_string()
            ),
            Reason::Taken { columns, by: Owner::Line(line) } => {
                tr!(self, "reason-taken-line", columns = all_named(columns), line = *line)
            }
            Reason::NotFound { entity, columns, values } => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                tr!(
                    self,
                    "reason-not-found",
                    columns = all_named(columns),
                    entity = self.entity_one(entity),
                    values = values.join(", ")
                )
            }
            Reason::NothingToFind { columns } => {
                tr!(self, "reason-nothing-to-find", columns = all_named(columns))
            }
            Reason::Again { line, columns } => {
                tr!(self, "reason-again", columns = all_named(columns), line = *line)
            }
            Reason::Database(error) => self.error(error),
            other => other.to_string(),
        }
    }

    /// Returns why a line cannot be read.
    fn fault(&self, fault: &Fault) -> String {
        match fault {
            Fault::FieldCount { expected, found } => {
                tr!(self, "reason-field-count", expected = *expected, found = *found)
            }
            Fault::UnclosedQuote { field } => {
                tr!(self, "reason-unclosed-quote", field = *field)
            }
            Fault::ErrorCell { cell, error } => {
                tr!(self, "reason-error-cell", cell = cell.as_str(), error = error.as_str())
            }
            Fault::UnknownName { name, looked_at } => {
                tr!(self, "reason-unknown-name", name = name.as_str(), count = *looked_at)
            }
            other => tr!(self, "reason-line", problem = other.to_string()),
        }
    }
}
