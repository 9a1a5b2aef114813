//! Editing through the unit of work and the repository; what the database refuses.

use integration_tests::chinook::{
    Album, Artist, Customer, Employee, Genre, Invoice, Money, NewAlbum, NewArtist, NewEmployee,
    NewInvoice, NewInvoiceLine, NewPlaylist, NewPlaylistTrack, NewTrack, PlaylistTrack, Track,
    chinook,
};
use persistence::{ConstraintKind, ConstraintViolation, Error, Filter, Ref, Repository, Result};

fn violation<T: std::fmt::Debug>(result: Result<T>) -> ConstraintViolation {
    match result {
        Err(Error::Constraint(violation)) => *violation,
        other => panic!("expected a constraint violation, got {other:?}"),
    }
}

fn track(name: &str) -> NewTrack {
    NewTrack {
        name: name.to_owned(),
        album: Some(Ref::Id(1)),
        media_type: Ref::Id(1),
        genre: None,
        composer: None,
        milliseconds: 1000,
        bytes: None,
        unit_price: Money::from_units(129),
    }
}

#[test]
fn a_changed_row_is_there_in_the_next_session() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let invoice = session.get::<Invoice>(98).unwrap();
    let date = session[invoice].invoice_date + chrono::Duration::minutes(90);
    session[invoice].invoice_date = date;
    session[invoice].total = "1234.56".parse().unwrap();
    session[invoice].billing_state = None;
    session.commit().unwrap();
    drop(session);

    let mut session = chinook.database.session().unwrap();
    let stored: Invoice = Repository::get(&mut session, 98).unwrap();
    assert_eq!((stored.invoice_date, stored.total.units()), (date, 123_456));
    assert_eq!(stored.billing_state, None);
}

#[test]
fn what_the_framework_writes_others_read_in_the_format_they_know() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let before: Invoice = Repository::get(&mut session, 98).unwrap();
    let later = before.invoice_date + chrono::Duration::minutes(90);
    session.update(Invoice { invoice_date: later, ..before }).unwrap();
    session.commit().unwrap();
    // A check of the database's own, past the framework.
    chinook.file.execute(
        "CREATE TABLE Seen (At TEXT CHECK (At LIKE '____-__-__ 01:30:00'), Kind TEXT CHECK (Kind = 'real'));
         INSERT INTO Seen SELECT InvoiceDate, typeof(Total) FROM Invoice WHERE InvoiceId = 98",
    );
}

#[test]
fn parents_and_children_are_added_in_any_order() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let artist = session.add(NewArtist { name: Some("Кино".to_owned()) });
    let album = session
        .add(NewAlbum { title: "Группа крови".to_owned(), artist: artist.into() });
    let song = session
        .add(NewTrack {
            album: Some(album.into()), ..track("Звезда по имени Солнце")
        });
    let list = session.add(NewPlaylist { name: Some("Русский рок".to_owned()) });
    let place = session.add(NewPlaylistTrack { playlist: list.into(), track: song.into() });
    session.commit().unwrap();

    assert_eq!(session[song].album_id, Some(session[album].album_id));
    assert_eq!(session[album].artist_id, session[artist].artist_id);
    let key = (session[list].playlist_id, session[song].track_id);
    assert_eq!((session[place].playlist_id, session[place].track_id), key);
    assert!(session[artist].artist_id > 275);
}

#[test]
fn an_employee_may_report_to_one_who_is_added_with_them() {
    let chinook = chinook();
    let employee = |name: &str, manager| NewEmployee {
        last_name: name.to_owned(),
        first_name: "Ann".to_owned(),
        title: None,
        manager,
        birth_date: None,
        hire_date: None,
        address: None,
        city: None,
        state: None,
        country: None,
        postal_code: None,
        phone: None,
        fax: None,
        email: None,
    };
    let mut session = chinook.database.session().unwrap();
    let boss = session.add(employee("Boss", Some(Ref::Id(1))));
    let clerk = session.add(employee("Clerk", Some(boss.into())));
    session.commit().unwrap();
    assert_eq!(session[clerk].reports_to, Some(session[boss].employee_id));
    session[clerk].reports_to = None;
    session.commit().unwrap();
    let stored: Employee = Repository::get(&mut session, session_key(&chinook, "Clerk")).unwrap();
    assert_eq!(stored.reports_to, None);
}

fn session_key(chinook: &integration_tests::chinook::Chinook, last_name: &str) -> i32 {
    let mut session = chinook.database.session().unwrap();
    let query = persistence::Query::<Employee>::new().filter(Employee::LAST_NAME.eq(last_name));
    let employee: Employee = session.one(&query).unwrap();
    employee.employee_id
}

#[test]
fn columns_of_many_rows_are_set_at_once() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let films = Track::UNIT_PRICE.eq("1.99".parse::<Money>().unwrap()).into_filter();
    let changed = Repository::<Track>::update_where(
        &mut session,
        &films,
        &[Track::UNIT_PRICE.set("2.49".parse::<Money>().unwrap()), Track::COMPOSER.set(None)],
    );
    assert_eq!(changed.unwrap(), 213);
    let filter = Filter::parse(
        <Track as persistence::Entity>::meta(),
        "UnitPrice = 2.49 and Composer is null",
    );
    assert_eq!(Repository::<Track>::count(&mut session, &filter.unwrap()).unwrap(), 213);
    session.rollback().unwrap();
    assert_eq!(Repository::<Track>::count(&mut session, &films).unwrap(), 213);
}

#[test]
fn a_row_with_a_composite_key_is_inserted_and_deleted() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let draft = NewPlaylistTrack { playlist: Ref::Id(9), track: Ref::Id(1) };
    let inserted: PlaylistTrack = session.insert(draft.clone()).unwrap();
    let twice = violation(Repository::<PlaylistTrack>::insert(&mut session, draft));
    assert_eq!(twice.kind, ConstraintKind::Unique);
    assert_eq!(twice.fields(), ["PlaylistId", "TrackId"]);
    Repository::<PlaylistTrack>::delete(&mut session, &(9, 1)).unwrap();
    assert_eq!(Repository::<PlaylistTrack>::find(&mut session, &(9, 1)).unwrap(), None);
    assert_eq!((inserted.playlist_id, inserted.track_id), (9, 1));
}

#[test]
fn a_reference_to_nowhere_is_refused_and_named() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let nowhere = NewTrack { genre: Some(Ref::Id(4711)), ..track("Lost") };
    let violation = violation(Repository::<Track>::insert(&mut session, nowhere));
    assert_eq!(violation.kind, ConstraintKind::ForeignKey);
    assert_eq!((violation.entity, violation.fields()), ("Track", vec!["GenreId"]));
    // The session goes on.
    let inserted: Track = session.insert(track("Found")).unwrap();
    session.commit().unwrap();
    assert!(inserted.track_id > 3503);
}

#[test]
fn a_nullable_reference_to_nowhere_is_refused_on_update_too() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let customer = session.get::<Customer>(1).unwrap();
    session[customer].support_rep_id = Some(99);
    let violation = violation(session.commit());
    assert_eq!(violation.kind, ConstraintKind::ForeignKey);
    assert_eq!(violation.fields(), ["SupportRepId"]);
    session[customer].support_rep_id = None;
    session.commit().unwrap();
}

#[test]
fn rules_are_checked_before_the_database_is_asked() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let customer = session.get::<Customer>(1).unwrap();
    session[customer].last_name = "x".repeat(21);
    session[customer].email = "nobody".to_owned();
    let Err(Error::Invalid(invalid)) = session.commit() else { panic!("it was taken") };
    let fields: Vec<_> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!(fields, ["LastName", "Email"]);
}

#[test]
fn many_rows_are_inserted_in_their_order() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let invoice: Invoice = session
        .insert(NewInvoice {
            customer: Ref::Id(1),
            invoice_date: chrono::NaiveDate::from_ymd_opt(2026, 1, 1)
                .unwrap()
                .and_hms_micro_opt(12, 0, 0, 250_000)
                .unwrap(),
            billing_address: None,
            billing_city: None,
            billing_state: None,
            billing_country: None,
            billing_postal_code: None,
            total: Money::default(),
        })
        .unwrap();
    let lines = (1..=1000)
        .map(|track| NewInvoiceLine {
            invoice: Ref::from(&invoice),
            track: Ref::Id(track),
            unit_price: Money::from_units(track.into()),
            quantity: 1,
        })
        .collect();
    let lines: Vec<integration_tests::chinook::InvoiceLine> = session.insert_many(lines).unwrap();
    assert!(lines.is_sorted_by_key(|line| line.invoice_line_id));
    assert!((1..=1000).eq(lines.iter().map(|line| line.track_id)));
    session.commit().unwrap();
    let stored: Invoice = Repository::get(&mut session, invoice.invoice_id).unwrap();
    assert_eq!(stored, invoice);
}

#[test]
fn two_editors_of_a_row_without_a_version_change_their_own_columns() {
    let chinook = chinook();
    let mut first = chinook.database.session().unwrap();
    let base: Artist = Repository::get(&mut first, 1).unwrap();
    first.rollback().unwrap();
    let mut second = chinook.database.session().unwrap();
    let album: Album = Repository::get(&mut second, 1).unwrap();
    second.update_from(&album, Album { title: "Renamed".to_owned(), ..album.clone() }).unwrap();
    second.commit().unwrap();
    let moved = Album { artist_id: 2, ..album.clone() };
    first.update_from(&album, moved).unwrap();
    first.commit().unwrap();
    let stored: Album = Repository::get(&mut first, 1).unwrap();
    assert_eq!((stored.title.as_str(), stored.artist_id), ("Renamed", 2));
    assert_eq!(base.name.as_deref(), Some("AC/DC"));
}

#[test]
fn a_genre_is_renamed_through_the_catalog() {
    let chinook = chinook();
    let catalog = chinook.catalog();
    let mut session = catalog.session().unwrap();
    let mut genres = session.repository("Genre").unwrap();
    let base = genres.find(&1.into()).unwrap().unwrap();
    let mut mine = base.clone();
    mine.set(1, "Rock ’n’ Roll".into());
    genres.update_from(&base, mine).unwrap();
    drop(genres);
    session.commit().unwrap();
    let stored: Genre = Repository::get(&mut chinook.database.session().unwrap(), 1).unwrap();
    assert_eq!(stored.name.as_deref(), Some("Rock ’n’ Roll"));
}
