//! The form's state: everything but how it looks.

use egui::TextureHandle;
use persistence::edit::{ColumnEdit, EditKind, NewValue};
use persistence::entity::Fill;
use persistence::{
    CatalogEntry, ColumnMeta, Edit, EntityMeta, FieldError, Invalid, Record, RecordKey, Value,
};

use super::calendar::Calendar;
use super::conflict::ConflictState;
use super::event::FormEvent;
use super::field::{Field, FieldImage, text_of};
use super::picker::Picker;
use super::problem::Problem;
use crate::i18n::Language;
use crate::tasks::{Choice, Labels};

/// Whether the form can be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// It can.
    #[default]
    ReadWrite,
    /// It cannot, and this is why, in words.
    ReadOnly(String),
}

/// The form of one record.
#[derive(Clone, Debug)]
pub struct RecordForm {
    pub(super) entry: CatalogEntry,
    pub(super) is_new: bool,
    access: Access,
    /// Why columns are not changed by whoever looks at it, by their positions.
    fixed: Vec<Option<String>>,
    pub(super) base: Record,
    pub(super) base_labels: Vec<Option<String>>,
    pub(super) fields: Vec<Field>,
    /// What is wrong with each field now; kept, because rules may take a while on long texts.
    problems: Vec<Option<Problem>>,
    /// What is wrong with the record as a whole.
    pub(super) summary: Vec<Problem>,
    pub(super) conflict: Option<ConflictState>,
    /// The language in which numbers and dates are typed.
    language: Language,
    pub(super) picker: Option<Picker>,
    pub(super) calendar: Option<Calendar>,
    /// Whether a person has tried to save: from then on every problem is shown.
    pub(super) is_attempted: bool,
    pub(super) is_saving: bool,
    /// The row that is being written: what is typed meanwhile is not part of it.
    pub(super) sent: Option<Record>,
    /// The field that is to be scrolled to and focused.
    pub(super) jump_to: Option<usize>,
}

impl RecordForm {
    /// Gives the keyboard to the first field that can be edited.
    pub fn focus_first(&mut self) {
        self.jump_to = (0..self.fields.len()).find(|&column| self.is_editable(column));
    }

    /// Gives the keyboard to a field.
    pub const fn go_to(&mut self, column: usize) {
        self.jump_to = Some(column);
    }

    /// Notes that it was tried to save what is typed: from then on every problem is shown.
    pub const fn attempted(&mut self) {
        self.is_attempted = true;
    }

    /// Gives the keyboard to none of the fields.
    pub const fn focus_nothing(&mut self) {
        self.jump_to = None;
    }

    /// Makes the form of a row that is in the database, and of what its references point to.
    #[must_use]
    pub fn existing(entry: CatalogEntry, record: Record, labels: &Labels) -> Self {
        Self::of(entry, record, Some(labels), false)
    }

    /// Makes the form of a row that is to be inserted.
    #[must_use]
    pub fn blank(entry: CatalogEntry) -> Self {
        let values = entry.meta.columns.iter().map(|column| match column.column_type {
            persistence::ColumnType::Bool if !column.is_nullable => Value::Bool(false),
            _ => Value::Null,
        });
        let record = Record(values.collect());
        let mut form = Self::of(entry, record, None, true);
        form.focus_first();
        form
    }

    /// Returns the stored values that a new row with the same has, whatever is being typed, by the columns'
    /// positions.
    #[must_use]
    pub fn copied(&self) -> Vec<(usize, Value)> {
        let columns = self.meta().columns.iter().enumerate();
        let copied = columns.filter(|(position, column)| {
            column.fill == Fill::Draft && *self.base.value(*position) != Value::Masked
        });
        copied.map(|(position, _)| (position, self.base.value(position).clone())).collect()
    }

    fn of(entry: CatalogEntry, base: Record, labels: Option<&Labels>, is_new: bool) -> Self {
        let base_labels: Vec<Option<String>> = (0..entry.meta.columns.len())
            .map(|column| Some(labels?.get(column, base.value(column))?.to_owned()))
            .collect();
        let mut fields: Vec<Field> =
            (0..entry.meta.columns.len()).map(|column| Field::of(base.value(column))).collect();
        for (field, (label, column)) in
            fields.iter_mut().zip(base_labels.iter().zip(entry.meta.columns))
        {
            field.label.clone_from(label);
            // Nothing typed yet is not the same as NULL where NULL cannot be.
            field.is_null &= column.is_nullable;
        }
        let mut form = Self {
            problems: vec![None; fields.len()],
            entry,
            is_new,
            access: Access::ReadWrite,
            fixed: Vec::new(),
            base,
            base_labels,
            fields,
            summary: Vec::new(),
            conflict: None,
            language: Language::default(),
            picker: None,
            calendar: None,
            is_attempted: false,
            is_saving: false,
            sent: None,
            jump_to: None,
        };
        form.check();
        form
    }

    /// Sets whether the form can be written.
    #[must_use]
    pub fn with_access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Sets why columns are not changed by whoever looks at the form, by their positions.
    #[must_use]
    pub fn with_fixed(mut self, fixed: Vec<Option<String>>) -> Self {
        self.fixed = fixed;
        self
    }

    /// Returns why a column is not changed by whoever looks at the form.
    pub(super) fn why_fixed(&self, column: usize) -> Option<&str> {
        self.fixed.get(column)?.as_deref()
    }

    /// Returns the entity.
    #[must_use]
    pub const fn meta(&self) -> &'static EntityMeta {
        self.entry.meta
    }

    /// Returns whether the row is not in the database yet.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.is_new
    }

    /// Returns whether and why not the form can be written.
    #[must_use]
    pub const fn access(&self) -> &Access {
        &self.access
    }

    /// Returns the row's primary key; `None` while it is not in the database.
    #[must_use]
    pub fn key(&self) -> Option<RecordKey> {
        (!self.is_new).then(|| self.meta().key_of(&self.base))
    }

    /// Returns the row as it was read.
    #[must_use]
    pub const fn base(&self) -> &Record {
        &self.base
    }

    pub(super) fn column(&self, column: usize) -> Option<&'static ColumnMeta> {
        self.meta().columns.get(column)
    }

    /// Returns whether a person may change a field: not where the database or the framework fills
    /// it, and not the key of a row that exists.
    #[must_use]
    pub fn is_editable(&self, column: usize) -> bool {
        let is_given = self.column(column).is_some_and(|meta| meta.fill == Fill::Draft);
        let is_fixed_key =
            !self.is_new && self.meta().key.contains(&column) && !self.is_odd(column);
        let is_permitted = self.access == Access::ReadWrite && self.why_fixed(column).is_none();
        is_permitted && is_given && !is_fixed_key
    }

    /// Returns whether what is stored in a column is no value of it.
    fn is_odd(&self, column: usize) -> bool {
        !self.is_new && self.column(column).is_some_and(|meta| meta.is_odd(self.base.value(column)))
    }

    /// Returns whether a field still shows what is stored and is no value of its column.
    fn is_left_odd(&self, column: usize) -> bool {
        self.is_odd(column) && self.fields.get(column).is_some_and(|field| !field.is_touched)
    }

    /// Returns the value that is typed into a field.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn value(&self, column: usize) -> Result<Value, Problem> {
        match (self.fields.get(column), self.column(column)) {
            _ if self.is_left_odd(column) => Ok(self.base.value(column).clone()),
            (Some(field), Some(meta)) if self.is_editable(column) => {
                field.value(meta, self.language)
            }
            _ => Ok(self.base.value(column).clone()),
        }
    }

    /// Returns whether a field differs from what was read.
    #[must_use]
    pub fn is_changed(&self, column: usize) -> bool {
        let is_touched = self.fields.get(column).is_some_and(|field| field.is_touched);
        is_touched
            && match self.value(column) {
                Ok(value) => value != *self.base.value(column),
                Err(Problem::Required) => !self.base.value(column).is_null(),
                Err(_) => true,
            }
    }

    /// Returns whether any field differs from what was read.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        (0..self.fields.len()).any(|column| self.is_changed(column))
    }

    /// Returns every field that differs from what was read and can be understood.
    #[must_use]
    pub fn changes(&self) -> Vec<ColumnEdit> {
        let columns = self.meta().columns.iter().enumerate();
        columns
            .filter(|(position, _)| self.is_changed(*position))
            .filter_map(|(position, column)| {
                Some(ColumnEdit {
                    column: column.name.into(),
                    before: self.base.value(position).clone(),
                    after: NewValue::Known(self.value(position).ok()?),
                })
            })
            .collect()
    }

    /// Returns what makes of the row that was read the one that is typed; `None` while something is wrong with
    /// that.
    #[must_use]
    pub fn edit(&self) -> Option<Edit> {
        let mine = self.record().ok()?;
        let meta = self.meta();
        let kind = if let Some(key) = self.key() {
            let version = meta.version_of(&self.base);
            EditKind::Update { key, version, columns: self.changes() }
        } else {
            // What the database or the framework fills in is left to them.
            let columns = meta.columns.iter().zip(&mine.0);
            let typed = columns.filter(|(column, _)| column.fill == Fill::Draft);
            let given = |(column, value): (&ColumnMeta, &Value)| {
                (column.name.into(), NewValue::Known(value.clone()))
            };
            EditKind::Insert { row: 0, columns: typed.map(given).collect() }
        };
        Some(Edit { table: meta.table.into(), kind })
    }

    /// Returns whether the row has a key by which it can be told from others.
    #[must_use]
    pub fn has_key(&self) -> bool {
        !self.is_new
            && self
                .meta()
                .key
                .iter()
                .all(|column| !self.is_odd(*column) && !self.base.value(*column).is_null())
    }

    /// Returns the row as it is typed.
    ///
    /// # Errors
    /// Every field that something is wrong with, by its column's position.
    pub fn record(&self) -> Result<Record, Vec<(usize, Problem)>> {
        let wrong = self.wrong();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(self.record_with(|_| Value::Null))
    }

    fn record_with(&self, instead: impl Fn(&ColumnMeta) -> Value) -> Record {
        let columns = self.meta().columns.iter().enumerate();
        Record(columns.map(|(at, meta)| self.value(at).unwrap_or_else(|_| instead(meta))).collect())
    }

    /// Returns what is wrong with a field now, shown or not.
    #[must_use]
    pub fn problem(&self, column: usize) -> Option<&Problem> {
        self.problems.get(column)?.as_ref()
    }

    /// Returns what is wrong with the record as a whole.
    #[must_use]
    pub fn summary(&self) -> &[Problem] {
        &self.summary
    }

    /// Returns what somebody else has made of the row meanwhile.
    #[must_use]
    pub const fn conflict(&self) -> Option<&ConflictState> {
        self.conflict.as_ref()
    }

    /// Returns what stands in a field.
    #[must_use]
    pub fn text(&self, column: usize) -> Option<&str> {
        self.fields.get(column).map(|field| field.text.as_str())
    }

    /// Returns the name of the row that a field refers to.
    #[must_use]
    pub fn label(&self, column: usize) -> Option<&str> {
        self.fields.get(column)?.label.as_deref()
    }

    /// Returns the field that is scrolled to and focused next.
    #[must_use]
    pub const fn jumps_to(&self) -> Option<usize> {
        self.jump_to
    }

    /// Returns what is wrong with a field, once it is time to say so: an empty form is not a wrong
    /// one.
    #[must_use]
    pub fn shown_problem(&self, column: usize) -> Option<&Problem> {
        let is_touched = self.fields.get(column).is_some_and(|field| field.is_touched);
        self.problem(column).filter(|_| !self.is_new || self.is_attempted || is_touched)
    }

    /// Returns what keeps the record from being saved, field by field.
    #[must_use]
    pub fn wrong(&self) -> Vec<(usize, Problem)> {
        let problems = self.problems.iter().enumerate();
        problems
            .filter_map(|(column, problem)| {
                Some((column, problem.clone().filter(Problem::blocks)?))
            })
            .collect()
    }

    /// Puts text into a field, as if it were typed.
    pub fn type_text(&mut self, column: usize, text: impl Into<String>) {
        if let Some(field) = self.fields.get_mut(column) {
            field.text = text.into();
        }
        self.edited(column);
    }

    /// Puts a value into a field, as if it had been typed.
    pub fn put(&mut self, column: usize, value: &Value) {
        if let Some(field) = self.fields.get_mut(column) {
            field.put(value);
            field.has_typed = true;
        }
        self.check();
    }

    /// Points a foreign key to a row.
    pub fn choose(&mut self, column: usize, choice: &Choice) {
        self.put(column, &choice.key);
        if let Some(field) = self.fields.get_mut(column) {
            field.label = Some(choice.label.clone());
        }
        self.picker = None;
    }

    /// Reads what is typed in a language from now on.
    pub(super) fn speak(&mut self, language: Language) {
        if std::mem::replace(&mut self.language, language) != language {
            self.check();
        }
    }

    /// Writes a value that was typed as a language has it as it is shown everywhere, so that a person
    /// sees what was understood.
    pub(super) fn settle(&mut self, column: usize) {
        let Some(meta) = self.column(column).filter(|meta| !meta.column_type.is_text()) else {
            return;
        };
        let Ok(value) = self.value(column) else { return };
        if let Some(field) = self.fields.get_mut(column)
            && field.kept.is_none()
            && !field.is_null
            && meta.column_type.parse(&field.text).is_err()
        {
            field.text = text_of(&value);
        }
    }

    /// Makes a field NULL, where it can be.
    pub fn put_null(&mut self, column: usize) {
        if self.column(column).is_some_and(|meta| meta.is_nullable) {
            self.put(column, &Value::Null);
            if let Some(field) = self.fields.get_mut(column) {
                field.label = None;
            }
        }
    }

    /// Gives a field that is NULL an empty text or the like to start from.
    pub fn put_not_null(&mut self, column: usize) {
        let is_bool = self
            .column(column)
            .is_some_and(|meta| meta.column_type == persistence::ColumnType::Bool);
        if is_bool {
            self.put(column, &Value::Bool(false));
        } else if let Some(field) = self.fields.get_mut(column) {
            field.is_null = false;
            field.is_touched = true;
            field.has_typed = true;
        }
        self.check();
    }

    /// Takes back what was typed into a field.
    pub fn revert(&mut self, column: usize) {
        let is_nullable = self.column(column).is_some_and(|meta| meta.is_nullable);
        if let Some(field) = self.fields.get_mut(column) {
            field.show(self.base.value(column));
            field.is_null &= is_nullable;
            field.refusal = None;
            field.label = self.base_labels.get(column).cloned().flatten();
            field.has_typed = true;
        }
        self.check();
    }

    /// Takes back everything that was typed.
    pub fn revert_all(&mut self) {
        for column in 0..self.fields.len() {
            self.revert(column);
        }
        self.summary.clear();
        self.is_attempted = false;
        if self.conflict != Some(ConflictState::Deleted) {
            self.conflict = None;
        }
    }

    /// Notes that the text of a field was changed in its buffer.
    pub(super) fn edited(&mut self, column: usize) {
        if let Some(field) = self.fields.get_mut(column) {
            field.is_null = false;
            field.kept = None;
            field.image = None;
            field.is_touched = true;
            field.has_typed = true;
            field.refusal = None;
        }
        self.check();
    }

    /// Finds what is wrong with each field now.
    pub(super) fn check(&mut self) {
        // The key of a new row will be known when that is inserted.
        let typed = self
            .fields
            .iter()
            .enumerate()
            .map(|(column, field)| self.value(column).err().filter(|_| !field.refers_to_new()));
        let typed: Vec<Option<Problem>> = typed.collect();
        let (refused, broken) = self.broken_rules();
        let rule = |column: usize| {
            let name = self.column(column)?.name;
            let of = |errors: &[FieldError]| {
                let error = errors.iter().find(|error| error.field == name)?;
                Some(error.message.clone())
            };
            let refused = of(&refused).map(|message| Problem::of_message(&message));
            refused.or_else(|| of(&broken).map(Problem::StoredAgainstRule))
        };
        self.problems = typed
            .into_iter()
            .zip(&self.fields)
            .enumerate()
            .map(|(column, (typed, field))| match typed {
                Some(problem) => Some(problem),
                None if self.is_left_odd(column) => Some(Problem::Odd),
                None if self.is_editable(column) => field.refusal.clone().or_else(|| rule(column)),
                None => field.refusal.clone(),
            })
            .collect();
        if self.problems.iter().flatten().all(|problem| !problem.blocks())
            && self.summary.is_empty()
        {
            self.is_attempted = false;
        }
    }

    /// Returns the entity's own rules that the row breaks as it is typed: those for which it would
    /// be refused, and all.
    fn broken_rules(&self) -> (Vec<FieldError>, Vec<FieldError>) {
        // The rules want whole rows: columns without a value get one that nobody sees.
        let mut mine = self.record_with(|meta| meta.column_type.any_value());
        let mut base = self.base.clone();
        for (position, column) in self.meta().columns.iter().enumerate() {
            if self.is_left_odd(position) {
                mine.set(position, column.column_type.any_value());
            }
            if self.is_odd(position) {
                base.set(position, column.column_type.any_value());
            }
        }
        let errors = |checked: Result<(), Invalid>| {
            checked.err().map(|invalid| invalid.errors).unwrap_or_default()
        };
        let broken = errors(self.entry.validate(&mine));
        if self.is_new || broken.is_empty() {
            return (broken.clone(), broken);
        }
        (errors(self.entry.validate_change(&base, &mine)), broken)
    }

    /// Returns whether a person has to decide first what becomes of what somebody else did
    /// meanwhile.
    #[must_use]
    pub fn is_in_conflict(&self) -> bool {
        self.conflict.as_ref().is_some_and(ConflictState::is_undecided)
    }

    /// Returns whether saving makes sense now.
    #[must_use]
    pub fn can_save(&self) -> bool {
        self.access == Access::ReadWrite
            && !self.is_saving
            && !self.is_in_conflict()
            && (self.is_new || self.is_dirty())
    }

    /// Asks for the record to be written; where something is wrong with it, goes to the first such
    /// field instead.
    pub fn save(&mut self) -> Option<FormEvent> {
        if !self.can_save() {
            return None;
        }
        self.is_attempted = true;
        self.summary.clear();
        match self.record() {
            Ok(mine) => {
                self.is_saving = true;
                self.sent = Some(mine);
                Some(FormEvent::SaveRequested)
            }
            Err(wrong) => {
                self.jump_to = wrong.first().map(|(column, _)| *column);
                None
            }
        }
    }

    /// Asks for the form to be closed: an open picker or calendar first. What is typed is staged.
    pub fn close(&mut self) -> Option<FormEvent> {
        if self.dismiss() { None } else { Some(FormEvent::Closed) }
    }

    /// Returns whether the form is being written.
    #[must_use]
    pub const fn is_saving(&self) -> bool {
        self.is_saving
    }

    /// Closes the picker or calendar that is open in the form; returns whether there was one.
    pub fn dismiss(&mut self) -> bool {
        self.picker.take().is_some() | self.calendar.take().is_some()
    }

    /// Shows the image that is in a field; `None` where it cannot be shown.
    pub fn show_image(&mut self, column: usize, image: Option<TextureHandle>) {
        if let Some(field) = self.fields.get_mut(column).filter(|field| field.kept.is_some()) {
            field.image = Some(FieldImage(image));
        }
    }

    /// Takes the rows that were found for a foreign key to point to.
    pub fn reference_results(&mut self, column: usize, choices: Vec<Choice>) {
        let lines_before = self.lines_before_choices(column);
        if let Some(picker) = self.picker.as_mut().filter(|picker| picker.column == column) {
            picker.answer(choices, lines_before);
        }
    }

    /// Returns how many lines of a picker stand before what was found: NULL, where the column takes
    /// it.
    pub(super) fn lines_before_choices(&self, column: usize) -> usize {
        usize::from(self.column(column).is_some_and(|meta| meta.is_nullable))
    }

    /// Takes the labels of what the references of the row as it was read point to.
    pub fn set_labels(&mut self, labels: &Labels) {
        for column in 0..self.fields.len() {
            let label = labels.get(column, self.base.value(column)).map(str::to_owned);
            let is_changed = self.is_changed(column);
            if let (Some(label), Some(base), Some(field)) =
                (label, self.base_labels.get_mut(column), self.fields.get_mut(column))
            {
                if !is_changed {
                    field.label = Some(label.clone());
                }
                *base = Some(label);
            }
        }
    }
}
