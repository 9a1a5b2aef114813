//! What is exported is what every engine, and every engine's own client, makes of it again.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod clients;
mod computed;
mod full_disk;
mod imported_again;
mod in_memory;
mod numbers;
mod pasted;
mod round_trip;
mod samples;
mod snapshot;

use persistence::{Catalog, Query};
use transfer::export::{
    Export, ExportColumns, FormatKind, FormatOptions, Rows, Source, SqlDialect, Unwatched,
};

/// All rows of the table that the columns are of.
fn exported(catalog: &Catalog, format: FormatKind, columns: ExportColumns) -> String {
    let export = Export {
        source: Source { meta: columns.meta(), query: Query::new(), rows: Rows::All },
        columns,
        format,
        options: FormatOptions::new(SqlDialect::of_engine(catalog.engine())),
    };
    export.to_text(catalog, 1_000_000, &Unwatched).unwrap()
}
