//! The admin of a catalog, driven by what stands on its window, without a display.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod bulk;
mod closing;
mod columns;
mod completing;
mod deleting;
mod extending;
mod filtering;
mod form;
mod help;
mod history;
mod importing;
mod jobs;
mod large_editor;
mod large_schema;
mod listed;
mod long_values;
mod migrations;
mod new_rows;
mod notices;
mod permissions;
mod production;
mod reasons;
mod record_tabs;
mod referring;
mod room;
mod saving;
mod selecting;
mod shop;
mod side_by_side;
mod staging;
mod touch;
mod transfers;
mod understanding;
mod window;
mod within;
mod writing;
mod writing_at_once;
