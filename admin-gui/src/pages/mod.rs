//! Pages about the whole database: its schema, its figures, its statements.

pub mod diagram;
mod icon_button;
mod page_bar;
pub mod query_log;

pub(crate) use icon_button::icon_button;
pub(crate) use page_bar::page_bar;
