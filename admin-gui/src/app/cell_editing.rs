//! Editing cells where they stand: one, a block that is pasted, those that are selected.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use persistence::edit::NewValue;
use persistence::entity::Fill;
use persistence::staging::{RowId, RowKey, StagedValue};
use persistence::{ColumnMeta, ColumnType, Record, RecordKey, Value};

use super::context::Known;
use super::effects::Effect;
use super::entity_view::EntityView;
use super::staged::{CellChange, Changes, Staged, row_id};
use super::workspace::Workspace;
use super::{Effects, Focused, Notice, Target};
use crate::command::Command;
use crate::form::{is_large, is_too_long, text_of};
use crate::grid::{CellEditor, FIRST_ADDED, Movement, RowSource as _};
use crate::i18n::{Language, Texts};
use crate::jobs::{Failure, Queue, Topic};
use crate::national;
use crate::tasks::{Cell, ListedRow, ReadWhole, RecordNumber, WholeRows};
use crate::tr;

/// Rows of which something is to be staged, and that are not at hand whole.
const SEEN: Topic = Topic::new("rows to be changed", Queue::Rows);

/// What editing a cell where it stands comes to.
enum Editing {
    /// Its text is typed.
    Typed(String),
    /// It is the other one of yes and no.
    Turned(bool),
    /// It is edited in a larger field, or in the record.
    Elsewhere,
}

/// Cells that are meant: rows by their keys, and columns by their places.
pub(super) struct Meant {
    pub keys: Vec<RowKey>,
    pub places: Range<usize>,
}

impl EntityView {
    /// Begins to edit the focused cell; `typed` takes the place of what stands there.
    pub(super) fn begin_editing(
        &mut self,
        typed: Option<String>,
        staged: &Staged,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let Some(focus) = self.grid.focus() else { return };
        let (Some(key), Some(column)) =
            (self.grid.source().key(focus.row), self.grid.columns.get(focus.column))
        else {
            return;
        };
        let (position, table) = (column.position, self.meta().table);
        let Some(meta) = self.meta().columns.get(position) else { return };
        if let Some(reason) = self.why_fixed(&key, position, meta, staged, known) {
            if typed.is_some() || key.stored().is_none() {
                effects.tell(Notice::failure(reason));
            } else {
                effects.push(Effect::Open(Target::FocusedRow(table)));
            }
            return;
        }
        match self.editing(&key, position, meta, staged) {
            Editing::Typed(before) => {
                let seen = self.grid.row(focus.row).and_then(|(row, _)| whole(row, position));
                let editor = CellEditor::new(key, position, before, seen);
                let is_name = meta.references.is_some() && typed.is_none();
                let editor = editor.typed(typed);
                self.editor = Some(if is_name { editor.selected() } else { editor });
                // What is typed from now on goes there.
                effects.focus(Focused::Cell);
            }
            Editing::Turned(value) => {
                if typed.is_none() {
                    let seen = self.grid.row(focus.row).and_then(|(row, _)| whole(row, position));
                    let change = CellChange { key, position, value: value.into(), seen };
                    let changes = vec![change].into();
                    effects.push(Effect::Stage { table, changes });
                }
            }
            Editing::Elsewhere if is_large(meta) && typed.is_none() => {
                self.enlarge(None, staged, known, effects);
            }
            Editing::Elsewhere if is_large(meta) => {
                effects.tell(Notice::failure(tr!(known.texts, "staged-in-large")));
            }
            // What is typed would go to a field that the person does not see yet.
            Editing::Elsewhere if typed.is_some() || focus.row >= FIRST_ADDED => {
                effects.tell(Notice::failure(tr!(known.texts, "staged-in-record")));
            }
            Editing::Elsewhere => {
                effects.push(Effect::Open(Target::FocusedRow(table)));
                effects.focus(Focused::Record);
            }
        }
    }

    /// Takes what has been typed into the cell that is being edited, and goes on from there.
    pub(super) fn end_editing(
        &mut self,
        movement: Option<Movement>,
        language: Language,
        effects: &mut Effects,
    ) {
        let Some(editor) = self.editor.take() else { return };
        let choosing = self.choosing.take();
        if let Some(movement) = movement {
            self.grid.move_focus(movement);
            effects.focus(Focused::Grid);
        }
        let Some(column) = self.meta().columns.get(editor.position) else { return };
        let is_chosen = choosing.as_ref().is_some_and(|choosing| choosing.is_chosen);
        if editor.is_changed() || is_chosen {
            let CellEditor { key, position, seen, text, .. } = editor;
            if column.references.is_some() {
                let value = StagedValue::Text(text.clone());
                let change = CellChange { key, position, value, seen };
                let choosing = choosing.unwrap_or_default();
                return self.refer(change, choosing, (&text, language), effects);
            }
            let value = typed_value(language, column, &text);
            let changes = vec![CellChange { key, position, value, seen }].into();
            effects.push(Effect::Stage { table: self.meta().table, changes });
        }
    }

    /// Returns why a column of a row cannot be edited, in words.
    pub(super) fn why_fixed(
        &self,
        key: &RowKey,
        position: usize,
        column: &ColumnMeta,
        staged: &Staged,
        known: &Known<'_>,
    ) -> Option<String> {
        let texts = known.texts;
        let name = || texts.column(self.meta(), column);
        let read_only = known.why_read_only(self.meta().table);
        if read_only.is_some() {
            read_only
        } else if key.stored().is_some_and(|key| staged.is_deleted(self.meta(), key)) {
            Some(tr!(texts, "staged-is-deleted"))
        } else if let not @ Some(_) =
            known.why_not_permitted(self.meta(), column, key.stored().is_none())
        {
            not
        } else if column.fill != Fill::Draft {
            Some(tr!(texts, "staged-filled-in", column = name()))
        } else if key.stored().is_some() && self.meta().key.contains(&position) {
            Some(tr!(texts, "staged-key", column = name()))
        } else {
            None
        }
    }

    fn editing(
        &self,
        key: &RowKey,
        position: usize,
        column: &ColumnMeta,
        staged: &Staged,
    ) -> Editing {
        let value = match self.shown_value(key, position, column, staged) {
            Some(StagedValue::Text(text)) => return Editing::Typed(text),
            Some(StagedValue::Value(NewValue::Known(value))) => value,
            _ => return Editing::Elsewhere,
        };
        let is_line = |text: &str| !text.contains(['\n', '\r']);
        match (column.column_type, &value) {
            _ if column.references.is_some() => Editing::Typed(self.name_of(key, position, &value)),
            (ColumnType::Bool, value) => Editing::Turned(*value != Value::Bool(true)),
            (ColumnType::Json, _) if key.stored().is_none() => Editing::Typed(text_of(&value)),
            (ColumnType::Bytes | ColumnType::Json, _) => Editing::Elsewhere,
            (_, Value::Text(text)) if is_too_long(&value) || !is_line(text) => Editing::Elsewhere,
            _ => Editing::Typed(text_of(&value)),
        }
    }

    /// Returns what the row is called that a cell refers to; its key where that is not known.
    fn name_of(&self, key: &RowKey, position: usize, value: &Value) -> String {
        let listed = self.grid.source().find(key).and_then(|row| self.grid.row(row));
        let listed = listed.and_then(|(_, labels)| labels.get(position, value));
        let label = listed.or_else(|| self.labels.get(position, value));
        label.map_or_else(|| text_of(value), str::to_owned)
    }

    /// Returns what is shown in a cell; `None` where only a part of it is.
    pub(super) fn shown_value(
        &self,
        key: &RowKey,
        position: usize,
        column: &ColumnMeta,
        staged: &Staged,
    ) -> Option<StagedValue> {
        let over = staged.row(self.meta(), key).and_then(|(_, row)| row.value(column.name));
        if let Some(over) = over {
            return Some(over.clone());
        }
        let (row, _) = self.grid.row(self.grid.source().find(key)?)?;
        whole(row, position).map(StagedValue::from)
    }

    /// Returns the cells that are selected where the focused one is among them, else that one.
    pub(super) fn meant(&self, texts: &Texts, effects: &mut Effects) -> Option<Meant> {
        let focus = self.grid.focus()?;
        let column = focus.column..focus.column + 1;
        let key = self.grid.source().key(focus.row)?;
        let selection = &self.grid.selection;
        let is_in_columns = selection.columns().is_none_or(|all| all.contains(&focus.column));
        // What is selected elsewhere, perhaps out of sight, is not what the person has in hand.
        let is_selected = self.grid.is_selected(focus.row, &key);
        if selection.is_empty() || !is_selected || !is_in_columns {
            return Some(Meant { keys: vec![key], places: column });
        }
        if self.refuses_while_selecting(texts, effects) {
            return None;
        }
        let places = self.grid.selection.columns().cloned().unwrap_or(column);
        let Some(keys) = self.grid.selection.these() else {
            effects.tell(Notice::failure(tr!(texts, "staged-not-all")));
            return None;
        };
        // In the order in which they are seen.
        let at_hand = self.grid.at_hand();
        let mut keys: Vec<RowKey> = keys.iter().cloned().collect();
        let row = |key: &RowKey| at_hand.get(key).map_or(u64::MAX, |(row, _)| *row);
        keys.sort_by_cached_key(|key| (row(key), key.clone()));
        Some(Meant { keys, places })
    }

    /// Changes all cells that are meant: `value` says to what, by a column's position.
    pub(super) fn change_meant(
        &self,
        meant: &Meant,
        (staged, known): (&Staged, &Known<'_>),
        effects: &mut Effects,
        value: impl Fn(usize, &ColumnMeta) -> Option<StagedValue>,
    ) -> Option<Vec<CellChange>> {
        let mut changes = Vec::new();
        let at_hand = self.grid.at_hand();
        for place in meant.places.clone() {
            let Some(position) = self.grid.columns.get(place).map(|column| column.position) else {
                continue;
            };
            let Some(column) = self.meta().columns.get(position) else { continue };
            let Some(value) = value(position, column) else {
                effects.tell(Notice::failure(tr!(known.texts, "staged-fill-unread")));
                return None;
            };
            let mut reasons = meant.keys.iter();
            let reason =
                reasons.find_map(|key| self.why_fixed(key, position, column, staged, known));
            if let Some(reason) = reason {
                effects.tell(Notice::failure(reason));
                return None;
            }
            let change = |key: &RowKey| {
                let seen = at_hand.get(key).and_then(|(_, row)| whole(row, position));
                CellChange { key: key.clone(), position, value: value.clone(), seen }
            };
            changes.extend(meant.keys.iter().map(change));
        }
        Some(changes)
    }

    /// Makes the cells that are meant NULL.
    pub(super) fn set_null(&self, staged: &Staged, known: &Known<'_>, effects: &mut Effects) {
        let Some(meant) = self.meant(known.texts, effects) else { return };
        let null = |_, _: &ColumnMeta| Some(Value::Null.into());
        let changes = self.change_meant(&meant, (staged, known), effects, null);
        self.stage(changes, effects);
    }

    /// Gives the selected cells the values of the topmost of them.
    pub(super) fn fill_down(&self, staged: &Staged, known: &Known<'_>, effects: &mut Effects) {
        let Some(mut meant) = self.meant(known.texts, effects) else { return };
        if meant.keys.len() < 2 {
            effects.tell(Notice::failure(tr!(known.texts, "staged-fill-what")));
            return;
        }
        let first = meant.keys.remove(0);
        let changes = self.change_meant(&meant, (staged, known), effects, |position, column| {
            self.shown_value(&first, position, column, staged)
        });
        self.stage(changes, effects);
    }

    /// Gives up what is staged for the cells that are meant.
    pub(super) fn revert(&self, staged: &mut Staged, known: &Known<'_>, effects: &mut Effects) {
        let cells = self.meant_cells(known, effects);
        staged.act(|act| {
            for (row, column) in &cells {
                act.revert(row, column);
            }
        });
    }

    /// Decides that what is staged for the cells that are meant stands, although others have changed them
    /// as well.
    pub(super) fn keep_mine(&self, staged: &mut Staged, known: &Known<'_>, effects: &mut Effects) {
        let cells = self.meant_cells(known, effects);
        staged.act(|act| {
            for (row, column) in &cells {
                act.keep_mine(row, column);
            }
        });
    }

    /// Returns the cells that are meant, by their rows and columns' names.
    fn meant_cells(&self, known: &Known<'_>, effects: &mut Effects) -> Vec<(RowId, &'static str)> {
        let Some(meant) = self.meant(known.texts, effects) else { return Vec::new() };
        let columns = meant.places.filter_map(|place| {
            let position = self.grid.columns.get(place)?.position;
            Some(self.meta().columns.get(position)?.name)
        });
        let cells = columns.flat_map(|column| {
            meant.keys.iter().map(move |key| (row_id(self.meta(), key), column))
        });
        cells.collect()
    }

    /// Stages changes, where there are any; where there are none it is so already.
    pub(super) fn stage(&self, changes: Option<Vec<CellChange>>, effects: &mut Effects) {
        match changes {
            None => {}
            Some(changes) if changes.is_empty() => effects.hush(),
            Some(changes) => {
                let changes = changes.into();
                effects.push(Effect::Stage { table: self.meta().table, changes });
            }
        }
    }
}

impl Workspace {
    /// Stages changes of cells; rows that are not at hand whole are read first.
    pub(super) fn stage(
        &mut self,
        table: &'static str,
        changes: Changes,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        if self.staged.is_busy() || self.staged.is_open {
            if self.staged.is_open {
                effects.tell(Notice::failure(tr!(known.texts, "staged-committing")));
            }
            // It is staged as soon as what is staged so far is written, or is not.
            return self.staged.held.push((table, changes));
        }
        let Some(view) = self.views.of(table) else { return };
        let (meta, at_hand) = (view.meta(), view.grid.at_hand());
        let given = changes.rows.iter().map(|row| (meta.key_of(row), row));
        let given: HashMap<RecordKey, &Record> = given.collect();
        let mut seen: HashMap<RecordKey, Record> = HashMap::new();
        let mut missing: BTreeSet<RecordKey> = BTreeSet::new();
        for CellChange { key: row, .. } in &changes.cells {
            let RowKey::Stored(key) = row else { continue };
            if seen.contains_key(key) || missing.contains(key) {
                continue;
            }
            let listed = at_hand.get(row).and_then(|(_, row)| row.whole());
            let stored = || self.staged.staging().stored(&row_id(meta, row));
            match given.get(key).copied().or(listed).or_else(stored) {
                Some(row) => drop(seen.insert(key.clone(), row.clone())),
                None => drop(missing.insert(key.clone())),
            }
        }
        let Some(changes) = self.started(table, changes, effects) else { return };
        if missing.is_empty() {
            return self.stage_seen(table, seen, changes, known, effects);
        }
        self.staged.unread += 1;
        let receive = move |workspace: &mut Self,
                            outcome: Result<WholeRows, Failure>,
                            known: &Known<'_>,
                            effects: &mut Effects| {
            workspace.staged.unread -= 1;
            match outcome {
                Ok(read) => {
                    let rows = read.into_iter().flat_map(|(_, rows)| rows);
                    seen.extend(rows.map(|row| (meta.key_of(&row), row)));
                    workspace.stage_seen(table, seen, changes, known, effects);
                }
                Err(failure) => effects.tell(known.not_found(&failure)),
            }
            workspace.commit_awaited(effects);
        };
        // Each is a question of its own: none takes the place of another.
        let number: RecordNumber = self.records.number();
        let rows = vec![(table, missing.into_iter().collect())];
        effects.ask(SEEN.of(number), ReadWhole { rows }, receive);
    }

    /// Writes what is staged where that has waited for all of it to be staged.
    pub(super) fn commit_awaited(&mut self, effects: &mut Effects) {
        if self.staged.unread == 0
            && !self.staged.is_changing
            && std::mem::take(&mut self.staged.is_awaited)
        {
            effects.run(Command::Commit);
        }
    }

    fn stage_seen(
        &mut self,
        table: &'static str,
        mut seen: HashMap<RecordKey, Record>,
        mut changes: Changes,
        known: &Known<'_>,
        effects: &mut Effects,
    ) {
        let Some(meta) = self.views.of(table).map(EntityView::meta) else { return };
        let cells = &mut changes.cells;
        let before = cells.len();
        cells.retain(|change| change.key.stored().is_none_or(|key| seen.contains_key(key)));
        let is_complete = cells.len() == before;
        let mut changed_since: HashMap<RecordKey, Record> = HashMap::new();
        for CellChange { key, position, seen: value, .. } in &*cells {
            let Some(key) = key.stored() else { continue };
            // What was read since is not what the person saw.
            if let (Some(row), Some(value)) = (seen.get_mut(key), value)
                && row.value(*position) != value
            {
                changed_since.entry(key.clone()).or_insert_with(|| row.clone());
                row.set(*position, value.clone());
            }
        }
        let (count, shows) = (changes.added.len(), changes.shows);
        let adds = count > 0 && changes.cells.is_empty();
        let outcome = self.staged.stage(meta, &seen, changes);
        for row in changed_since.values() {
            self.staged.seen(meta, row);
        }
        match outcome {
            Ok(()) if adds => self.go_to_new_row(table, (count, shows), effects),
            Ok(()) if is_complete => effects.hush(),
            Ok(()) => effects.tell(known.record_gone()),
            Err(error) => effects.tell(Notice::failure(known.texts.error(&error))),
        }
    }

    /// Returns whether a cell is being edited.
    pub(super) fn is_editing(&self) -> bool {
        self.views.iter().any(|view| view.editor.is_some())
    }

    /// Returns whether something is staged, or is about to be.
    pub(super) fn has_staged(&self) -> bool {
        let is_changed =
            |view: &EntityView| view.editor.as_ref().is_some_and(CellEditor::is_changed);
        let is_on_its_way = self.staged.unread > 0 || !self.staged.held.is_empty();
        is_on_its_way || !self.staged.staging().is_empty() || self.views.iter().any(is_changed)
    }

    /// Takes what is being typed into cells, wherever that is.
    pub(super) fn end_all_editing(&mut self, language: Language, effects: &mut Effects) {
        self.views.iter_mut().for_each(|view| view.end_editing(None, language, effects));
    }
}

/// Returns a value of a listed row, unless only a part of it is listed.
pub(super) fn whole(row: &ListedRow, position: usize) -> Option<Value> {
    match row.cell(position) {
        Cell::Whole(value) => Some(value.clone()),
        Cell::Cut { .. } => None,
    }
}

/// Returns the value that a text stands for; the text itself where that is none of the column's.
pub(super) fn typed_value(language: Language, column: &ColumnMeta, text: &str) -> StagedValue {
    let column_type = column.column_type;
    if text.trim().is_empty() && column_type != ColumnType::Text {
        return Value::Null.into();
    }
    match national::parse(language, column_type, text) {
        Some(value) => value.into(),
        None => StagedValue::Text(text.to_owned()),
    }
}
