//! The bookshop's repositories on every engine and in memory, for the contract suite.

use diesel::{MysqlConnection, PgConnection, SqliteConnection};
use domain::{Address, Author, Book, NewAddress, NewAuthor, NewBook, NewUser, User};
use persistence::{Browse, Database, Engine, Memory, Result, Session, Store};

use crate::database::TestDatabase;

/// All of the bookshop's repositories, in one transaction.
pub trait Shop: Browse<User> + Browse<Address> + Browse<Author> + Browse<Book> {
    /// Makes everything written so far permanent.
    ///
    /// # Errors
    /// As the session's.
    fn commit(&mut self) -> Result<()>;

    /// Takes back everything written since the last commit.
    ///
    /// # Errors
    /// As the session's.
    fn rollback(&mut self) -> Result<()>;
}

/// An engine that stores the bookshop.
pub trait ShopEngine: Store<User> + Store<Address> + Store<Author> + Store<Book> {}

impl<C: Store<User> + Store<Address> + Store<Author> + Store<Book>> ShopEngine for C {}

impl<C: ShopEngine> Shop for Session<C> {
    fn commit(&mut self) -> Result<()> {
        Session::commit(self)
    }

    fn rollback(&mut self) -> Result<()> {
        Session::rollback(self)
    }
}

impl Shop for Memory {
    fn commit(&mut self) -> Result<()> {
        Self::commit(self)
    }

    fn rollback(&mut self) -> Result<()> {
        Self::rollback(self)
    }
}

/// A migrated, empty bookshop on an engine, with the database it lives in.
pub fn database<C: Engine>(place: TestDatabase) -> (Database<C>, TestDatabase) {
    let database = Database::<C>::open(place.url()).expect("the test database opens");
    database.migrate(&domain::MIGRATIONS).expect("the bookshop's migrations run");
    (database, place)
}

/// Runs a test on an empty bookshop in SQLite.
pub fn on_sqlite(test: impl FnOnce(&mut Session<SqliteConnection>)) {
    on(crate::sqlite(), test);
}

/// Runs a test on an empty bookshop in PostgreSQL.
pub fn on_postgres(test: impl FnOnce(&mut Session<PgConnection>)) {
    on(crate::postgres(), test);
}

/// Runs a test on an empty bookshop in MySQL or MariaDB.
pub fn on_mysql(test: impl FnOnce(&mut Session<MysqlConnection>)) {
    on(crate::mysql(), test);
}

/// Runs a test on an empty bookshop in memory.
pub fn on_memory(test: impl FnOnce(&mut Memory)) {
    test(&mut memory());
}

/// An empty bookshop in memory.
pub fn memory() -> Memory {
    Memory::new().with::<User>().with::<Address>().with::<Author>().with::<Book>()
}

fn on<C: Engine>(place: TestDatabase, test: impl FnOnce(&mut Session<C>)) {
    let (database, _place) = database::<C>(place);
    test(&mut database.session().expect("a session"));
}

/// One source, four implementations: makes a test module of each function, which takes a
/// `&mut impl Shop` that holds no row.
#[macro_export]
macro_rules! contract {
    ($(fn $name:ident($shop:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "every test takes what it needs from its file")]
            use super::*;

            fn check($shop: &mut impl $crate::shop::Shop) $body

            #[test]
            fn sqlite() {
                $crate::shop::on_sqlite(|shop| check(shop));
            }

            #[test]
            fn postgres() {
                $crate::shop::on_postgres(|shop| check(shop));
            }

            #[test]
            fn mysql() {
                $crate::shop::on_mysql(|shop| check(shop));
            }

            #[test]
            fn memory() {
                $crate::shop::on_memory(|shop| check(shop));
            }
        }
    )*};
}

/// A user to be inserted.
#[must_use]
pub fn user(name: &str, age: Option<i32>) -> NewUser {
    NewUser { name: name.to_owned(), age }
}

/// An address to be inserted.
#[must_use]
pub fn address(user: &User, email_address: &str) -> NewAddress {
    NewAddress { email_address: email_address.to_owned(), user: user.into() }
}

/// An author to be inserted.
#[must_use]
pub fn author(name: &str) -> NewAuthor {
    NewAuthor { name: name.to_owned(), born_on: None, biography: None }
}

/// A book to be inserted.
#[must_use]
pub fn book(author: &Author, title: &str) -> NewBook {
    NewBook {
        title: title.to_owned(),
        author: author.into(),
        isbn: None,
        published_on: None,
        price: None,
        in_print: true,
    }
}
