//! What became of rows that were taken in, in words.

use transfer::csv_records::HeaderError;
use transfer::import::{Counts, ImportError};

use super::Came;
use crate::i18n::Texts;
use crate::tasks::NotImported;
use crate::tr;

/// Returns why a source cannot be read.
pub(super) fn header(error: &HeaderError, texts: &Texts) -> String {
    match error {
        HeaderError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
            tr!(texts, "import-no-file")
        }
        HeaderError::Io(error) => tr!(texts, "import-unreadable", reason = error.to_string()),
        HeaderError::Empty => tr!(texts, "import-empty"),
        HeaderError::NoSheet { name, sheets } => {
            tr!(texts, "import-no-sheet", name = name.as_str(), sheets = sheets.join(", "))
        }
        other => tr!(texts, "import-unreadable", reason = other.to_string()),
    }
}

/// Returns why nothing is taken in.
pub(super) fn not_imported(error: &NotImported, texts: &Texts) -> String {
    match error {
        NotImported::Header(error) => header(error, texts),
        NotImported::Mapping(error) => tr!(texts, "import-unfit", reason = error.to_string()),
        NotImported::Rejects { path, source } => tr!(
            texts,
            "import-not-saved",
            path = path.display().to_string(),
            reason = source.to_string()
        ),
        NotImported::Ended(ImportError::Database(error)) => texts.error(error),
        NotImported::Ended(error) => tr!(texts, "import-unreadable", reason = error.to_string()),
    }
}

/// Returns what became of the rows.
pub(super) fn words(came: &Came, texts: &Texts) -> String {
    let counted = |counts: &Counts| {
        let Counts { inserted, updated, unchanged, rejected, .. } = *counts;
        let mut parts = Vec::new();
        if inserted > 0 {
            parts.push(tr!(texts, "import-inserted", count = inserted));
        }
        if updated > 0 {
            parts.push(tr!(texts, "import-updated", count = updated));
        }
        if unchanged > 0 {
            parts.push(tr!(texts, "import-unchanged", count = unchanged));
        }
        if rejected > 0 {
            parts.push(tr!(texts, "import-rejected", count = rejected));
        }
        if parts.is_empty() {
            parts.push(tr!(texts, "import-nothing"));
        }
        parts.join(" · ")
    };
    match came {
        Came::Checked(it) => {
            tr!(texts, "import-checked", counts = counted(&it.counts), count = it.counts.read)
        }
        Came::Written(it) => tr!(texts, "import-written", counts = counted(&it.counts)),
        Came::Staged(it) => tr!(texts, "import-staged", counts = counted(&it.counts)),
        Came::Unknown(said) => tr!(texts, "import-unknown", reason = said.as_str()),
        Came::Not(said) => said.clone(),
    }
}
