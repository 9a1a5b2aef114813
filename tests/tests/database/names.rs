//! Names with the quotation marks of every engine inside: tables and columns like all others.

use integration_tests::{counted_key, on_every_engine};
use persistence::backend::Engine as _;
use persistence::{
    Browse, Database, Drift, Entity, Filter, Page, PageStart, Query, Repository, Upsert,
};

diesel::table! {
    #[sql_name = "odd `things\"; --"]
    things (id) {
        #[sql_name = "the \"id\""]
        id -> BigInt,
        #[sql_name = "its `name`"]
        name -> Text,
        #[sql_name = "ver.sion`"]
        version -> Integer,
        #[sql_name = "\"`parent"]
        parent_id -> Nullable<BigInt>,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = things, table_name = "odd `things\"; --", has_many(parts: Thing.parent_id))]
struct Thing {
    #[entity(key, generated)]
    id: i64,
    #[entity(unique, label)]
    name: String,
    #[entity(version)]
    version: i32,
    #[entity(references(Thing, on_delete = set_null))]
    parent_id: Option<i64>,
}

/// Writes a name as an engine has it, however Diesel does.
fn quoted(engine: &str, name: &str) -> String {
    let mark = if engine == "MySQL" { "`" } else { "\"" };
    format!("{mark}{}{mark}", name.replace(mark, &mark.repeat(2)))
}

on_every_engine! {
    fn odd_names_are_names_like_others<Engine>(place) {
        let [table, id, name, version, parent] =
            ["odd `things\"; --", "the \"id\"", "its `name`", "ver.sion`", "\"`parent"]
                .map(|name| quoted(Engine::NAME, name));
        place.execute(&format!(
            "CREATE TABLE {table} ({id} {key}, {name} VARCHAR(20) NOT NULL UNIQUE, \
             {version} INTEGER NOT NULL, {parent} BIGINT, \
             FOREIGN KEY ({parent}) REFERENCES {table} ({id}) ON DELETE SET NULL)",
            key = counted_key::<Engine>(),
        ));
        place.execute(&format!("CREATE INDEX parents ON {table} ({parent})"));
        let database = Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        let whole = session.add(NewThing { name: "whole".into(), parent: None });
        let part = session.add(NewThing { name: "part".into(), parent: Some(whole.into()) });
        session.commit().unwrap();
        let (whole, part) = (session[whole].id, session[part].id);

        let many: Vec<Thing> = session
            .insert_many(vec![
                NewThing { name: "one".into(), parent: None },
                NewThing { name: "two".into(), parent: Some(whole.into()) },
            ])
            .unwrap();
        let mut one = many[0].clone();
        one.name = "uno".into();
        let one = session.update(one).unwrap();
        assert_eq!((one.version, one.name.as_str()), (2, "uno"));
        let given = Thing { id: 70, name: "given".into(), version: 1, parent_id: Some(part) };
        session.insert_with_keys(vec![given.clone()]).unwrap();
        let next = NewThing { name: "next".into(), parent: None };
        let next: Thing = session.insert(next).unwrap();
        assert_eq!(next.id, 71);
        let upserted = NewThing { name: "given".into(), parent: None };
        let by_name = Upsert::on(Thing::NAME).set(Thing::PARENT_ID);
        session.upsert(vec![upserted], &by_name).unwrap();
        let stored: Thing = session.find(&70).unwrap().unwrap();
        assert_eq!((stored.version, stored.parent_id), (2, None));

        let parts = Thing::PARTS.any(Thing::NAME.eq("two"));
        let query = Query::<Thing>::new().filter(parts).order(Thing::NAME.desc());
        assert_eq!(session.list(&query).unwrap().len(), 1);
        let all = Query::<Thing>::new().order(Thing::PARENT_ID.asc()).preview(2);
        let Page { rows, .. } = session.page(&all, &PageStart::First, 100).unwrap();
        assert_eq!(rows.len(), 6);
        let summary = Browse::<Thing>::statistics(&mut session, "its `name`", &Filter::All).unwrap();
        assert_eq!(summary.rows, 6);
        assert_eq!(Browse::<Thing>::distinct(&mut session, "\"`parent", &Filter::All, 9).unwrap().len(), 2);
        assert_eq!(Browse::<Thing>::lengths(&mut session, &[70]).unwrap().len(), 1);
        let unnamed = Repository::<Thing>::update_where(
            &mut session,
            &Thing::PARENT_ID.is_not_null().into(),
            &[Thing::PARENT_ID.set(None)],
        );
        assert_eq!(unnamed.unwrap(), 2);
        let locked = Query::<Thing>::new().filter(Thing::ID.eq(70)).for_update();
        assert_eq!(session.list(&locked).unwrap().len(), 1);
        Repository::<Thing>::delete(&mut session, &70).unwrap();
        assert_eq!(Repository::<Thing>::delete_where(&mut session, &Filter::equals("its `name`", "uno".into())).unwrap(), 1);
        session.commit().unwrap();
        let drifts = database.check_entities([Thing::meta()]).unwrap();
        assert!(
            drifts.iter().all(|drift| matches!(drift, Drift::OtherCollation { .. })),
            "{drifts:?}"
        );
    }
}
