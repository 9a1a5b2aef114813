//! A family of tables whose rows refer to each other by every rule of deletion: to themselves, in circles, by
//! the parts of a primary key, from rows that are only marked as deleted.

use std::collections::BTreeMap;

use persistence::staging::RowId;
use persistence::{Catalog, Database, Entity, EntityMeta, Filter, Query, Record, Store};

use crate::database::TestDatabase;

/// The tables, as Diesel has them.
#[expect(missing_docs, reason = "the entities say what these are")]
pub mod schema {
    diesel::table! { tags (code) { code -> Text, title -> Nullable<Text> } }
    diesel::table! {
        nodes (id) {
            id -> BigInt,
            name -> Text,
            up_id -> Nullable<BigInt>,
            beside_id -> Nullable<BigInt>,
            held_id -> Nullable<BigInt>,
            leaf_id -> Nullable<BigInt>,
            tag_code -> Nullable<Text>,
            version -> BigInt,
        }
    }
    diesel::table! {
        leaves (id) {
            id -> BigInt,
            name -> Text,
            node_id -> Nullable<BigInt>,
            spare_id -> Nullable<BigInt>,
            guard_id -> Nullable<BigInt>,
        }
    }
    diesel::table! {
        marks (id) {
            id -> BigInt,
            name -> Text,
            node_id -> Nullable<BigInt>,
            guard_id -> Nullable<BigInt>,
            leaf_id -> Nullable<BigInt>,
            deleted_at -> Nullable<Timestamp>,
        }
    }
    diesel::table! { links (node_id, leaf_id) { node_id -> BigInt, leaf_id -> BigInt, note -> Nullable<Text> } }
}
use schema::{leaves, links, marks, nodes, tags};

/// Known by a code that people change; nodes follow.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = tags)]
pub struct Tag {
    /// The primary key.
    #[entity(key)]
    pub code: String,
    /// What it stands for.
    pub title: Option<String>,
}

/// Refers to other nodes by every rule, and to a leaf that may refer back.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = nodes)]
pub struct Node {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// Nothing else has it.
    #[entity(unique)]
    pub name: String,
    /// Goes with that.
    #[entity(references(Node, on_delete = cascade))]
    pub up_id: Option<i64>,
    /// Lets go of that.
    #[entity(references(Node, on_delete = set_null))]
    pub beside_id: Option<i64>,
    /// Keeps that.
    #[entity(references(Node, on_delete = restrict))]
    pub held_id: Option<i64>,
    /// Lets go of that.
    #[entity(references(Leaf, on_delete = set_null))]
    pub leaf_id: Option<i64>,
    /// Lets go of that, and follows it.
    #[entity(references(Tag, on_delete = set_null))]
    pub tag_code: Option<String>,
    /// Counts updates.
    #[entity(version)]
    pub version: i64,
}

/// Refers to nodes by every rule.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = leaves)]
pub struct Leaf {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// Nothing else has it.
    #[entity(unique)]
    pub name: String,
    /// Goes with that.
    #[entity(references(Node, on_delete = cascade))]
    pub node_id: Option<i64>,
    /// Lets go of that.
    #[entity(references(Node, on_delete = set_null))]
    pub spare_id: Option<i64>,
    /// Keeps that.
    #[entity(references(Node, on_delete = restrict))]
    pub guard_id: Option<i64>,
}

/// Is only marked as deleted.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = marks)]
pub struct Mark {
    /// The primary key.
    #[entity(key, generated)]
    pub id: i64,
    /// Nothing else has it.
    #[entity(unique)]
    pub name: String,
    /// Goes with that.
    #[entity(references(Node, on_delete = cascade))]
    pub node_id: Option<i64>,
    /// Keeps that.
    #[entity(references(Node, on_delete = restrict))]
    pub guard_id: Option<i64>,
    /// Lets go of that.
    #[entity(references(Leaf, on_delete = set_null))]
    pub leaf_id: Option<i64>,
    /// When it was marked.
    #[entity(deleted)]
    pub deleted_at: Option<chrono::NaiveDateTime>,
}

/// Known by what it links, and goes with either.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = links)]
pub struct Link {
    /// The one end.
    #[entity(key, references(Node, on_delete = cascade))]
    pub node_id: i64,
    /// The other.
    #[entity(key, references(Leaf, on_delete = cascade))]
    pub leaf_id: i64,
    /// Anything.
    pub note: Option<String>,
}

/// An engine that stores the family.
pub trait FamilyEngine: Store<Tag> + Store<Node> + Store<Leaf> + Store<Mark> + Store<Link> {}

impl<C: Store<Tag> + Store<Node> + Store<Leaf> + Store<Mark> + Store<Link>> FamilyEngine for C {}

/// Makes the tables, without rows.
///
/// # Panics
/// When the database refuses them.
pub fn create<C: FamilyEngine>(place: &TestDatabase) {
    let (id, text, time) = match C::NAME {
        "SQLite" => ("INTEGER PRIMARY KEY AUTOINCREMENT", "TEXT", "TIMESTAMP"),
        "PostgreSQL" => {
            ("BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "TEXT", "TIMESTAMP")
        }
        _ => (
            "BIGINT AUTO_INCREMENT PRIMARY KEY",
            "VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "DATETIME(6)",
        ),
    };
    // SQLite cannot add a foreign key later, and needs none of the tables to exist before.
    let rule = "REFERENCES leaves (id) ON DELETE SET NULL";
    let (leaf, alter) = match C::NAME {
        "SQLite" => (rule, String::new()),
        _ => ("", format!("ALTER TABLE nodes ADD FOREIGN KEY (leaf_id) {rule};")),
    };
    place.execute(&format!(
        "CREATE TABLE tags (code {text} NOT NULL PRIMARY KEY, title {text});
         CREATE TABLE nodes (id {id}, name {text} NOT NULL UNIQUE, up_id BIGINT, beside_id BIGINT, \
             held_id BIGINT, leaf_id BIGINT {leaf}, tag_code {text}, version BIGINT NOT NULL, \
             FOREIGN KEY (up_id) REFERENCES nodes (id) ON DELETE CASCADE, \
             FOREIGN KEY (beside_id) REFERENCES nodes (id) ON DELETE SET NULL, \
             FOREIGN KEY (held_id) REFERENCES nodes (id), \
             FOREIGN KEY (tag_code) REFERENCES tags (code) ON DELETE SET NULL ON UPDATE CASCADE);
         CREATE TABLE leaves (id {id}, name {text} NOT NULL UNIQUE, node_id BIGINT, spare_id BIGINT, \
             guard_id BIGINT, \
             FOREIGN KEY (node_id) REFERENCES nodes (id) ON DELETE CASCADE, \
             FOREIGN KEY (spare_id) REFERENCES nodes (id) ON DELETE SET NULL, \
             FOREIGN KEY (guard_id) REFERENCES nodes (id));
         {alter}
         CREATE TABLE marks (id {id}, name {text} NOT NULL UNIQUE, node_id BIGINT, guard_id BIGINT, \
             leaf_id BIGINT, deleted_at {time} NULL, \
             FOREIGN KEY (node_id) REFERENCES nodes (id) ON DELETE CASCADE, \
             FOREIGN KEY (guard_id) REFERENCES nodes (id), \
             FOREIGN KEY (leaf_id) REFERENCES leaves (id) ON DELETE SET NULL);
         CREATE TABLE links (node_id BIGINT NOT NULL, leaf_id BIGINT NOT NULL, note {text}, \
             PRIMARY KEY (node_id, leaf_id), \
             FOREIGN KEY (node_id) REFERENCES nodes (id) ON DELETE CASCADE, \
             FOREIGN KEY (leaf_id) REFERENCES leaves (id) ON DELETE CASCADE);"
    ));
}

/// The catalog of a family.
pub fn catalog<C: FamilyEngine>(database: &Database<C>) -> Catalog {
    let catalog = database.catalog().entity::<Tag>().entity::<Node>().entity::<Leaf>();
    catalog.entity::<Mark>().entity::<Link>().build()
}

/// The entities.
#[must_use]
pub fn metas() -> [&'static EntityMeta; 5] {
    [Tag::meta(), Node::meta(), Leaf::meta(), Mark::meta(), Link::meta()]
}

/// The entity of a table.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn meta_of(table: &str) -> &'static EntityMeta {
    metas().into_iter().find(|meta| meta.table == table).expect("a table of the family")
}

/// All rows, also those that are only marked as deleted, by their names.
pub type Rows = BTreeMap<RowId, Record>;

/// Reads all rows with a session of its own.
///
/// # Panics
/// When they cannot be read.
#[must_use]
pub fn read(catalog: &Catalog) -> Rows {
    read_in(&mut *catalog.session().expect("a session"))
}

/// Reads all rows as a session sees them.
///
/// # Panics
/// When they cannot be read.
pub fn read_in(session: &mut dyn persistence::DynSession) -> Rows {
    let mut rows = Rows::new();
    for meta in metas() {
        let mut query = Query::new();
        query.filter = Filter::All.with_deleted(meta);
        let mut repository = session.repository(meta.table).expect("an entity");
        let listed = repository.list(&query).expect("rows that can be read");
        rows.extend(listed.into_iter().map(|row| (RowId::stored(meta, &row), row)));
    }
    rows
}

/// The tables that a graph is drawn of, with their nullable references by column and table.
pub const REFERENCES: [(&str, &[(&str, &str)]); 3] = [
    (
        "nodes",
        &[("up_id", "nodes"), ("beside_id", "nodes"), ("held_id", "nodes"), ("leaf_id", "leaves")],
    ),
    ("leaves", &[("node_id", "nodes"), ("spare_id", "nodes"), ("guard_id", "nodes")]),
    ("marks", &[("node_id", "nodes"), ("guard_id", "nodes"), ("leaf_id", "leaves")]),
];

/// Fills the tables: so many nodes, leaves and marks, from 1 on, then references as a caller chooses them: by
/// table, row and column it says to which row, if any; and which nodes and leaves are linked. Rows that are added
/// later are counted from 1,001 on.
///
/// # Panics
/// When the database refuses.
pub fn fill<C: FamilyEngine>(
    place: &TestDatabase,
    sizes: [i64; 3],
    mut refers: impl FnMut(&str, i64, &str, i64) -> Option<i64>,
    links: &[(i64, i64)],
) {
    let mut sql = String::from(
        "BEGIN;\
         UPDATE nodes SET up_id = NULL, beside_id = NULL, held_id = NULL, leaf_id = NULL;\
         DELETE FROM links; DELETE FROM marks; DELETE FROM leaves; DELETE FROM nodes; DELETE FROM tags;\
         INSERT INTO tags (code, title) VALUES ('a', 'A'), ('b', 'B'), ('c', NULL);",
    );
    let size = |table: &str| {
        let place = REFERENCES.iter().position(|(name, _)| *name == table);
        place.and_then(|place| sizes.get(place)).copied().unwrap_or_default()
    };
    for (table, _) in REFERENCES {
        let version = if table == "nodes" { (", version", ", 1") } else { ("", "") };
        for id in 1..=size(table) {
            sql += &format!(
                "INSERT INTO {table} (id, name{}) VALUES ({id}, '{table} {id}'{});",
                version.0, version.1
            );
        }
    }
    for (table, columns) in REFERENCES {
        for id in 1..=size(table) {
            for (column, referred) in columns {
                if let Some(to) = refers(table, id, column, size(referred)) {
                    sql += &format!("UPDATE {table} SET {column} = {to} WHERE id = {id};");
                }
            }
        }
    }
    for (node, leaf) in links {
        sql += &format!("INSERT INTO links (node_id, leaf_id) VALUES ({node}, {leaf});");
    }
    for (table, _) in REFERENCES {
        sql += &match C::NAME {
            "SQLite" => format!("UPDATE sqlite_sequence SET seq = 1000 WHERE name = '{table}';"),
            "PostgreSQL" => format!("ALTER TABLE {table} ALTER id RESTART WITH 1001;"),
            // It would end the transaction.
            _ => String::new(),
        };
    }
    sql += "COMMIT;";
    if C::NAME == "MySQL" {
        for (table, _) in REFERENCES {
            sql += &format!("ALTER TABLE {table} AUTO_INCREMENT = 1001;");
        }
    }
    place.execute(&sql);
}
