//! Journals of tables that are others by now.

use std::path::Path;

use persistence::entity::{Fill, Storage};
use persistence::staging::journal::{Journal, LeftBehind};
use persistence::staging::{RowId, StagedRow, StagedValue, Staging, Step};
use persistence::{CatalogEntry, ColumnMeta, ColumnType, EntityMeta, Record, Value};

const ID: ColumnMeta = ColumnMeta::new("id", ColumnType::Integer { bits: 64 }, Storage::BigInt)
    .filled(Fill::Generated);
const TITLE: ColumnMeta = ColumnMeta::new("title", ColumnType::Text, Storage::Text);
const TEXT: ColumnMeta = ColumnMeta::new("text", ColumnType::Text, Storage::Text).nullable(true);
const PLACE: ColumnMeta = ColumnMeta::new("place", ColumnType::Text, Storage::Text).nullable(true);

static NOTES: EntityMeta = EntityMeta::new("Note", "notes", &[ID, TITLE, TEXT], &[0]);
static TAGS: EntityMeta = EntityMeta::new("Tag", "tags", &[ID, TITLE], &[0]);
/// Another order, a new column, and one that is gone.
static MOVED: EntityMeta = EntityMeta::new("Note", "notes", &[PLACE, TITLE, ID], &[2]);
/// As many columns, of which one is of another type.
static NUMBERED: EntityMeta = EntityMeta::new(
    "Note",
    "notes",
    &[ID, TITLE, ColumnMeta::new("text", ColumnType::Integer { bits: 32 }, Storage::Integer)],
    &[0],
);
static KEYED: EntityMeta = EntityMeta::new("Note", "notes", &[ID, TITLE, TEXT], &[1]);

fn entries(metas: &[&'static EntityMeta]) -> Vec<CatalogEntry> {
    metas.iter().map(|meta| CatalogEntry::new(meta)).collect()
}

fn note() -> Record {
    Record(vec![7.into(), "title".into(), "text".into()])
}

/// Stages something of notes and tags, takes the last of it back, and leaves it behind.
fn leave_behind(folder: &Path) {
    let entries = entries(&[&NOTES, &TAGS]);
    let mut journal = Journal::create(folder, "notes.db", &entries).unwrap();
    let mut staging = Staging::new(&entries);
    let tag = Record(vec![3.into(), "tag".into()]);
    let staged: [(&'static EntityMeta, &Record, &str, &str); 5] = [
        (&NOTES, &note(), "title", "first"),
        (&TAGS, &tag, "title", "red"),
        (&NOTES, &note(), "text", "12"),
        (&TAGS, &tag, "title", "blue"),
        (&TAGS, &tag, "title", "green"),
    ];
    for (meta, row, column, value) in staged {
        let mut act = staging.act();
        act.set(meta, row, column, value.into()).unwrap();
        let step = act.finish().unwrap();
        journal.append(&step, &staging).unwrap();
    }
    let mut now = note();
    now.set(1, "theirs".into());
    let reread = staging.reread(&RowId::stored(&NOTES, &note()), Some(now)).unwrap();
    journal.append(&reread, &staging).unwrap();
    for _ in 0..2 {
        let step = staging.undo().unwrap();
        journal.append(&step, &staging).unwrap();
    }
}

fn left_behind(folder: &Path, metas: &[&'static EntityMeta]) -> LeftBehind {
    let mut left = Journal::left_behind(folder, "notes.db", &entries(metas)).unwrap();
    assert_eq!(left.len(), 1);
    left.remove(0)
}

fn lost(left: &LeftBehind) -> Vec<(&str, Option<&str>)> {
    left.lost.iter().map(|lost| (&*lost.row.table, lost.column.as_deref())).collect()
}

fn text(staging: &Staging, meta: &EntityMeta, row: &Record, column: &str) -> Option<StagedValue> {
    staging.row(&RowId::stored(meta, row))?.value(column).cloned()
}

#[test]
fn the_order_of_entities_makes_no_other_schema() {
    let folder = tempfile::tempdir().unwrap();
    leave_behind(folder.path());
    let left = left_behind(folder.path(), &[&TAGS, &NOTES]);
    assert!(!left.has_other_schema);
    assert!(left.lost.is_empty());
    assert_eq!(left.staging.len(), 2);
}

#[test]
fn values_are_found_by_the_names_of_their_columns() {
    let folder = tempfile::tempdir().unwrap();
    leave_behind(folder.path());
    let left = left_behind(folder.path(), &[&MOVED, &TAGS]);
    assert!(left.has_other_schema);
    assert_eq!((left.cut, lost(&left)), (0, vec![("notes", Some("text"))]));
    let row = Record(vec![Value::Null, "title".into(), 7.into()]);
    let id = RowId::stored(&MOVED, &row);
    assert_eq!(text(&left.staging, &MOVED, &row, "title"), Some("first".into()));
    assert_eq!(left.staging.row(&id).unwrap().columns().unwrap().len(), 1);
    assert_eq!(left.staging.seen(&id), Some(&row));
    let now = Record(vec![Value::Null, "theirs".into(), 7.into()]);
    assert_eq!(left.staging.stored(&id), Some(&now));
    assert!(left.staging.conflict(&id).is_some());

    let (mut journal, mut staging) = left.adopt().unwrap();
    let mut act = staging.act();
    act.set(&MOVED, &now, "place", "here".into()).unwrap();
    let step = act.finish().unwrap();
    journal.append(&step, &staging).unwrap();
    drop(journal);
    let left = left_behind(folder.path(), &[&MOVED, &TAGS]);
    assert!(!left.has_other_schema, "it was written anew");
    assert!(left.lost.is_empty());
    assert_eq!(text(&left.staging, &MOVED, &row, "place"), Some("here".into()));
    assert_eq!(text(&left.staging, &MOVED, &row, "title"), Some("first".into()));
}

#[test]
fn values_of_another_type_are_turned_into_it_or_are_text() {
    let folder = tempfile::tempdir().unwrap();
    leave_behind(folder.path());
    let left = left_behind(folder.path(), &[&NUMBERED, &TAGS]);
    assert!(left.has_other_schema);
    assert!(left.lost.is_empty());
    let typed = StagedValue::Text("12".to_owned());
    assert_eq!(text(&left.staging, &NUMBERED, &note(), "text"), Some(typed));
    assert!(left.staging.edits().is_err(), "nothing of another type is written");
}

#[test]
fn rows_of_tables_that_are_gone_are_told_and_the_others_are_undone_as_they_would_be() {
    let tag = Record(vec![3.into(), "tag".into()]);
    for metas in [&[&NOTES][..], &[&NOTES, &KEYED_TAGS][..]] {
        let folder = tempfile::tempdir().unwrap();
        leave_behind(folder.path());
        let left = left_behind(folder.path(), metas);
        assert!(left.has_other_schema);
        assert_eq!(lost(&left), [("tags", None)]);
        let mut staging = left.staging.clone();
        assert_eq!(staging.row(&RowId::stored(&TAGS, &tag)), None);
        let staged = |staging: &Staging| staging.row(&RowId::stored(&NOTES, &note())).cloned();
        let columns = |staging: &Staging| staged(staging).unwrap().columns().unwrap().len();
        assert_eq!(columns(&staging), 2);
        assert!(staging.redo().is_none(), "the acts that were taken back were about tags");
        assert_eq!(staging.undo(), Some(Step::Undone));
        assert_eq!(columns(&staging), 1);
        assert_eq!(staging.undo(), Some(Step::Undone));
        assert_eq!(staged(&staging), None);
        assert!(staging.undo().is_none());
    }
}

static KEYED_TAGS: EntityMeta = EntityMeta::new("Tag", "tags", &[ID, TITLE], &[1]);

#[test]
fn rows_that_have_other_keys_by_now_are_told() {
    let folder = tempfile::tempdir().unwrap();
    leave_behind(folder.path());
    let left = left_behind(folder.path(), &[&KEYED, &TAGS]);
    assert_eq!(lost(&left), [("notes", None)]);
    assert_eq!(left.staging.len(), 1);
    assert!(left.staging.rows().all(|(_, staged)| matches!(staged, StagedRow::Changed(_))));
}

#[test]
fn where_nothing_is_left_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    leave_behind(folder.path());
    let left = left_behind(folder.path(), &[]);
    assert!(left.staging.is_empty());
    let mut told = lost(&left);
    told.sort_unstable();
    assert_eq!(told, [("notes", None), ("tags", None)]);
    left.discard().unwrap();
}
