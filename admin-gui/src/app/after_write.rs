//! What follows from a write for the rows that are shown and counted.

use std::collections::{BTreeSet, HashMap};

use persistence::OnDelete;
use persistence::deletion::{Consequence, Count};
use persistence::edit::Written;

use super::Jobs;
use super::entity_view::EntityView;
use super::entity_views::EntityViews;
use super::row_counts::SCAN;
use crate::grid::Reread;

impl EntityViews {
    /// Takes what was written to rows by the program itself, with consequences for others. What is
    /// known of them is right at once; only what cannot be known is counted anew.
    pub(super) fn written(&mut self, rows: Vec<Written>, along: &[Consequence], jobs: &mut Jobs) {
        let mut by_table: HashMap<&str, Vec<Written>> = HashMap::new();
        for row in rows {
            by_table.entry(row.entity.table).or_default().push(row);
        }
        // What so many rows take along has not been looked for to the end.
        let is_known = along.iter().all(|found| matches!(found.count, Count::Exactly(_)));
        for view in self.iter_mut() {
            let own = view.meta().table;
            let is_met = |rule| along.iter().any(|it| it.entity.table == own && it.rule == rule);
            if is_met(OnDelete::Cascade) || !is_known {
                view.count_again(jobs);
                view.reread(Reread::Here);
                continue;
            }
            let rows = by_table.get(own);
            if let Some(rows) = rows {
                view.write(rows, jobs);
            }
            let has_others = by_table.len() > usize::from(rows.is_some());
            let depends_on_others = has_others && view.grid.filter().needs_relations();
            if is_met(OnDelete::SetNull) || depends_on_others {
                view.write_elsewhere(jobs);
            } else if rows.is_none() {
                view.refresh(jobs);
            }
        }
    }

    /// Counts and reads again what was written by the program itself to many rows: to tell of each what follows from
    /// it takes longer than to read what is shown.
    pub(super) fn much_written(
        &mut self,
        rows: &[Written],
        along: &[Consequence],
        jobs: &mut Jobs,
    ) {
        let written = rows.iter().map(|row| row.entity.table);
        let tables: BTreeSet<&str> =
            written.chain(along.iter().map(|found| found.entity.table)).collect();
        for table in tables {
            self.written_by_others(table, jobs);
        }
    }

    /// Counts and reads again all that is shown, because something was written and it is not known
    /// what.
    pub(super) fn something_written(&mut self, jobs: &mut Jobs) {
        self.count_all(jobs);
        self.iter_mut().for_each(|view| view.reread(Reread::Here));
    }

    /// Counts and reads again the rows of an entity, because others turned out to have written some
    /// of them.
    pub(super) fn written_by_others(&mut self, table: &str, jobs: &mut Jobs) {
        for view in self.iter_mut() {
            if view.meta().table == table {
                view.count_again(jobs);
                view.reread(Reread::Here);
            } else {
                view.refresh(jobs);
            }
        }
    }
}

impl EntityView {
    /// Takes in that rows of other entities were written.
    fn refresh(&mut self, jobs: &mut Jobs) {
        if self.grid.filter().needs_relations() {
            self.write_elsewhere(jobs);
        } else {
            // What its rows refer to may be called otherwise now.
            self.reread(Reread::AsMany);
        }
    }

    fn write_elsewhere(&mut self, jobs: &mut Jobs) {
        jobs.forget(SCAN.of(self.meta().table));
        self.grid.write_elsewhere();
    }

    /// Reads the rows again, if they have been read.
    fn reread(&mut self, place: Reread) {
        if !self.grid.is_blank() {
            self.grid.reread(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use persistence::{CatalogEntry, Entity as _, Memory, Record};

    use super::*;
    use crate::grid::Total;
    use crate::samples::{Reader, Writer};

    fn row(id: i64) -> Record {
        Record(vec![id.into(), "Lem".into()])
    }

    #[test]
    fn each_entity_takes_its_own_of_the_rows_that_were_written() {
        let entries = [CatalogEntry::new(Writer::meta()), CatalogEntry::new(Reader::meta())];
        let catalog = Memory::new().catalog();
        let mut views = EntityViews::new(&entries, &catalog);
        for view in views.iter_mut() {
            view.total = Some(Total { rows: 10, is_exact: true });
        }
        let mut jobs = Jobs::start(&catalog, || {}).unwrap();
        let rows = vec![
            Written { entity: Reader::meta(), before: Some(row(1)), after: None },
            Written { entity: Writer::meta(), before: None, after: Some(row(1)) },
            Written { entity: Writer::meta(), before: None, after: Some(row(2)) },
        ];
        views.written(rows, &[], &mut jobs);
        let counts = views.iter().map(|view| view.total.unwrap().rows);
        assert_eq!(counts.collect::<Vec<_>>(), [12, 9]);
    }
}
