//! What a change of many rows comes to, in words.

use persistence::Value;
use persistence::staging::bulk::{BulkError, BulkRefusal};

use super::draft::{Deed, Missing};
use super::{BulkDialog, Wrong};
use crate::app::staged_overlay::shown;
use crate::i18n::Texts;
use crate::tasks::BulkSummary;
use crate::tr;

impl BulkDialog {
    /// Returns what is wrong with what is said; `None` where nothing is, or not all is said yet.
    pub(super) fn problem(&self, texts: &Texts) -> Option<String> {
        let (_, wrong) = self.wrong.as_ref()?;
        match wrong.as_ref()? {
            Wrong::Missing(Missing::Incomplete) => None,
            Wrong::Missing(Missing::NoValue(text)) => {
                Some(texts.wrong(self.draft.column_meta()?.column_type, text))
            }
            Wrong::Missing(Missing::NoNumber) => Some(tr!(texts, "bulk-no-number")),
            Wrong::Missing(Missing::NoAmount) => Some(tr!(texts, "bulk-no-amount")),
            Wrong::Missing(Missing::TooLong) => Some(tr!(texts, "bulk-find-too-long")),
            Wrong::Refused(error) => Some(self.error_in_words(error, texts)),
        }
    }

    /// Returns why a row cannot become that.
    pub(super) fn refusal_in_words(&self, refusal: &BulkRefusal, texts: &Texts) -> String {
        match refusal {
            BulkRefusal::Value(error) => self.error_in_words(error, texts),
            BulkRefusal::Rules(errors) => {
                let meta = self.draft.meta();
                let said = errors.iter().map(|error| {
                    let rule = texts.rule(&error.message);
                    match meta.column(&error.field) {
                        Some(column) if meta.position(column.name) != Some(self.draft.column) => {
                            format!("{}: {rule}", texts.column(meta, column))
                        }
                        _ => rule,
                    }
                });
                said.collect::<Vec<_>>().join(" · ")
            }
        }
    }

    fn error_in_words(&self, error: &BulkError, texts: &Texts) -> String {
        let Some(column) = self.draft.column_meta() else { return error.to_string() };
        match error {
            BulkError::Invalid { .. } if self.draft.deed == Deed::Shift => {
                tr!(texts, "bulk-no-date")
            }
            BulkError::Invalid { error, .. } => texts.wrong(column.column_type, &error.value),
            BulkError::Required { .. } => tr!(texts, "problem-required"),
            BulkError::Unreadable { .. } => texts.expected(column.column_type),
            BulkError::Fixed { .. } | BulkError::Unknown { .. } | BulkError::Unsuitable { .. } => {
                error.to_string()
            }
        }
    }

    /// Returns a value as it is shown: of a reference what it points to.
    pub(super) fn shown(&self, value: &Value, all: &BulkSummary, texts: &Texts) -> String {
        let column = self.draft.column_meta();
        match (all.labels.get(self.draft.column, value), value, column) {
            (Some(label), _, _) => label.to_owned(),
            (None, Value::Bool(true), _) => tr!(texts, "form-yes"),
            (None, Value::Bool(false), _) => tr!(texts, "form-no"),
            (None, Value::Text(variant), Some(column)) if !variant.is_empty() => {
                match column.column_type {
                    persistence::ColumnType::Enum { .. } => {
                        texts.variant(self.draft.meta(), column, variant)
                    }
                    _ => shown(value),
                }
            }
            _ => shown(value),
        }
    }
}

/// Returns how many rows change, stay as they are, and cannot change.
pub(super) fn summary_in_words(all: &BulkSummary, texts: &Texts) -> String {
    let parts = [
        Some(tr!(texts, "bulk-changes", count = all.changed)),
        (all.same > 0).then(|| tr!(texts, "bulk-same", count = all.same)),
        (all.refused > 0).then(|| tr!(texts, "bulk-refused", count = all.refused)),
        (all.deleted > 0).then(|| tr!(texts, "bulk-deleted", count = all.deleted)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Returns what was staged.
pub(super) fn staged_in_words(all: &BulkSummary, texts: &Texts) -> String {
    with_left_out(tr!(texts, "bulk-staged", count = all.changed), all, texts)
}

/// Returns what was written.
pub(super) fn written_in_words(all: &BulkSummary, texts: &Texts) -> String {
    with_left_out(tr!(texts, "bulk-written", count = all.changed), all, texts)
}

fn with_left_out(mut said: String, all: &BulkSummary, texts: &Texts) -> String {
    if all.refused > 0 {
        said = format!("{said} · {}", tr!(texts, "bulk-left-out", count = all.refused));
    }
    said
}
