//! Pages about the whole database: its schema, its figures, its statements.

mod bar;
pub mod diagram;
pub mod figure;
pub mod history;
mod icon_button;
pub mod migrations;
pub mod overview;
mod page_bar;
mod percent;
pub mod query_log;
pub mod statistics;

pub(crate) use icon_button::icon_button;
pub(crate) use page_bar::page_bar;
