//! What is wrong with a field or the whole record.

use persistence::{ColumnType, ConstraintKind, ConstraintViolation, EntityMeta, Error};

use crate::i18n::Texts;
use crate::tr;

/// What is wrong with a field or the whole record. Put into words when it is shown, so that the
/// words are in the language of the moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// Nothing was given where something is needed.
    Required,
    /// What was typed, which is no value of the column's type.
    WrongType(ColumnType, String),
    /// The entity's own rule, in its words.
    Rule(String),
    /// The same, broken by what is stored: it stays until another value takes its place.
    StoredAgainstRule(String),
    /// What is stored is no value of the column's type: it stays until another takes its place.
    Odd,
    /// Another row has the same value.
    NotUnique,
    /// The row referred to does not exist.
    NoSuchReference,
    /// The database's rule of that name.
    Check(String),
    /// Anything else, in words.
    Other(String),
}

impl Problem {
    /// Returns the problem in words.
    #[must_use]
    pub fn text(&self, texts: &Texts) -> String {
        match self {
            Self::Required => tr!(texts, "problem-required"),
            Self::WrongType(column_type, typed) => texts.wrong(*column_type, typed),
            Self::Rule(message) => texts.rule(message),
            Self::StoredAgainstRule(message) => {
                tr!(texts, "problem-stored-against-rule", rule = texts.rule(message))
            }
            Self::Odd => tr!(texts, "problem-odd"),
            Self::NotUnique => tr!(texts, "problem-not-unique"),
            Self::NoSuchReference => tr!(texts, "problem-no-such-reference"),
            Self::Check(rule) => tr!(texts, "problem-check", rule = rule.as_str()),
            Self::Other(message) => message.clone(),
        }
    }

    /// Returns whether the record cannot be written with it.
    pub(super) const fn blocks(&self) -> bool {
        !matches!(self, Self::Odd | Self::StoredAgainstRule(_))
    }

    /// Makes a problem of a message of [`FieldError`](persistence::FieldError).
    pub(super) fn of_message(message: &str) -> Self {
        if message == persistence::FieldError::required("").message {
            Self::Required
        } else {
            Self::Rule(message.to_owned())
        }
    }

    fn of_violation(violation: &ConstraintViolation) -> Self {
        match violation.kind {
            ConstraintKind::Unique => Self::NotUnique,
            ConstraintKind::ForeignKey => Self::NoSuchReference,
            ConstraintKind::NotNull => Self::Required,
            ConstraintKind::Check => {
                let rule = violation.constraint.clone();
                Self::Check(rule.unwrap_or_else(|| violation.message.clone()))
            }
            _ => Self::Other(violation.message.clone()),
        }
    }
}

/// What an error says about the fields of a record, and about the record as a whole.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Problems {
    /// By the column's position.
    pub fields: Vec<(usize, Problem)>,
    /// Those that no field is to blame for.
    pub record: Vec<Problem>,
}

impl Problems {
    /// Sorts what an error says to the fields of an entity.
    pub fn of_error(meta: &EntityMeta, error: &Error, texts: &Texts) -> Self {
        let mut problems = Self::default();
        match error {
            Error::Invalid(invalid) => {
                for field in &invalid.errors {
                    match meta.position(&field.field) {
                        Some(column) => {
                            problems.fields.push((column, Problem::of_message(&field.message)));
                        }
                        None => problems.record.push(Problem::Other(field.to_string())),
                    }
                }
            }
            Error::Constraint(violation)
                if violation.entity == meta.name && violation.referenced_by.is_empty() =>
            {
                let columns = violation.columns.iter().filter_map(|name| meta.position(name));
                problems.fields =
                    columns.map(|column| (column, Problem::of_violation(violation))).collect();
            }
            _ => {}
        }
        if problems.fields.is_empty() && problems.record.is_empty() {
            problems.record.push(Problem::Other(texts.error(error)));
        }
        problems
    }
}
