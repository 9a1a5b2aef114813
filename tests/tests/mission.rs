//! The mission, told in order: what a SQLAlchemy user does first, on every engine.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use domain::{Address, NewAddress, NewUser, User};
use integration_tests::shop::{ShopEngine, database};
use integration_tests::{TestDatabase, mysql, postgres, sqlite};
use persistence::{ConstraintKind, Error, Result, Session};

#[test]
fn on_sqlite() {
    tell::<diesel::SqliteConnection>(sqlite()).unwrap();
}

#[test]
fn on_postgres() {
    tell::<diesel::PgConnection>(postgres()).unwrap();
}

#[test]
fn on_mysql() {
    tell::<diesel::MysqlConnection>(mysql()).unwrap();
}

fn user(name: &str, age: i32) -> NewUser {
    NewUser { name: name.into(), age: Some(age) }
}

fn tell<C: ShopEngine>(place: TestDatabase) -> Result<()> {
    // Models are declared in `domain`; the tables are created by its migrations.
    let (database, _place) = database::<C>(place);
    let mut session = database.session()?;

    // Add John Doe, aged 30, and commit.
    let john = session.add(user("John Doe", 30));
    session.commit()?;
    assert_eq!((session[john].name.as_str(), session[john].age), ("John Doe", Some(30)));

    // Query all.
    session.add_all([user("Jane Roe", 20), user("Max Mustermann", 45)]);
    session.commit()?;
    assert_eq!(session.query::<User>().load()?.len(), 3);

    // Filter by name: the same row, the same key.
    let found = session.query::<User>().filter(User::NAME.eq("John Doe")).one()?;
    assert_eq!(found, john);

    // Filter age > 25, ordered by age.
    let adults = session.query::<User>().filter(User::AGE.gt(25)).order(User::AGE.asc()).load()?;
    let names: Vec<_> = adults.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(names, ["John Doe", "Max Mustermann"]);

    // Change the age to 31.
    session[john].age = Some(31);
    session.commit()?;
    assert_eq!(stored(&mut database.session()?, "John Doe")?.age, Some(31));

    // Delete by name.
    let max = session.query::<User>().filter(User::NAME.eq("Max Mustermann")).one()?;
    session.delete(max)?;
    session.commit()?;
    assert!(matches!(
        stored(&mut database.session()?, "Max Mustermann"),
        Err(Error::NotFound { .. })
    ));

    // An address with a foreign key, both directions of the relation. The child of a parent that
    // is not inserted yet, added in the wrong order, is fine.
    let address =
        session.add(NewAddress { email_address: "john@example.org".into(), user: john.into() });
    let erika = session.add(user("Erika", 50));
    session.add(NewAddress { email_address: "erika@example.org".into(), user: erika.into() });
    session.commit()?;
    let users = session.query::<User>().include(User::ADDRESSES).order(User::NAME.asc()).all()?;
    let addresses: Vec<(&str, usize)> = users
        .iter()
        .map(|&user| {
            Ok((session[user].name.as_str(), session.related(user, User::ADDRESSES)?.len()))
        })
        .collect::<Result<_>>()?;
    assert_eq!(addresses, [("Erika", 1), ("Jane Roe", 0), ("John Doe", 1)]);
    assert_eq!(session.related(john, User::ADDRESSES)?, [address]);
    let again = session
        .query::<Address>()
        .filter(Address::EMAIL_ADDRESS.eq("john@example.org"))
        .include(Address::USER)
        .one()?;
    assert_eq!((again, session.related(again, Address::USER)?), (address, vec![john]));

    // A uniqueness error rolls back and leaves the session usable, the change still pending.
    let jane = session.query::<User>().filter(User::NAME.eq("Jane Roe")).one()?;
    session[jane].age = Some(21);
    let taken =
        session.add(NewAddress { email_address: "john@example.org".into(), user: jane.into() });
    let Err(Error::Constraint(violation)) = session.commit() else { panic!("it is taken") };
    assert_eq!(violation.kind, ConstraintKind::Unique);
    assert_eq!(violation.fields(), ["email_address"]);
    assert_eq!(stored(&mut database.session()?, "Jane Roe")?.age, Some(20));
    session.delete(taken)?;
    session.add(NewAddress { email_address: "jane@example.org".into(), user: jane.into() });
    session.commit()?;
    assert_eq!(stored(&mut database.session()?, "Jane Roe")?.age, Some(21));

    // Rolled back, a session is what it was.
    session[jane].age = Some(99);
    let nobody = session.add(user("Nobody", 1));
    session.flush()?;
    session.rollback()?;
    assert_eq!(session[jane].age, Some(21));
    assert!(session.row(nobody).is_none());
    assert_eq!(session.query::<User>().count()?, 3);
    Ok(())
}

fn stored<C: ShopEngine>(session: &mut Session<C>, name: &str) -> Result<User> {
    let key = session.query::<User>().filter(User::NAME.eq(name)).one()?;
    Ok(session[key].clone())
}
