//! The dialog before a deletion.

use domain::Address;
use egui::accesskit::Role;
use egui::{Key, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use persistence::deletion::{Consequence, Count, DeletionPlan, Sample};
use persistence::{EntityMeta, OnDelete};

use super::*;
use admin_gui::form::{DeletionChoice, DeletionDialog};
use admin_gui::i18n::{Language, Texts};
use admin_gui::tasks::{ListedRow, PlannedDeletion, SeenRow};

struct Shown {
    dialog: DeletionDialog,
    texts: Texts,
    choice: Option<DeletionChoice>,
}

fn show(dialog: DeletionDialog, language: Language) -> Harness<'static, Shown> {
    let mut is_installed = false;
    let shown = Shown { dialog, texts: Texts::new(language), choice: None };
    let mut harness = Harness::builder().with_size(vec2(800.0, 600.0)).build_ui_state(
        move |ui, shown: &mut Shown| {
            if !std::mem::replace(&mut is_installed, true) {
                admin_gui::theme::install(ui.ctx());
                return;
            }
            if shown.choice.is_none() {
                shown.choice = shown.dialog.show(ui.ctx(), &shown.texts);
            }
        },
        shown,
    );
    harness.run();
    harness
}

fn english(dialog: DeletionDialog) -> Harness<'static, Shown> {
    show(dialog, Language::English)
}

fn dialog(meta: &'static EntityMeta, consequences: Vec<Consequence>) -> DeletionDialog {
    let mut dialog = waiting(meta);
    dialog.planned(planned(meta, 1, &["Lem"], consequences));
    dialog
}

/// A dialog about a row with a key alone.
fn waiting(meta: &'static EntityMeta) -> DeletionDialog {
    DeletionDialog::new(meta, row(meta, 1), "Lem".to_owned())
}

fn row(meta: &'static EntityMeta, key: i64) -> SeenRow {
    let mut record = Record(vec![Value::Null; meta.columns.len()]);
    record.set(meta.key[0], key.into());
    ListedRow::from(record).seen(meta)
}

fn planned(
    entity: &'static EntityMeta,
    count: u32,
    labels: &[&str],
    consequences: Vec<Consequence>,
) -> PlannedDeletion {
    let rows = (1..=i64::from(count)).map(|key| row(entity, key)).collect();
    let labels = labels.iter().copied().map(ToOwned::to_owned).collect();
    PlannedDeletion {
        rows,
        labels,
        plan: DeletionPlan { entity, rows: count.into(), consequences },
    }
}

fn consequence(
    entity: &'static EntityMeta,
    column: &str,
    referred: &'static EntityMeta,
    rule: OnDelete,
    count: Count,
) -> Consequence {
    let samples = vec![Sample { key: 6.into(), label: "Solaris".to_owned() }];
    Consequence { entity, column: entity.column(column).unwrap(), referred, rule, count, samples }
}

fn blocked() -> DeletionDialog {
    let books = consequence(
        Book::meta(),
        "author_id",
        Author::meta(),
        OnDelete::Restrict,
        Count::Exactly(8),
    );
    dialog(Author::meta(), vec![books])
}

fn addresses() -> Consequence {
    let count = Count::AtLeast(10_000);
    consequence(Address::meta(), "user_id", User::meta(), OnDelete::Cascade, count)
}

fn cascading() -> DeletionDialog {
    dialog(User::meta(), vec![addresses()])
}

#[test]
fn a_blocked_deletion_names_what_is_in_the_way_and_cannot_go_on() {
    let harness = english(blocked());
    harness.get_by_label_contains("still refer to them");
    harness.get_by_label("Books: 8");
    harness.get_by_label_contains("Solaris · and 7 more");
    harness.get_by_label_contains("Delete or change what is in the way first");
    let delete = harness.get_by_role_and_label(Role::Button, "Delete");
    assert!(delete.accesskit_node().is_disabled());
}

#[test]
fn a_cascading_deletion_says_how_many_go_along() {
    let mut harness = english(cascading());
    harness.get_by_label("Addresses: at least 10\u{a0}000");
    harness.get_by_role_and_label(Role::Button, "Delete").click();
    harness.run();
    assert_eq!(harness.state().choice, Some(DeletionChoice::Delete));
}

#[test]
fn nothing_can_be_deleted_before_the_plan_is_there() {
    let mut harness = english(waiting(User::meta()));
    let is_disabled = |harness: &Harness<'_, Shown>| {
        harness.get_by_role_and_label(Role::Button, "Delete").accesskit_node().is_disabled()
    };
    assert!(is_disabled(&harness));
    harness.state_mut().dialog.failed("gone".to_owned());
    harness.run();
    harness.get_by_label_contains("gone");
    assert!(is_disabled(&harness));
}

#[test]
fn cancel_has_the_focus_so_that_enter_deletes_nothing() {
    let mut harness = english(cascading());
    assert!(harness.get_by_label("Cancel").is_focused());
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().choice, Some(DeletionChoice::Cancel));
}

#[test]
fn cancel_keeps_the_focus_when_the_plan_comes() {
    let mut harness = english(waiting(User::meta()));
    let plan = planned(User::meta(), 1, &["Lem"], vec![addresses()]);
    harness.state_mut().dialog.planned(plan);
    harness.run();
    assert!(harness.get_by_label("Cancel").is_focused());
}

#[test]
fn cancel_has_the_focus_again_when_it_is_asked_again() {
    let mut harness = english(cascading());
    harness.get_by_role_and_label(Role::Button, "Delete").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state_mut().choice.take(), Some(DeletionChoice::Delete));
    harness.run();
    let plan = planned(User::meta(), 1, &["Lem"], vec![addresses()]);
    harness.state_mut().dialog.planned(plan);
    harness.run();
    harness.get_by_label_contains("Somebody else has changed it");
    assert!(harness.get_by_label("Cancel").is_focused());
}

#[test]
fn escape_cancels() {
    let mut harness = english(cascading());
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().choice, Some(DeletionChoice::Cancel));
}

#[test]
fn several_rows_are_counted_in_russian_with_the_right_plural() {
    let mut dialog = DeletionDialog::of_rows(Book::meta(), 22, Vec::new());
    dialog.planned(planned(Book::meta(), 22, &["Мы", "Мастер и Маргарита"], Vec::new()));
    let harness = show(dialog, Language::Russian);
    harness.get_by_label_contains("22 записи");
}
