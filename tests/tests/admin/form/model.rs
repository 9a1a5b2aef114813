//! What is typed, what is wrong, what is written.

use domain::User;
use persistence::edit::{ColumnEdit, Edit, NewValue};
use persistence::staging::{Columns, StagedValue};
use persistence::{
    CatalogEntry, ColumnType, ConstraintKind, ConstraintViolation, Error, FieldError, Invalid,
};

use super::*;
use admin_gui::form::{Access, ConflictState, Problem, Winner};
use admin_gui::i18n::{Language, Texts};

fn texts() -> Texts {
    Texts::new(Language::English)
}

#[test]
fn a_form_that_was_just_opened_has_nothing_to_save() {
    let mut form = form();
    assert!(!form.is_dirty());
    assert!(form.changes().is_empty());
    assert_eq!(form.save(), None);
    assert_eq!(form.record(), Ok(solaris().to_record()));
}

#[test]
fn a_typed_value_is_a_change_and_typing_the_old_one_is_none() {
    let mut form = form();
    form.type_text(PRICE, "11.40");
    let price = ColumnType::Decimal { scale: 2 }.parse("11.40").unwrap();
    let (before, after) = (Value::Null, NewValue::Known(price));
    assert_eq!(form.changes(), [ColumnEdit { column: "price".into(), before, after }]);
    form.type_text(PRICE, "");
    assert!(!form.is_dirty());
}

#[test]
fn saving_writes_the_difference_to_the_row_that_was_read() {
    let mut form = form();
    form.type_text(TITLE, "Solyaris");
    let mine = Book { title: "Solyaris".to_owned(), ..solaris() };
    let edit = Edit::between(Book::meta(), Some(&solaris().to_record()), Some(&mine.to_record()));
    assert_eq!((form.edit(), form.save()), (edit, Some(FormEvent::SaveRequested)));
    assert_eq!(form.save(), None, "it is being written already");
}

#[test]
fn text_that_is_no_number_is_said_to_be_none() {
    let mut form = form();
    form.type_text(PRICE, "eleven");
    assert_eq!(
        form.shown_problem(PRICE),
        Some(&Problem::WrongType(ColumnType::Decimal { scale: 2 }, "eleven".to_owned()))
    );
    form.type_text(PRICE, "11.405");
    assert!(form.shown_problem(PRICE).is_some());
    form.type_text(PRICE, "11.4");
    assert_eq!(form.shown_problem(PRICE), None);
}

#[test]
fn the_entitys_own_rules_are_checked_while_typing() {
    let mut form = form();
    form.type_text(ISBN, "9780156027602");
    let Some(Problem::Rule(message)) = form.shown_problem(ISBN) else {
        panic!("{:?}", form.shown_problem(ISBN));
    };
    assert!(message.contains('1'), "{message}");
}

#[test]
fn rules_of_other_fields_are_checked_while_one_is_not_filled_in() {
    let mut form = blank();
    form.type_text(ISBN, "9780156027602");
    assert!(matches!(form.shown_problem(ISBN), Some(Problem::Rule(_))));
}

/// The form of a book whose stored ISBN has a wrong check digit.
fn against_a_rule() -> RecordForm {
    let book = Book { isbn: Some("9780156027602".to_owned()), ..solaris() };
    RecordForm::existing(CatalogEntry::of::<Book>(), book.to_record(), &labels())
}

#[test]
fn what_is_stored_against_a_rule_is_shown_and_keeps_no_other_change_from_being_saved() {
    let mut form = against_a_rule();
    let Some(Problem::StoredAgainstRule(message)) = form.shown_problem(ISBN).cloned() else {
        panic!("{:?}", form.shown_problem(ISBN));
    };
    let shown = form.shown_problem(ISBN).unwrap().text(&texts());
    assert_eq!(shown, format!("stored like this: {message}"));
    form.type_text(TITLE, "Solyaris");
    let mine = written(&mut form);
    assert_eq!(mine.value(TITLE), &Value::from("Solyaris"));
    assert_eq!(mine.value(ISBN), &Value::from("9780156027602"));
}

#[test]
fn what_is_stored_against_a_rule_can_be_replaced_by_what_keeps_it_only() {
    let mut form = against_a_rule();
    form.type_text(ISBN, "9780156027603");
    assert!(matches!(form.shown_problem(ISBN), Some(Problem::Rule(_))));
    assert_eq!(form.save(), None);
    form.type_text(ISBN, "9780156027601");
    assert_eq!(form.shown_problem(ISBN), None);
    written(&mut form);
}

#[test]
fn an_old_mistake_is_none_of_those_for_which_a_change_is_refused() {
    let mut form = against_a_rule();
    form.type_text(TITLE, "");
    assert_eq!(form.save(), None);
    let wrong: Vec<usize> = form.wrong().into_iter().map(|(column, _)| column).collect();
    assert_eq!(wrong, [TITLE]);
}

#[test]
fn a_wrong_form_is_not_saved_but_goes_to_the_first_wrong_field() {
    let mut form = form();
    form.type_text(PUBLISHED, "yesterday");
    form.type_text(PRICE, "eleven");
    assert_eq!(form.save(), None);
    assert_eq!(form.jumps_to(), Some(PUBLISHED));
    assert_eq!(form.record().unwrap_err().len(), 2);
}

#[test]
fn an_empty_form_is_not_wrong_until_it_is_saved() {
    let mut form = blank();
    assert_eq!(form.shown_problem(TITLE), None);
    assert_eq!(form.save(), None);
    assert!(form.shown_problem(TITLE).is_some());
    assert_eq!(form.shown_problem(AUTHOR), Some(&Problem::Required));
}

#[test]
fn a_filled_in_form_inserts_a_row_without_what_the_database_fills() {
    let mut form = blank();
    form.type_text(TITLE, "Fiasco");
    form.choose(AUTHOR, &choice(7, "Stanisław Lem"));
    assert_eq!(form.save(), Some(FormEvent::SaveRequested));
    let edit = form.edit().unwrap();
    let EditKind::Insert { row: 0, columns } = edit.kind else { panic!("an insert") };
    let given: Vec<(&str, &Value)> =
        columns.iter().map(|(column, value)| (&**column, value.known().unwrap())).collect();
    let expected = [
        ("title", &Value::from("Fiasco")),
        ("author_id", &Value::Integer(7)),
        ("isbn", &Value::Null),
        ("published_on", &Value::Null),
        ("price", &Value::Null),
        ("in_print", &Value::Bool(false)),
    ];
    assert_eq!(given, expected);
}

#[test]
fn null_and_empty_text_are_two_things() {
    let mut form = form();
    form.put_null(ISBN);
    assert_eq!(form.value(ISBN), Ok(Value::Null));
    form.put_not_null(ISBN);
    assert_eq!(form.value(ISBN), Ok(Value::from("")));
    form.type_text(ISBN, "x");
    form.type_text(ISBN, "");
    assert_eq!(form.value(ISBN), Ok(Value::from("")));
}

#[test]
fn a_date_without_text_is_null() {
    let mut form = form();
    form.type_text(PUBLISHED, "  ");
    assert_eq!(form.value(PUBLISHED), Ok(Value::Null));
}

#[test]
fn a_field_that_cannot_be_null_stays_as_it_is() {
    let mut form = form();
    form.put_null(TITLE);
    assert_eq!(form.value(TITLE), Ok(Value::from("Solaris")));
}

#[test]
fn reverting_a_field_brings_back_value_and_label() {
    let mut form = form();
    form.choose(AUTHOR, &choice(8, "Ursula K. Le Guin"));
    form.type_text(TITLE, "Other");
    form.revert(AUTHOR);
    assert_eq!(form.value(AUTHOR), Ok(Value::Integer(7)));
    assert_eq!(form.label(AUTHOR), Some("Stanisław Lem"));
    assert!(form.is_changed(TITLE));
    form.revert_all();
    assert!(!form.is_dirty());
}

#[test]
fn what_the_database_fills_in_cannot_be_typed() {
    let form = form();
    for column in [ID, VERSION] {
        assert!(!form.is_editable(column));
    }
    let user = RecordForm::blank(CatalogEntry::of::<User>());
    assert!(!user.is_editable(3), "created_at");
    assert!(user.is_editable(1), "name");
}

#[test]
fn a_read_only_form_has_no_editable_field() {
    let mut form = form().with_access(Access::ReadOnly("opened so".to_owned()));
    assert!((0..8).all(|column| !form.is_editable(column)));
    form.type_text(TITLE, "Other");
    assert_eq!(form.record(), Ok(solaris().to_record()));
    assert_eq!(form.save(), None);
}

#[test]
fn a_saved_form_starts_over_from_what_is_stored() {
    let mut form = form();
    form.type_text(TITLE, "Solyaris");
    let mut stored = written(&mut form);
    stored.set(VERSION, Value::Integer(2));
    form.saved(stored.clone());
    assert!(!form.is_dirty());
    assert_eq!(form.base(), &stored);
    form.type_text(TITLE, "Solaris");
    assert_eq!(written(&mut form).value(VERSION), &Value::Integer(2));
}

#[test]
fn an_inserted_row_becomes_one_that_exists() {
    let mut form = blank();
    form.type_text(TITLE, "Solaris");
    form.choose(AUTHOR, &choice(7, "Stanisław Lem"));
    assert_eq!(form.key(), None);
    written(&mut form);
    form.saved(solaris().to_record());
    assert_eq!(form.key(), Some(6.into()));
    assert!(!form.is_new());
}

#[test]
fn a_refused_isbn_is_said_at_its_field_until_it_is_changed() {
    let mut form = form();
    form.type_text(ISBN, "9780156027595");
    written(&mut form);
    let error = Error::from(ConstraintViolation {
        kind: ConstraintKind::Unique,
        entity: "Book",
        table: Some("books".to_owned()),
        columns: vec!["isbn".to_owned()],
        constraint: None,
        referenced_by: Vec::new(),
        message: "UNIQUE constraint failed: books.isbn".to_owned(),
    });
    form.failed(&error, &texts());
    assert_eq!(form.shown_problem(ISBN), Some(&Problem::NotUnique));
    assert_eq!(form.jumps_to(), Some(ISBN));
    form.type_text(ISBN, "9780547773742");
    assert_eq!(form.shown_problem(ISBN), None);
    assert!(form.can_save());
}

#[test]
fn broken_rules_of_the_database_go_to_their_fields_and_the_rest_to_the_summary() {
    let mut form = form();
    form.type_text(TITLE, "x");
    let error = Error::from(Invalid {
        entity: "Book",
        errors: vec![FieldError::required("title"), FieldError::new("", "a book needs something")],
    });
    form.failed(&error, &texts());
    assert_eq!(form.shown_problem(TITLE), Some(&Problem::Required));
    assert_eq!(form.summary().len(), 1);
}

#[test]
fn a_lost_connection_goes_to_the_summary_and_keeps_what_was_typed() {
    let mut form = form();
    form.type_text(TITLE, "Other");
    written(&mut form);
    let error = Error::Unavailable { target: "db".into(), message: "gone".into() };
    form.failed(&error, &texts());
    assert_eq!(form.summary().len(), 1);
    assert_eq!(form.value(TITLE), Ok(Value::from("Other")));
    assert!(form.can_save());
}

#[test]
fn a_conflict_takes_over_what_only_they_changed_and_asks_about_the_rest() {
    let mut form = form();
    form.type_text(TITLE, "Mine");
    form.type_text(PRICE, "9.99");
    let mine = written(&mut form);
    let theirs = Book { title: "Theirs".to_owned(), in_print: false, version: 2, ..solaris() };
    form.failed(&conflict(&mine, Some(theirs.clone())), &texts());
    let was = vec![(TITLE, Value::from("Solaris"), None)];
    let expected =
        ConflictState::Changed { contested: vec![TITLE], taken_over: vec![IN_PRINT], was };
    assert_eq!(form.conflict(), Some(&expected));
    assert!(!form.can_save(), "the title is undecided");
    assert_eq!(form.value(IN_PRINT), Ok(Value::Bool(false)));
    form.decide(TITLE, Winner::Mine);
    let price = form.value(PRICE).unwrap();
    assert_ne!(price, Value::Null);
    let mut mine = theirs.to_record();
    mine.set(TITLE, Value::from("Mine"));
    mine.set(PRICE, price);
    let edit = Edit::between(Book::meta(), Some(&theirs.to_record()), Some(&mine));
    assert_eq!(form.edit(), edit, "only over what they made of it");
    assert_eq!(form.save(), Some(FormEvent::SaveRequested));
}

#[test]
fn taking_theirs_everywhere_leaves_nothing_to_save() {
    let mut form = form();
    form.type_text(TITLE, "Mine");
    let mine = written(&mut form);
    let theirs = Book { title: "Theirs".to_owned(), version: 2, ..solaris() };
    form.failed(&conflict(&mine, Some(theirs)), &texts());
    form.decide(TITLE, Winner::Theirs);
    assert_eq!(form.value(TITLE), Ok(Value::from("Theirs")));
    assert!(!form.is_dirty());
    assert_eq!(form.conflict(), None);
}

#[test]
fn both_typing_the_same_is_no_contest() {
    let mut form = form();
    form.type_text(TITLE, "Same");
    let mine = written(&mut form);
    let theirs = Book { title: "Same".to_owned(), version: 2, ..solaris() };
    form.failed(&conflict(&mine, Some(theirs)), &texts());
    assert!(!form.conflict().is_some_and(ConflictState::is_undecided));
    assert!(!form.is_dirty());
}

#[test]
fn a_row_that_was_deleted_meanwhile_can_be_inserted_again() {
    let mut form = form();
    form.type_text(TITLE, "Mine");
    let mine = written(&mut form);
    form.failed(&conflict(&mine, None), &texts());
    assert_eq!(form.conflict(), Some(&ConflictState::Deleted));
    assert!(!form.can_save());
    form.insert_again();
    assert!(form.is_new());
    let record = written(&mut form);
    assert_eq!(record.value(TITLE), &Value::from("Mine"));
    assert_eq!(record.value(ISBN), &Value::from("9780156027601"));
    assert_eq!(record.value(ID), &Value::Null);
}

#[test]
fn a_copy_has_what_is_stored_and_not_what_is_being_typed_and_a_key_to_come() {
    let mut form = form();
    form.type_text(TITLE, "Solaris, half corrected");
    form.put_null(PRICE);
    let copied = form.copied();
    let value = |column: usize| copied.iter().find(|(it, _)| *it == column).map(|(_, it)| it);
    assert_eq!(value(TITLE), Some(&Value::from("Solaris")));
    assert_eq!(value(AUTHOR), Some(&Value::Integer(7)));
    assert_eq!(value(PRICE), Some(form.base().value(PRICE)));
    assert_eq!((value(ID), value(VERSION)), (None, None), "the database gives these");
}

#[test]
fn what_is_typed_while_the_record_is_written_stays_typed() {
    let mut form = form();
    form.type_text(TITLE, "First");
    let mut stored = written(&mut form);
    stored.set(VERSION, Value::Integer(4));
    form.type_text(TITLE, "Second");
    form.saved(stored);
    assert_eq!(form.value(TITLE), Ok(Value::from("Second")));
    assert!(form.is_dirty());
    assert_eq!(form.base().value(TITLE), &Value::from("First"));
}

#[test]
fn what_somebody_else_wrote_meanwhile_is_shown_and_not_taken_for_seen_where_one_types() {
    let mut form = form();
    form.type_text(TITLE, "First");
    let mut stored = written(&mut form);
    form.type_text(PRICE, "3");
    let seen = form.base().value(PRICE).clone();
    stored.set(PRICE, Value::Decimal(persistence::Decimal::<2>::from_units(700).scaled()));
    stored.set(AUTHOR, Value::Integer(8));
    form.saved(stored);
    // Another price than the one that is changed here: the next save asks.
    assert_eq!(form.base().value(PRICE), &seen);
    assert_eq!(form.value(AUTHOR), Ok(Value::Integer(8)));
    assert_eq!(form.label(AUTHOR), None, "the name is that of another author");
}

/// What is staged of the columns with these names.
fn staged<const N: usize>(columns: [(&'static str, StagedValue); N]) -> Columns {
    columns.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

#[test]
fn what_is_typed_is_taken_once_and_what_is_stored_again_as_well() {
    let mut form = form();
    assert_eq!(form.take_typed(), []);
    form.type_text(TITLE, "Other");
    form.type_text(PRICE, "eleven");
    let wrong = StagedValue::Text("eleven".to_owned());
    assert_eq!(form.take_typed(), [(TITLE, "Other".into()), (PRICE, wrong)]);
    assert_eq!(form.take_typed(), []);
    form.type_text(TITLE, "Solaris");
    assert_eq!(form.take_typed(), [(TITLE, "Solaris".into())]);
    assert_eq!(form.close(), Some(FormEvent::Closed));
}

#[test]
fn what_is_staged_otherwise_is_shown_but_where_something_is_being_typed() {
    let mut form = form();
    let wrong = StagedValue::Text("eleven".to_owned());
    form.follow(Some(&staged([("title", "Staged".into()), ("price", wrong.clone())])), &labels());
    assert_eq!(form.text(TITLE), Some("Staged"));
    assert_eq!(form.text(PRICE), Some("eleven"));
    assert_eq!(form.take_typed(), [], "it is staged already");
    form.type_text(TITLE, "Typed");
    form.follow(Some(&staged([("title", "Staged again".into()), ("price", 7.into())])), &labels());
    assert_eq!(form.text(TITLE), Some("Typed"));
    assert_eq!(form.take_typed(), [(TITLE, "Typed".into())]);
    form.follow(None, &labels());
    assert_eq!(form.text(TITLE), Some("Solaris"), "it has been taken back");
    assert!(!form.is_dirty());
}

#[test]
fn keeping_mine_in_a_conflict_stages_it_anew_over_theirs() {
    let mut form = form();
    form.type_text(TITLE, "Mine");
    form.take_typed();
    let theirs = Book { title: "Theirs".to_owned(), ..solaris() };
    form.conflicted(Some(theirs.to_record()));
    assert_eq!(form.take_typed(), []);
    form.decide(TITLE, Winner::Mine);
    assert_eq!(form.take_typed(), [(TITLE, "Mine".into())]);
    assert_eq!(form.base().value(TITLE), &Value::from("Theirs"));
}

#[test]
fn labels_that_come_late_are_shown_where_nothing_else_was_chosen() {
    let entry = CatalogEntry::of::<Book>();
    let mut form = RecordForm::existing(entry, solaris().to_record(), &Labels::default());
    assert_eq!(form.label(AUTHOR), None);
    form.set_labels(&labels());
    assert_eq!(form.label(AUTHOR), Some("Stanisław Lem"));
}
