//! Relations, from both ends.

use integration_tests::chinook::{
    Album, Artist, Customer, Employee, Invoice, InvoiceLine, Playlist, PlaylistTrack, Track,
    chinook,
};
use persistence::{Entity, Error, Key, Session};

type Sqlite = Session<diesel::SqliteConnection>;

fn related_names(session: &Sqlite, keys: &[Key<Employee>]) -> Vec<String> {
    keys.iter().map(|&key| session[key].last_name.clone()).collect()
}

#[test]
fn an_employee_knows_the_manager_and_the_reports() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let everybody = session
        .query::<Employee>()
        .include(Employee::MANAGER)
        .include(Employee::REPORTS)
        .all()
        .unwrap();
    let named = |session: &Sqlite, name| {
        *everybody.iter().find(|&&key| session[key].last_name == name).unwrap()
    };
    let (adams, mitchell, king) =
        (named(&session, "Adams"), named(&session, "Mitchell"), named(&session, "King"));
    let manager = session.related(king, Employee::MANAGER).unwrap();
    assert_eq!(related_names(&session, &manager), ["Mitchell"]);
    assert_eq!(manager, [mitchell]);
    assert!(session.related(adams, Employee::MANAGER).unwrap().is_empty());
    let reports = session.related(adams, Employee::REPORTS).unwrap();
    assert_eq!(related_names(&session, &reports), ["Edwards", "Mitchell"]);
    let reports = session.related(mitchell, Employee::REPORTS).unwrap();
    assert_eq!(related_names(&session, &reports), ["King", "Callahan"]);
}

#[test]
fn albums_and_their_artist_know_each_other() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let artist = session
        .query::<Artist>()
        .filter(Artist::NAME.eq("Queen"))
        .include(Artist::ALBUMS)
        .one()
        .unwrap();
    let albums = session.related(artist, Artist::ALBUMS).unwrap();
    let titles: Vec<_> = albums.iter().map(|&album| session[album].title.as_str()).collect();
    assert_eq!(titles, ["Greatest Hits II", "Greatest Hits I", "News Of The World"]);

    let all = session.query::<Album>().include(Album::ARTIST).all().unwrap();
    let artists: Vec<_> =
        albums.iter().map(|&album| session.related(album, Album::ARTIST).unwrap()).collect();
    assert_eq!(artists, [[artist], [artist], [artist]]);
    assert_eq!(all.len(), 347);
}

#[test]
fn a_playlist_reaches_its_tracks_through_the_table_between() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let list = session
        .query::<Playlist>()
        .filter(Playlist::NAME.eq("Grunge"))
        .include(Playlist::PLAYLIST_TRACKS)
        .one()
        .unwrap();
    let places = session.related(list, Playlist::PLAYLIST_TRACKS).unwrap();
    assert_eq!(places.len(), 15);
    session
        .query::<PlaylistTrack>()
        .filter(PlaylistTrack::PLAYLIST_ID.eq(16))
        .include(PlaylistTrack::TRACK)
        .all()
        .unwrap();
    let tracks: Vec<Key<Track>> = places
        .iter()
        .flat_map(|&place| session.related(place, PlaylistTrack::TRACK).unwrap())
        .collect();
    assert_eq!(tracks.len(), 15);
    assert!(tracks.iter().any(|&track| session[track].name == "Smells Like Teen Spirit"));
}

#[test]
fn a_nullable_reference_without_a_row_relates_to_nothing() {
    let chinook = chinook();
    chinook.file.execute("UPDATE Customer SET SupportRepId = NULL WHERE CustomerId = 1");
    let mut session = chinook.database.session().unwrap();
    let customers = session
        .query::<Customer>()
        .filter(Customer::CUSTOMER_ID.le(2))
        .include(Customer::SUPPORT_REPRESENTATIVE)
        .all()
        .unwrap();
    let representatives =
        |row: usize| session.related(customers[row], Customer::SUPPORT_REPRESENTATIVE).unwrap();
    assert!(representatives(0).is_empty());
    assert_eq!(related_names(&session, &representatives(1)), ["Johnson"]);
}

#[test]
fn a_relation_of_thousands_of_rows_is_read_whole() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let tracks = session.query::<Track>().include(Track::INVOICE_LINES).all().unwrap();
    let lines: usize = tracks
        .iter()
        .map(|&track| session.related(track, Track::INVOICE_LINES).unwrap().len())
        .sum();
    assert_eq!((tracks.len(), lines), (3503, 2240));
}

#[test]
fn what_was_not_included_is_an_error_and_not_a_query() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let invoice = session.get::<Invoice>(1).unwrap();
    let error = session.related(invoice, Invoice::LINES).unwrap_err();
    assert!(
        matches!(error, Error::NotIncluded { entity: "Invoice", relation: "lines" }),
        "{error}"
    );
}

#[test]
fn the_metadata_leads_from_each_reference_to_its_entity() {
    let references: Vec<_> = [InvoiceLine::meta(), Employee::meta(), PlaylistTrack::meta()]
        .into_iter()
        .flat_map(|meta| meta.columns)
        .filter_map(|column| Some((column.name, column.references.as_ref()?.entity.meta().table)))
        .collect();
    assert_eq!(
        references,
        [
            ("InvoiceId", "Invoice"),
            ("TrackId", "Track"),
            ("ReportsTo", "Employee"),
            ("PlaylistId", "Playlist"),
            ("TrackId", "Track"),
        ]
    );
}
