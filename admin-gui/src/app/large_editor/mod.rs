//! One value in a field as large as the window allows: a long text, JSON, what is binary.

mod hex;
mod view;

use std::sync::Arc;

use egui::TextureHandle;
use persistence::edit::NewValue;
use persistence::staging::{RowKey, StagedValue};
use persistence::{ColumnMeta, ColumnType, EntityMeta, Length, Value};

use super::cell_editing::{typed_value, whole};
use super::context::Known;
use super::effects::Effect;
use super::entity_view::EntityView;
use super::export_dialog::{expanded, usual_folder};
use super::open_records::OpenRecord;
use super::record_event::RecordEvent;
use super::staged::{CellChange, Staged};
use super::workspace::Workspace;
use super::{Effects, Notice};
use crate::form::{Access, is_large, is_too_long, text_of};
use crate::grid::RowSource as _;
use crate::i18n::{Language, Texts};
use crate::jobs::{Failure, Lane, Queue, Topic};
use crate::row_name;
use crate::tasks::{DecodeImage, LoadValue, ReadWhole, RecordNumber, SaveValue, WholeRows};
use crate::tr;

/// Reading a value of which only a part is listed.
const WHOLE: Lane = Topic::new("a whole value", Queue::Rows).only();
/// Files that values come from and go into.
const FILE: Lane = Topic::new("file of a value", Queue::Imports).unlogged().only();
/// The picture that a value is.
const PICTURE: Lane = Topic::new("picture", Queue::Images).unlogged().only();

/// Characters of the longest text that is typed: laying out longer ones takes longer than a frame.
const MOST_TYPED: usize = 100_000;

/// Characters that are shown of a text that is not typed.
const BEGINNING: usize = 4_000;

/// Where the value stands: what it is staged for, whatever has become of the grid and of records meanwhile.
#[derive(Clone, Debug)]
enum Place {
    /// In a row that can be staged.
    Row {
        key: RowKey,
        /// What was stored there, as far as it was to be seen.
        seen: Option<Value>,
    },
    /// In a record whose row has no key.
    Record(RecordNumber),
}

/// What stands in the field.
#[derive(Clone, Debug)]
enum Content {
    /// A text that is typed; NULL where that was there and nothing is typed.
    Typed { text: String, is_null: bool },
    /// A value that nobody types: binary, or too long. Of these there is one copy only.
    Held(Arc<Value>),
}

/// What was seen of what stands in the field.
#[derive(Debug)]
enum Seen {
    Typed {
        characters: usize,
        lines: usize,
        wrong: Option<NotJson>,
    },
    /// How it begins, and how long it is.
    Held {
        start: String,
        length: Option<Length>,
    },
}

/// What is wrong with what is typed, where it is to be JSON.
#[derive(Debug)]
struct NotJson(serde_json::Error);

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileUse {
    Load,
    Save,
}

/// A part that can have the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Field,
    Path,
}

/// What is said below the field.
#[derive(Debug)]
enum Said {
    Done(String),
    Wrong(String),
}

/// The picture that a value is.
enum Picture {
    /// Nothing is known of it.
    Unknown,
    Asked,
    /// `None` where it cannot be shown.
    Known(Option<TextureHandle>),
}

/// One value in a field as large as the window allows.
pub(super) struct LargeEditor {
    meta: &'static EntityMeta,
    position: usize,
    place: Place,
    /// The record in whose field it was opened; the grid where there is none.
    record: Option<RecordNumber>,
    /// What the column is called, and the row.
    title: String,
    /// Why it can only be looked at.
    fixed: Option<String>,
    content: Content,
    before: Content,
    path: String,
    file: Option<FileUse>,
    is_busy: bool,
    said: Option<Said>,
    /// What was seen of it when it became another.
    seen: Seen,
    picture: Picture,
    /// Whether it was to be closed although something is typed.
    asks_to_give_up: bool,
    /// What gets the keyboard in the next picture.
    focus: Option<Part>,
}

impl Content {
    /// Returns what a value is edited as.
    fn of(value: Value) -> Self {
        match value {
            Value::Bytes(_) if is_too_long(&value) => Self::Held(Arc::new(value)),
            // Its digits are no text of the column, and dots no value.
            Value::Raw(_) | Value::Masked => Self::Held(Arc::new(value)),
            value => {
                let (text, is_null) = (text_of(&value), value.is_null());
                let is_held = is_longer_than_typed(&text);
                if is_held { Self::Held(Arc::new(value)) } else { Self::Typed { text, is_null } }
            }
        }
    }

    /// Returns whether it is the same text, or the same copy of a value.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Typed { text, is_null },
                Self::Typed { text: other, is_null: is_other_null },
            ) => text == other && is_null == is_other_null,
            (Self::Held(value), Self::Held(other)) => Arc::ptr_eq(value, other),
            _ => false,
        }
    }

    fn of_staged(value: StagedValue) -> Option<Self> {
        match value {
            StagedValue::Text(text) => Some(Self::Typed { text, is_null: false }),
            StagedValue::Value(NewValue::Known(value)) => Some(Self::of(value)),
            StagedValue::Value(_) => None,
        }
    }
}

fn is_longer_than_typed(text: &str) -> bool {
    text.len() > MOST_TYPED && text.chars().nth(MOST_TYPED).is_some()
}

impl LargeEditor {
    fn new(
        (meta, position): (&'static EntityMeta, usize),
        place: Place,
        title: String,
        fixed: Option<String>,
        content: Content,
    ) -> Self {
        let mut editor = Self {
            meta,
            position,
            place,
            record: None,
            title,
            fixed,
            before: content.clone(),
            content,
            path: usual_folder(),
            file: None,
            is_busy: false,
            said: None,
            seen: Seen::Held { start: String::new(), length: None },
            picture: Picture::Unknown,
            asks_to_give_up: false,
            focus: Some(Part::Field),
        };
        editor.check();
        editor
    }

    /// Makes the editor of a field of a record.
    pub(super) fn of_field(record: &OpenRecord, position: usize, texts: &Texts) -> Option<Self> {
        let form = &record.form;
        let meta = form.meta();
        let column = meta.columns.get(position)?;
        let content = match (form.value(position), form.text(position)) {
            (Ok(value), _) => Content::of(value),
            (Err(_), Some(text)) => Content::Typed { text: text.to_owned(), is_null: false },
            (Err(_), None) => return None,
        };
        let name = row_name::label(meta, form.base());
        let fixed = match form.access() {
            _ if form.is_editable(position) => None,
            Access::ReadOnly(reason) => Some(reason.clone()),
            Access::ReadWrite => {
                Some(tr!(texts, "staged-filled-in", column = texts.column(meta, column)))
            }
        };
        let title = title(texts, meta, column, name);
        let place = match record.row() {
            Some(row) => {
                let is_stored = row.key.stored().is_some();
                let seen = is_stored.then(|| form.base().value(position).clone());
                Place::Row { key: row.key, seen }
            }
            None => Place::Record(record.number),
        };
        let editor = Self::new((meta, position), place, title, fixed, content);
        Some(Self { record: Some(record.number), ..editor })
    }

    fn column(&self) -> Option<&'static ColumnMeta> {
        self.meta.columns.get(self.position)
    }

    fn column_type(&self) -> ColumnType {
        self.column().map_or(ColumnType::Text, |column| column.column_type)
    }

    /// Returns whether something else stands there than before.
    pub(super) fn is_changed(&self) -> bool {
        !self.content.is_same(&self.before)
    }

    /// Returns what is staged when it is taken.
    fn value(&self, language: Language) -> Option<StagedValue> {
        Some(match &self.content {
            Content::Typed { is_null: true, .. } => Value::Null.into(),
            // No digits are no bytes, which is not NULL.
            Content::Typed { text, .. }
                if self.column_type() == ColumnType::Bytes && text.trim().is_empty() =>
            {
                Value::Bytes(Vec::new()).into()
            }
            Content::Typed { text, .. } => typed_value(language, self.column()?, text),
            Content::Held(value) => match &**value {
                Value::Text(text) => typed_value(language, self.column()?, text),
                value => value.clone().into(),
            },
        })
    }

    /// Puts what is there where it came from, to be staged.
    fn take(self, language: Language, effects: &mut Effects) {
        let Some(value) = self.value(language).filter(|_| self.is_changed()) else { return };
        let position = self.position;
        match self.place {
            Place::Row { key, seen } => {
                let changes = vec![CellChange { key, position, value, seen }].into();
                effects.push(Effect::Stage { table: self.meta.table, changes });
            }
            Place::Record(number) => {
                effects.push(Effect::Record(number, RecordEvent::Edited { position, value }));
            }
        }
    }

    /// Writes JSON on lines of their own, or on one.
    fn format(&mut self, is_pretty: bool) {
        let Content::Typed { text, .. } = &mut self.content else { return };
        // What is none is told already.
        if let Ok(json) = serde_json::from_str(text) {
            let json = Value::Json(json);
            *text = if is_pretty { text_of(&json) } else { json.to_string() };
            self.said = None;
        }
    }

    /// Looks at what stands there, once it has become another: that takes too long for each picture.
    fn check(&mut self) {
        if let Content::Typed { text, .. } = &mut self.content
            && is_longer_than_typed(text)
        {
            self.content = Content::Held(Arc::new(Value::Text(std::mem::take(text))));
        }
        let is_json = self.column_type() == ColumnType::Json;
        self.seen = match &self.content {
            Content::Typed { text, .. } => {
                let is_checked = is_json && !text.trim().is_empty();
                let wrong = || serde_json::from_str::<serde_json::Value>(text).err().map(NotJson);
                let (characters, lines) = (text.chars().count(), text.split('\n').count());
                Seen::Typed { characters, lines, wrong: is_checked.then(wrong).flatten() }
            }
            Content::Held(value) => {
                let start = match &**value {
                    Value::Bytes(_) => String::new(),
                    Value::Text(text) => text.chars().take(BEGINNING).collect(),
                    value => value.to_string().chars().take(BEGINNING).collect(),
                };
                Seen::Held { start, length: Length::of(value) }
            }
        };
    }

    /// Reads or writes the file whose path is typed.
    fn use_file(&mut self, language: Language, effects: &mut Effects) {
        let (path, Some(file)) = (expanded(&self.path), self.file) else { return };
        self.said = None;
        self.asks_to_give_up = false;
        self.is_busy = true;
        match file {
            FileUse::Load => effects.ask_window(FILE, LoadValue(path), |app, outcome| {
                let outcome = app.known().in_words(outcome);
                let texts = &app.preferences.texts;
                let Some(editor) = &mut app.dialogs.large else { return };
                editor.is_busy = false;
                match outcome.and_then(|read| read.map_err(|error| error.to_string())) {
                    Ok(bytes) => editor.load(bytes, texts),
                    Err(reason) => editor.file_failed(FileUse::Load, texts, &reason),
                }
            }),
            FileUse::Save => {
                let value = self.saved(language);
                effects.ask_window(FILE, SaveValue { path, value }, |app, outcome| {
                    let outcome = app.known().in_words(outcome);
                    let texts = &app.preferences.texts;
                    let Some(editor) = &mut app.dialogs.large else { return };
                    editor.is_busy = false;
                    match outcome.and_then(|wrote| wrote.map_err(|error| error.to_string())) {
                        Ok(()) => {
                            let said = tr!(texts, "large-saved", path = editor.path.trim());
                            editor.file_done(said);
                        }
                        Err(reason) => editor.file_failed(FileUse::Save, texts, &reason),
                    }
                });
            }
        }
    }

    fn file_done(&mut self, said: String) {
        self.said = Some(Said::Done(said));
        self.file = None;
        self.focus = Some(Part::Field);
    }

    fn file_failed(&mut self, what: FileUse, texts: &Texts, reason: &str) {
        let path = self.path.trim();
        let said = match what {
            FileUse::Save => tr!(texts, "large-not-saved", path = path, reason = reason),
            FileUse::Load => tr!(texts, "large-not-loaded", path = path, reason = reason),
        };
        self.said = Some(Said::Wrong(said));
        self.focus = Some(Part::Path);
    }

    /// Returns what a file of it holds: bytes where its digits are typed, else what is typed.
    fn saved(&self, language: Language) -> Arc<Value> {
        match &self.content {
            Content::Held(value) => Arc::clone(value),
            Content::Typed { text, .. } => match self.value(language) {
                Some(StagedValue::Value(NewValue::Known(value @ Value::Bytes(_)))) => value.into(),
                _ => Arc::new(Value::Text(text.clone())),
            },
        }
    }

    /// Takes what a file holds in the place of what stands there.
    fn load(&mut self, bytes: Vec<u8>, texts: &Texts) {
        let value = if self.column_type() == ColumnType::Bytes {
            Value::Bytes(bytes)
        } else {
            match String::from_utf8(bytes) {
                Ok(text) => match text.strip_prefix('\u{feff}') {
                    Some(rest) => Value::Text(rest.to_owned()),
                    None => Value::Text(text),
                },
                Err(error) => {
                    let at = error.utf8_error().valid_up_to();
                    let reason = tr!(texts, "large-not-text", position = at);
                    return self.file_failed(FileUse::Load, texts, &reason);
                }
            }
        };
        self.picture = Picture::Unknown;
        self.content = Content::of(value);
        self.check();
        self.file_done(tr!(texts, "large-loaded", path = self.path.trim()));
    }

    /// Asks for the picture that the value is, once.
    fn ask_for_picture(&mut self, effects: &mut Effects) {
        let (Content::Held(value), Picture::Unknown) = (&self.content, &self.picture) else {
            return;
        };
        let value = Arc::clone(value);
        self.picture = Picture::Asked;
        effects.ask_window(PICTURE, DecodeImage(value), |app, outcome| {
            let image = outcome.ok().flatten();
            let options = egui::TextureOptions::LINEAR;
            let texture = image.map(|image| app.window.load_texture("picture", image, options));
            if let Some(editor) = &mut app.dialogs.large {
                editor.picture = Picture::Known(texture);
            }
        });
    }
}

impl NotJson {
    /// Returns it in words.
    fn text(&self, texts: &Texts) -> String {
        let Self(error) = self;
        // Its own words end with where it is, which is said first.
        let said = error.to_string();
        let reason = said.rsplit_once(" at line ").map_or(said.as_str(), |(reason, _)| reason);
        tr!(texts, "large-not-json", line = error.line(), column = error.column(), reason = reason)
    }
}

fn title(texts: &Texts, meta: &EntityMeta, column: &ColumnMeta, row: Option<String>) -> String {
    let column = texts.column(meta, column);
    match row.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")) {
        Some(row) => tr!(texts, "large-title", field = column, row = row),
        None => column,
    }
}

impl EntityView {
    /// Returns whether the cell that is being edited is of a column whose values may need a large field.
    pub(super) fn is_editing_large(&self) -> bool {
        let position = self.editor.as_ref().map(|editor| editor.position);
        position.and_then(|position| self.meta().columns.get(position)).is_some_and(is_large)
    }

    /// Opens the value of the focused cell in a large field, where `typed` may take the place of what stands there;
    /// edits it where it stands where it needs none.
    pub(super) fn enlarge(
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
        let (meta, position) = (self.meta(), column.position);
        let Some(column) = meta.columns.get(position) else { return };
        if !is_large(column) {
            return self.begin_editing(typed, staged, known, effects);
        }
        let fixed = self.why_fixed(&key, position, column, staged, known);
        let name = self.grid.row(focus.row).and_then(|(row, _)| {
            let label = whole(row, meta.label)?;
            Some(label.to_string()).filter(|label| !label.trim().is_empty())
        });
        let title = title(known.texts, meta, column, name);
        let shown = self.shown_value(&key, position, column, staged);
        let seen = self.grid.row(focus.row).and_then(|(row, _)| whole(row, position));
        let open = move |content, key, seen, effects: &mut Effects| {
            let place = Place::Row { key, seen };
            let mut editor = LargeEditor::new((meta, position), place, title, fixed, content);
            if let Some(text) = typed {
                editor.content = Content::Typed { text, is_null: false };
                editor.check();
            }
            effects.push(Effect::Enlarge(Box::new(editor)));
        };
        let content = shown.and_then(Content::of_staged);
        match (content, key) {
            (Some(content), key) => open(content, key, seen, effects),
            (None, RowKey::Stored(stored)) => {
                let rows = vec![(meta.table, vec![stored.clone()])];
                let receive = move |_: &mut Workspace,
                                    read: Result<WholeRows, Failure>,
                                    known: &Known<'_>,
                                    effects: &mut Effects| match read
                {
                    Ok(read) => match read.into_iter().flat_map(|(_, rows)| rows).next() {
                        Some(row) => {
                            let value = row.value(position).clone();
                            let key = RowKey::Stored(stored);
                            open(Content::of(value.clone()), key, Some(value), effects);
                        }
                        None => effects.tell(known.record_gone()),
                    },
                    Err(failure) => effects.tell(known.not_found(&failure)),
                };
                effects.ask(WHOLE, ReadWhole { rows }, receive);
            }
            (None, RowKey::New(_)) => {
                effects.tell(Notice::failure(tr!(known.texts, "staged-in-record")));
            }
        }
    }
}
