//! Listing, filtering, sorting and paging.

use std::collections::HashSet;

use chrono::NaiveDate;
use integration_tests::chinook::{
    Artist, Customer, Employee, Invoice, PlaylistTrack, Track, chinook,
};
use persistence::{
    ColumnType, Entity, Filter, Order, Page, PageStart, Query, RecordKey, Repository, Session,
    Store, Value,
};

fn query<E: Entity>(filter: &str, order: &str) -> Query<E> {
    Query::parse(filter, order).unwrap_or_else(|error| panic!("{filter}; {order}: {error}"))
}

/// Reads all pages of a query in one direction; each must lead to the next.
fn pages<E: Entity, C: Store<E>>(
    session: &mut Session<C>,
    query: &Query<E>,
    mut start: PageStart,
    size: u64,
) -> Vec<Page<E>> {
    let is_backwards = start == PageStart::Last;
    let mut pages = Vec::new();
    loop {
        let page = session.page(query, &start, size).unwrap();
        let next = if is_backwards { page.previous.clone() } else { page.next.clone() };
        pages.push(page);
        match next {
            Some(next) => start = next,
            None => break pages,
        }
        assert!(pages.len() < 10_000, "paging does not end");
    }
}

#[test]
fn every_table_lists_and_counts_all_of_its_rows() {
    let chinook = chinook();
    let catalog = chinook.catalog();
    let mut session = catalog.session().unwrap();
    let mut counts = Vec::new();
    for entry in catalog.entries() {
        let mut repository = session.repository(entry.meta.table).unwrap();
        let counted = repository.count(&Filter::All).unwrap();
        let rows = repository.list(&Query::new()).unwrap();
        assert_eq!(counted, rows.len() as u64, "{}", entry.meta.table);
        counts.push((entry.meta.table, counted));
    }
    assert_eq!(
        counts,
        [
            ("Artist", 275),
            ("Album", 347),
            ("Track", 3503),
            ("Genre", 25),
            ("MediaType", 5),
            ("Playlist", 18),
            ("PlaylistTrack", 8715),
            ("Customer", 59),
            ("Employee", 8),
            ("Invoice", 412),
            ("InvoiceLine", 2240),
        ]
    );
}

#[test]
fn every_column_goes_by_the_name_it_has_in_the_database() {
    let names = |meta: &persistence::EntityMeta| meta.names(&[0, 1, 2]);
    assert_eq!(names(Track::meta()), ["TrackId", "Name", "AlbumId"]);
    assert_eq!(Track::UNIT_PRICE.name(), "UnitPrice");
    assert_eq!(Employee::meta().names(Employee::meta().key), ["EmployeeId"]);
    assert_eq!(PlaylistTrack::meta().names(PlaylistTrack::meta().key), ["PlaylistId", "TrackId"]);
    let total = Invoice::meta().column("Total").unwrap();
    assert_eq!(total.column_type, ColumnType::Decimal { scale: 2 });
}

#[test]
fn decimals_of_a_floating_column_are_exact() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let invoices: Vec<Invoice> = session.list(&query("", "")).unwrap();
    let total: i64 = invoices.iter().map(|invoice| invoice.total.units()).sum();
    assert_eq!(total, 232_860);
    let mut of_total = |filter| {
        let filter = Filter::parse(Invoice::meta(), filter).unwrap();
        Repository::<Invoice>::count(&mut session, &filter).unwrap()
    };
    assert_eq!(of_total("Total = 13.86"), 49);
    assert_eq!(of_total("Total >= 21.86"), 4);
    assert_eq!(of_total("Total in (25.86, 23.86, 1)"), 2);
}

#[test]
fn times_are_read_and_compared_as_times() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let december = NaiveDate::from_ymd_opt(2025, 12, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
    let invoices = session
        .query::<Invoice>()
        .filter(Invoice::INVOICE_DATE.ge(december))
        .order(Invoice::INVOICE_DATE.desc())
        .load()
        .unwrap();
    let ids: Vec<_> = invoices.iter().map(|invoice| invoice.invoice_id).collect();
    assert_eq!(ids, [412, 411, 410, 409, 408, 407, 406]);
    let typed: Vec<Invoice> =
        session.list(&query("InvoiceDate >= 2025-12-01", "-InvoiceDate")).unwrap();
    assert_eq!(typed, invoices);
    let at_midnight = query::<Invoice>("InvoiceDate = '2025-12-22 00:00:00'", "");
    assert_eq!(session.list(&at_midnight).unwrap().len(), 1);
}

#[test]
fn a_filter_typed_by_a_person_joins_text_numbers_and_null() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let love: Vec<Track> = session
        .list(&query("Name ~ 'AMOR' and (UnitPrice < 1 or Composer is null)", "Name"))
        .unwrap();
    let titles: Vec<_> = love.iter().take(3).map(|track| track.name.as_str()).collect();
    assert_eq!(titles, ["Amor De Muito", "Amor Demais", "As Pegadas Do Amor"]);
    let of = |filter: &str, session: &mut Session<_>| -> usize {
        session.list(&query::<Track>(filter, "")).unwrap().len()
    };
    assert_eq!(of("Composer is null", &mut session), 977);
    assert_eq!(of("UnitPrice = 1.99 and Milliseconds > 2700000", &mut session), 32);
    assert_eq!(of("Composer is null and not Composer ~ 'x'", &mut session), 0);
}

#[test]
fn a_search_ignores_case_of_accented_letters() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let found: Vec<Artist> = session.list(&query("Name ~ 'ANTÔNIO'", "")).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].name.as_deref(), Some("Antônio Carlos Jobim"));
    let street: Vec<Customer> = session.list(&query("Address ~ 'STRASSE 34'", "")).unwrap();
    assert_eq!(street[0].address.as_deref(), Some("Theodor-Heuss-Straße 34"));
}

#[test]
fn sorting_puts_null_first_and_breaks_ties_by_key() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let employees: Vec<Employee> = session.list(&query("", "ReportsTo,-LastName")).unwrap();
    let ids: Vec<_> = employees.iter().map(|employee| employee.employee_id).collect();
    assert_eq!(ids, [1, 6, 2, 3, 4, 5, 7, 8]);
    let longest: Vec<Track> =
        session.list(&query::<Track>("", "-UnitPrice,-Milliseconds").limit(3)).unwrap();
    let ids: Vec<_> = longest.iter().map(|track| track.track_id).collect();
    assert_eq!(ids, [2820, 3224, 3244]);
}

#[test]
fn pages_by_a_nullable_column_full_of_ties_cover_every_row_once_in_both_directions() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    for order in ["Composer", "-Composer", "UnitPrice,-GenreId,AlbumId"] {
        let query = query::<Track>("", order);
        let listed = session.list(&query).unwrap();
        let forwards = pages(&mut session, &query, PageStart::First, 400);
        let mut backwards = pages(&mut session, &query, PageStart::Last, 400);
        backwards.reverse();
        for pages in [forwards, backwards] {
            let rows: Vec<Track> = pages.into_iter().flat_map(|page| page.rows).collect();
            assert_eq!(rows, listed, "by {order}");
        }
    }
}

#[test]
fn pages_by_a_composite_key_cover_every_row_once() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let query = query::<PlaylistTrack>("TrackId > 100", "-PlaylistId");
    let pages = pages(&mut session, &query, PageStart::First, 1000);
    let rows: Vec<_> = pages.into_iter().flat_map(|page| page.rows).collect();
    let distinct: HashSet<_> = rows.iter().map(PlaylistTrack::key).collect();
    assert_eq!(rows.len(), distinct.len());
    assert_eq!(rows, session.list(&query).unwrap());
}

#[test]
fn a_row_is_found_by_its_composite_key() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let found = Repository::<PlaylistTrack>::find(&mut session, &(1, 3402)).unwrap();
    assert_eq!(found, Some(PlaylistTrack { playlist_id: 1, track_id: 3402 }));
    assert_eq!(Repository::<PlaylistTrack>::find(&mut session, &(3402, 1)).unwrap(), None);

    let catalog = chinook.catalog();
    let mut session = catalog.session().unwrap();
    let mut repository = session.repository("PlaylistTrack").unwrap();
    let key = RecordKey(vec![Value::Integer(1), Value::Integer(3402)]);
    assert_eq!(repository.find(&key).unwrap().unwrap().0, key.0);
    let short = repository.find(&RecordKey::from(1)).unwrap_err();
    assert!(short.to_string().contains("PlaylistId, TrackId"), "{short}");
}

#[test]
fn quick_search_looks_into_the_searched_columns_and_no_others() {
    let chinook = chinook();
    let mut session = chinook.database.session().unwrap();
    let search = |text| Filter::quick_search(Track::meta(), text);
    assert_eq!(Repository::<Track>::count(&mut session, &search("jobim")).unwrap(), 5);
    assert_eq!(Repository::<Track>::count(&mut session, &search("343719")).unwrap(), 0);
}

#[test]
fn a_mistyped_column_is_an_error_that_names_it() {
    let error = Filter::parse(Track::meta(), "UnitPrise > 1").unwrap_err();
    assert_eq!(error.column(), Some(1));
    assert!(error.to_string().contains("UnitPrise"), "{error}");
    let error = Order::parse(Track::meta(), "Name,Lenght").unwrap_err();
    assert!(error.to_string().contains("Lenght"), "{error}");
}
