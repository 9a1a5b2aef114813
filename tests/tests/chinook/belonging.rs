//! What belongs to a record of a database whose relations are declared only in part.

use admin_gui::pages::diagram::{Graph, LinkKind};
use admin_gui::pages::overview::creation_column;
use admin_gui::related::{RelatedTo, Way, relations};
use integration_tests::chinook::{
    Artist, Employee, Genre, Invoice, InvoiceLine, MediaType, PlaylistTrack, Track, chinook,
};
use persistence::{Entity, Filter, Record, Value};

/// Each relation as `table` or `table.column`, with what is found by a column of the other table.
fn named<E: Entity>() -> Vec<String> {
    let chinook = chinook();
    let name = |related: &RelatedTo| match related.way {
        Way::BelongsTo { column } => {
            format!("{} → {}", E::meta().columns[column].name, related.target.table)
        }
        Way::Has { column, .. } => {
            format!("{}.{}", related.target.table, related.target.columns[column].name)
        }
        Way::Through { through, .. } => {
            format!("{} through {}", related.target.table, through.meta().table)
        }
    };
    relations(E::meta(), chinook.catalog().entries()).iter().map(name).collect()
}

#[test]
fn foreign_keys_of_others_are_relations_without_being_declared() {
    assert!(MediaType::meta().relations.is_empty());
    assert_eq!(named::<MediaType>(), ["Track.MediaTypeId"]);
}

#[test]
fn a_table_that_refers_to_itself_is_related_in_both_directions() {
    assert_eq!(
        named::<Employee>(),
        ["ReportsTo → Employee", "Employee.ReportsTo", "Customer.SupportRepId"]
    );
}

#[test]
fn what_a_record_belongs_to_comes_first_and_nothing_comes_twice() {
    assert_eq!(
        named::<Track>(),
        [
            "AlbumId → Album",
            "MediaTypeId → MediaType",
            "GenreId → Genre",
            "InvoiceLine.TrackId",
            "PlaylistTrack.TrackId",
        ]
    );
    assert_eq!(named::<Artist>(), ["Album.ArtistId"]);
    assert_eq!(named::<PlaylistTrack>(), ["PlaylistId → Playlist", "TrackId → Track"]);
}

#[test]
fn related_rows_are_found_by_a_filter_that_can_be_typed() {
    let chinook = chinook();
    let found = relations(Genre::meta(), chinook.catalog().entries());
    let rock = Record(vec![Value::Integer(1), "Rock".into()]);
    let filters: Vec<Option<Filter>> =
        found.iter().map(|related| related.filter(Genre::meta(), &rock)).collect();
    assert_eq!(filters.len(), 1);
    let filter = filters.into_iter().flatten().next().unwrap();
    assert_eq!(filter.to_string(), "GenreId = 1");
    assert_eq!(Filter::parse(Track::meta(), "GenreId = 1").unwrap(), filter);
}

#[test]
fn a_reference_to_nothing_finds_nothing() {
    let chinook = chinook();
    let boss = Record(vec![Value::Null; Employee::meta().columns.len()]);
    let found = relations(Employee::meta(), chinook.catalog().entries());
    let reports_to = found.first().unwrap();
    assert_eq!(reports_to.filter(Employee::meta(), &boss), None);
}

#[test]
fn the_diagram_has_a_line_for_every_foreign_key_also_to_the_table_itself() {
    let chinook = chinook();
    let graph = Graph::of(chinook.catalog().entries());
    assert_eq!((graph.entities.len(), graph.links.len()), (11, 11));
    let place = |table: &str| graph.entities.iter().position(|entity| entity.meta.table == table);
    let employee = place("Employee").unwrap();
    let own = graph.links.iter().filter(|link| link.from == employee && link.to == employee);
    assert_eq!(own.count(), 1);
    assert!(graph.links.iter().all(|link| matches!(link.kind, LinkKind::Many(_))));
}

#[test]
fn growth_is_told_by_the_first_point_in_time() {
    let name = |position: Option<usize>| Some(Invoice::meta().columns[position?].name);
    assert_eq!(name(creation_column(Invoice::meta())), Some("InvoiceDate"));
    assert_eq!(creation_column(InvoiceLine::meta()), None);
}
