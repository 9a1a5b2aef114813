//! Pasting a block of cells from the clipboard.

use persistence::ColumnMeta;
use persistence::Value;
use persistence::staging::{RowKey, StagedValue};

use super::cell_editing::{typed_value, whole};
use super::clipboard::is_same;
use super::context::Known;
use super::effects::Effect;
use super::entity_view::EntityView;
use super::staged::{CellChange, Changes, Staged};
use super::{AdminApp, Effects, Notice};
use crate::grid::{FIRST_ADDED, RowSource as _};
use crate::i18n::Language;
use crate::tr;

impl AdminApp {
    /// Puts what was pasted where the focused cell of an entity is: one cell where it was copied here as one,
    /// however many lines it has.
    pub(super) fn paste(&mut self, table: &str, text: String) {
        let copied = self.workspace.copied_cell.as_deref();
        let block = if copied.is_some_and(|copied| is_same(copied, &text)) {
            vec![vec![Some(text)]]
        } else {
            self.transfers.clipboard.cells(&text)
        };
        self.with(|workspace, known, effects| {
            if let Some(view) = workspace.views.of(table) {
                view.paste(&block, &workspace.staged, known, effects);
            }
        });
    }
}

impl EntityView {
    /// Puts a block of cells from the clipboard where the focused cell or the first of the selected ones is;
    /// one cell into all that are selected. What goes beyond the last new row becomes new rows as well.
    fn paste(
        &self,
        block: &[Vec<Option<String>>],
        staged: &Staged,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let Some(meant) = self.meant(known.texts, effects) else { return };
        let language = known.texts.language();
        if let [line] = block
            && let [cell] = line.as_slice()
        {
            let value =
                |_, column: &ColumnMeta| Some(pasted_value(language, column, cell.as_deref()));
            let changes = self.change_meant(&meant, (staged, known), effects, value);
            return self.stage(changes, effects);
        }
        let first = meant.keys.first().and_then(|key| self.grid.source().find(key));
        let Some(first) = first else { return };
        let mut changes = Changes::default();
        for (row, line) in (first..).zip(block) {
            let row = self.row_or_new(row);
            let key = self.grid.source().key(row);
            if key.is_none() && row < FIRST_ADDED {
                let refused = tr!(known.texts, "staged-paste-beyond", count = block.len());
                return effects.tell(Notice::failure(refused));
            }
            let cells =
                match self.pasted_cells(meant.places.start, line, key.as_ref(), (staged, known)) {
                    Ok(cells) => cells,
                    Err(refused) => return effects.tell(Notice::failure(refused)),
                };
            match key {
                None => changes.added.push(cells),
                Some(key) => {
                    let changed = cells.into_iter().filter_map(|(position, value)| {
                        let seen = match key {
                            RowKey::Stored(_) => self.grid.row(row),
                            RowKey::New(_) => None,
                        };
                        let seen = seen.and_then(|(row, _)| whole(row, position));
                        let column = self.meta().columns.get(position)?;
                        let over = staged.row(self.meta(), &key);
                        let over = over.and_then(|(_, row)| row.value(column.name).cloned());
                        let shown = over.or_else(|| seen.clone().map(StagedValue::from));
                        let key = key.clone();
                        let change = CellChange { key, position, value, seen };
                        (shown.as_ref() != Some(&change.value)).then_some(change)
                    });
                    changes.cells.extend(changed);
                }
            }
        }
        if let Some(reason) = self.why_some_fixed(&changes.cells, staged, known) {
            return effects.tell(Notice::failure(reason));
        }
        if changes == Changes::default() {
            effects.hush();
        } else {
            effects.push(Effect::Stage { table: self.meta().table, changes });
        }
    }

    /// Returns the number of a row; beyond the last of them those of new rows follow.
    fn row_or_new(&self, row: u64) -> u64 {
        let rows = self.grid.total().filter(|total| total.is_exact).map(|total| total.rows);
        match rows.and_then(|rows| row.checked_sub(rows)) {
            Some(beyond) if row < FIRST_ADDED => FIRST_ADDED + beyond,
            _ => row,
        }
    }

    /// Returns what the cells of a line are for the columns from a place on.
    ///
    /// # Errors
    /// Why they cannot be put there, in words.
    fn pasted_cells(
        &self,
        first: usize,
        line: &[Option<String>],
        key: Option<&RowKey>,
        (staged, known): (&Staged, &Known<'_>),
    ) -> Result<Vec<(usize, StagedValue)>, String> {
        let mut cells = Vec::with_capacity(line.len());
        for (place, cell) in (first..).zip(line) {
            let column = self.grid.columns.get(place);
            let Some(position) = column.map(|column| column.position) else {
                return Err(tr!(known.texts, "staged-paste-wider", count = line.len()));
            };
            let Some(meta) = self.meta().columns.get(position) else { continue };
            let new = RowKey::New(0);
            if key.is_none()
                && let Some(reason) = self.why_fixed(&new, position, meta, staged, known)
            {
                return Err(reason);
            }
            let value = pasted_value(known.texts.language(), meta, cell.as_deref());
            cells.push((position, value));
        }
        Ok(cells)
    }

    /// Returns why one of some cells cannot be changed, in words.
    fn why_some_fixed(
        &self,
        cells: &[CellChange],
        staged: &Staged,
        known: &Known<'_>,
    ) -> Option<String> {
        cells.iter().find_map(|CellChange { key, position, .. }| {
            let column = self.meta().columns.get(*position)?;
            self.why_fixed(key, *position, column, staged, known)
        })
    }
}

/// Returns the value that a cell from the clipboard stands for: NULL where nothing stands in it, in a column that
/// takes that.
fn pasted_value(language: Language, column: &ColumnMeta, cell: Option<&str>) -> StagedValue {
    match cell {
        None if column.is_nullable => Value::Null.into(),
        cell => typed_value(language, column, cell.unwrap_or_default()),
    }
}
