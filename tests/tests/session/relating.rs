//! Relations inside a session: both ends in step, whatever is written when.

use integration_tests::office::{
    Department, Employee, NewEmployee, NewOrder, NewOrderLine, Order, OrderLine, department,
    employee, open,
};
use integration_tests::on_every_engine;
use integration_tests::works::{
    self, Genre, NewGenre, NewProfile, NewWork, NewWriter, Profile, Work, WorkGenre, Writer,
};
use persistence::{Error, Filter, Repository};

on_every_engine! {
    fn a_stored_row_refers_to_one_that_is_not_inserted_yet<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let ada = session.add(employee("Ada", sales));
        session.commit().unwrap();
        let support = session.add(department("Support"));
        session.relate(ada, Employee::DEPARTMENT, support).unwrap();
        assert_eq!(session.related_one(ada, Employee::DEPARTMENT).unwrap(), Some(support));
        assert!(session.changes()[1].to_string().contains("department_id = <key of the new Dep"));
        session.commit().unwrap();
        assert_eq!(session[ada].department_id, session[support].id);
        let stored = database.session().unwrap().query::<Employee>().load().unwrap();
        assert_eq!(stored, [session[ada].clone()]);
    }

    fn both_ends_are_in_step_before_and_after_a_flush<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let (sales, support) = (session.add(department("Sales")), session.add(department("Support")));
        let ada = session.add(employee("Ada", sales));
        session.commit().unwrap();
        session.query::<Department>().include(Department::EMPLOYEES).all().unwrap();
        assert_eq!(session.related(sales, Department::EMPLOYEES).unwrap(), [ada]);

        let bob = session.add(employee("Bob", sales));
        session[ada].department_id = session[support].id;
        for _ in 0..2 {
            assert_eq!(session.related(sales, Department::EMPLOYEES).unwrap(), [bob]);
            assert_eq!(session.related(support, Department::EMPLOYEES).unwrap(), [ada]);
            assert_eq!(session.related_one(bob, Employee::DEPARTMENT).unwrap(), Some(sales));
            session.flush().unwrap();
        }
        session.delete(bob).unwrap();
        assert!(session.related(sales, Department::EMPLOYEES).unwrap().is_empty());
        session.rollback().unwrap();
        let forgotten = session.related(sales, Department::EMPLOYEES);
        assert!(matches!(forgotten, Err(Error::NotIncluded { relation: "employees", .. })));
        assert_eq!(session.related_one(ada, Employee::DEPARTMENT).unwrap(), Some(sales));
    }

    fn rows_are_related_from_either_end_before_any_is_inserted<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let (boss, ada) = (session.add(employee("Boss", sales)), session.add(employee("Ada", sales)));
        session.relate(boss, Employee::REPORTS, ada).unwrap();
        session.relate(sales, Department::HEAD, boss).unwrap();
        assert_eq!(session.related_one(ada, Employee::MANAGER).unwrap(), Some(boss));
        assert_eq!(session.related(boss, Employee::REPORTS).unwrap(), [ada]);
        assert_eq!(session.related(sales, Department::EMPLOYEES).unwrap(), [boss, ada]);
        session.commit().unwrap();
        assert_eq!(session[ada].manager_id, Some(session[boss].id));
        assert_eq!(session[sales].head_id, Some(session[boss].id));
        // Also from a row of which no more is known than that it is there.
        session.expire(boss);
        session.unrelate(ada, Employee::MANAGER, boss).unwrap();
        session.commit().unwrap();
        assert_eq!(session[ada].manager_id, None);
    }

    fn parting_rows_that_must_be_related_is_refused_and_names_the_column<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let ada = session.add(employee("Ada", sales));
        session.commit().unwrap();
        let error = session.unrelate(sales, Department::EMPLOYEES, ada).unwrap_err();
        assert_eq!(
            error.to_string(),
            "this Employee is not valid: department_id: has to refer to a row"
        );
        assert!(!session.has_changes());
    }

    fn a_row_that_is_taken_from_its_owner_is_deleted<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut session = database.session().unwrap();
        let order = session.add(NewOrder { number: "1".into() });
        let line = |article: &str| NewOrderLine { order: None, article: article.into() };
        let (tea, cup) = (session.add(line("tea")), session.add(line("cup")));
        session.relate(order, Order::LINES, tea).unwrap();
        session.relate(order, Order::LINES, cup).unwrap();
        session.commit().unwrap();
        session.query::<Order>().include(Order::LINES).all().unwrap();
        session.unrelate(order, Order::LINES, tea).unwrap();
        assert_eq!(session.related(order, Order::LINES).unwrap(), [cup]);
        session.commit().unwrap();
        assert_eq!(Repository::<OrderLine>::count(&mut session, &Filter::All).unwrap(), 1);
    }

    fn a_row_of_another_session_cannot_be_related<Engine>(place) {
        let database = open::<Engine>(&place);
        let mut other = database.session().unwrap();
        let foreign = other.add(department("Elsewhere"));
        let mut session = database.session().unwrap();
        let sales = session.add(department("Sales"));
        let ada = session.add(NewEmployee { desk: Some(1), ..employee("Ada", sales) });
        let error = session.relate(ada, Employee::DEPARTMENT, foreign).unwrap_err();
        assert!(matches!(error, Error::NotFound { entity: "Department", .. }), "{error:?}");
    }

    fn rows_are_linked_through_a_table_from_either_end<Engine>(place) {
        works::create_tables(&place);
        let database = persistence::Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        let work = |id, title: &str| NewWork {
            id, title: title.into(), year: None, writer: None, category: None,
        };
        let genre = |id, name: &str| NewGenre { id, name: name.into() };
        let (solaris, eden) = (session.add(work(1, "Solaris")), session.add(work(2, "Eden")));
        let (novel, space) = (session.add(genre(1, "novel")), session.add(genre(2, "space")));
        session.relate(solaris, Work::GENRES, novel).unwrap();
        session.relate(space, Genre::WORKS, solaris).unwrap();
        session.relate(eden, Work::GENRES, space).unwrap();
        assert_eq!(session.related(solaris, Work::GENRES).unwrap(), [novel, space]);
        assert_eq!(session.related(space, Genre::WORKS).unwrap(), [solaris, eden]);
        session.commit().unwrap();

        session.query::<Work>().include(Work::GENRES).all().unwrap();
        assert_eq!(session.related(solaris, Work::GENRES).unwrap(), [novel, space]);
        session.unrelate(solaris, Work::GENRES, novel).unwrap();
        session.relate(eden, Work::GENRES, novel).unwrap();
        assert_eq!(session.related(solaris, Work::GENRES).unwrap(), [space]);
        assert_eq!(session.related(eden, Work::GENRES).unwrap(), [space, novel]);
        session.commit().unwrap();
        let mut links: Vec<(i64, i64)> = database.session().unwrap().query::<WorkGenre>().load()
            .unwrap().into_iter().map(|link| (link.work_id, link.genre_id)).collect();
        links.sort_unstable();
        assert_eq!(links, [(1, 2), (2, 1), (2, 2)]);
        session.expire(eden);
        session.expire(space);
        session.unrelate(eden, Work::GENRES, space).unwrap();
        session.unrelate(solaris, Work::GENRES, space).unwrap();
        session.commit().unwrap();
        let links = database.session().unwrap().query::<WorkGenre>().load().unwrap();
        assert_eq!(links.iter().map(|link| (link.work_id, link.genre_id)).collect::<Vec<_>>(), [(2, 1)]);
    }

    fn the_one_related_row_makes_room_for_another<Engine>(place) {
        works::create_tables(&place);
        let database = persistence::Database::<Engine>::open(place.url()).unwrap();
        let mut session = database.session().unwrap();
        let writer = |id, name: &str| NewWriter { id, name: name.into(), born: None };
        let (lem, dick) = (session.add(writer(1, "Lem")), session.add(writer(2, "Dick")));
        let profile = |id, writer: persistence::Key<Writer>| NewProfile {
            id, writer: writer.into(), motto: None,
        };
        let (first, second) = (session.add(profile(1, lem)), session.add(profile(2, dick)));
        session.commit().unwrap();
        session.query::<Writer>().include(Writer::PROFILE).all().unwrap();
        // They must belong to somebody: one cannot just be left over.
        assert!(matches!(session.relate(lem, Writer::PROFILE, second), Err(Error::Invalid(_))));
        assert_eq!(session.related_one(lem, Writer::PROFILE).unwrap(), Some(first));
        // From the other end both change hands in one flush, although only one may be anybody's.
        session.relate(first, Profile::WRITER, dick).unwrap();
        session.relate(second, Profile::WRITER, lem).unwrap();
        assert_eq!(session.related_one(lem, Writer::PROFILE).unwrap(), Some(second));
        session.delete(first).unwrap();
        session.commit().unwrap();
        assert_eq!(session[second].writer_id, 1);
    }
}
