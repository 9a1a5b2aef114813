//! `bindery delete`

use anyhow::Context as _;
use persistence::deletion::{self, Consequence, Count, DeletionPlan};
use persistence::{Catalog, DynSession, EntityMeta, Filter, OnDelete, Page, PageStart, Query};

use crate::arguments::Delete;
use crate::engine::{self, Mode};
use crate::failure::Failure;
use crate::place::Place;
use crate::{Outcome, terminal};

/// Rows whose consequences are looked for; those of more are left to the database.
const MOST_PLANNED: u64 = 10_000;

/// Deletes the rows a filter finds, in one transaction, and says what goes with them.
///
/// # Errors
/// When the filter is wrong or empty, or other rows refer to one of these: then none is deleted.
pub fn run(place: &Place, arguments: &Delete) -> anyhow::Result<Outcome> {
    let mode = if arguments.dry_run { Mode::ReadOnly } else { Mode::Patient };
    let catalog = engine::open_catalog(place, mode)?;
    let meta = engine::entity(&catalog, &arguments.entity)?.meta;
    let deleting = || format!("cannot delete from {}", meta.table);
    let filter = Filter::parse(meta, &arguments.filter).with_context(deleting)?;
    if filter == Filter::All {
        let usage = "the filter is empty; say which rows, or that all are meant with 'id >= 0'";
        return Err(Failure::Usage(usage.to_owned())).with_context(deleting);
    }
    let mut session =
        if arguments.dry_run { catalog.session()? } else { catalog.writing_session()? };
    let found = session.repository(meta.table)?.count(&filter).with_context(deleting)?;
    let plan = plan(&mut *session, &catalog, meta, &filter).with_context(deleting)?;
    if arguments.dry_run {
        let would = if plan.is_blocked() { "cannot" } else { "would" };
        terminal::print_line(format_args!("{} {would} be deleted", rows(found, meta)))?;
        print_consequences(&plan)?;
        return Ok(if plan.is_blocked() { Outcome::SomeRefused } else { Outcome::Done });
    }
    let blockers: Vec<String> = plan.blockers().map(in_words).collect();
    if !blockers.is_empty() {
        let refusal = format!("nothing was deleted: {}", blockers.join("; "));
        return Err(Failure::Refused(refusal)).with_context(deleting);
    }
    let deleted = session
        .repository(meta.table)
        .and_then(|mut repository| repository.delete_where(&filter))
        .with_context(deleting)?;
    session.commit().with_context(deleting)?;
    terminal::print_line(format_args!("{} deleted", rows(deleted, meta)))?;
    print_consequences(&plan)?;
    Ok(Outcome::Done)
}

/// Finds what deleting the rows takes along.
fn plan(
    session: &mut dyn DynSession,
    catalog: &Catalog,
    meta: &'static EntityMeta,
    filter: &Filter,
) -> persistence::Result<DeletionPlan> {
    let mut query = Query::new();
    query.filter = filter.clone();
    let Page { rows, .. } =
        session.repository(meta.table)?.page(&query, &PageStart::First, MOST_PLANNED)?;
    let keys: Vec<_> = rows.iter().map(|row| meta.key_of(row)).collect();
    deletion::plan(session, catalog.entries(), meta.table, &keys)
}

/// Returns how many rows there are, in words: `1 book`, `2 books`.
fn rows(count: u64, meta: &EntityMeta) -> String {
    if count == 1 {
        format!("1 {}", meta.name.to_lowercase())
    } else {
        format!("{count} {}", meta.table)
    }
}

fn print_consequences(plan: &DeletionPlan) -> std::io::Result<()> {
    for consequence in &plan.consequences {
        terminal::print_line(format_args!("  {}", in_words(consequence)))?;
    }
    if plan.rows >= MOST_PLANNED {
        terminal::print_line(format_args!(
            "  (what goes with the first {MOST_PLANNED} of them; there may be more)"
        ))?;
    }
    Ok(())
}

/// Returns a consequence in words: `12 books refer to them by author_id and are in the way:
/// Solaris, Fiasco, …`.
fn in_words(consequence: &Consequence) -> String {
    let Consequence { entity, column, rule, count, samples, .. } = consequence;
    let (at_least, count) = match count {
        Count::Exactly(count) => ("", *count),
        Count::AtLeast(count) => ("at least ", *count),
    };
    let fate = match rule {
        OnDelete::Restrict => "stand in the way",
        OnDelete::Cascade => "are deleted, too",
        OnDelete::SetNull => "lose the reference",
    };
    let labels: Vec<&str> = samples.iter().map(|sample| sample.label.as_str()).collect();
    let more = if count > samples.len() as u64 { ", …" } else { "" };
    format!(
        "{at_least}{count} {} {fate} (by {}): {}{more}",
        entity.table,
        column.name,
        labels.join(", ")
    )
}
