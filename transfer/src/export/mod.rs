//! Taking rows away: into files, onto the clipboard, into a sum. Knows no window.
//!
//! [`Export`] says what is taken and how it is written; [`FormatKind`] lists the formats, each a
//! [`Format`] in a file of its own. Rows are read in pages by key within one snapshot and handed on
//! one by one, so memory does not grow with their number.

mod caught;
mod columns;
mod delimited;
mod error;
mod file;
mod format;
mod json;
mod json_lines;
mod labels;
mod reading;
mod source;
mod sql;
mod statement;
mod summary;
mod work;
mod xlsx;

#[cfg(test)]
mod tests;

pub use columns::{ExportColumn, ExportColumns, label_name};
pub use delimited::write_field;
pub use error::{ExportError, FormatError};
pub use file::{IsDatabase, NewFile};
pub use format::{Format, FormatKind, FormatOptions, Formulas, Framing, Header};
pub use reading::read_rows;
pub use source::{Rows, Source};
pub use sql::SqlDialect;
pub use statement::statement;
pub use summary::{Summary, summarize};
pub use work::{Export, Unwatched, Watch, Written, write_rows};
