//! One test source for every engine.

/// Makes of each function three tests, one an engine, each with an empty database of its own.
///
/// The function's type parameter is the engine's connection, its argument the database:
///
/// ```
/// use integration_tests::on_every_engine;
/// use persistence::Database;
///
/// on_every_engine! {
///     fn a_new_database_answers<Engine>(place) {
///         Database::<Engine>::open(place.url()).unwrap().ping().unwrap();
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! on_every_engine {
    ($($(#[$attribute:meta])* fn $name:ident<$engine:ident>($place:ident) $body:block)*) => {$(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "every test takes what it needs from its file")]
            use super::*;

            $crate::on_every_engine! { @test sqlite, SqliteConnection, $engine, $place, $body }
            $crate::on_every_engine! { @test postgres, PgConnection, $engine, $place, $body }
            $crate::on_every_engine! { @test mysql, MysqlConnection, $engine, $place, $body }
        }
    )*};
    (@test $name:ident, $connection:ident, $engine:ident, $place:ident, $body:block) => {
        #[test]
        fn $name() {
            #[allow(dead_code, reason = "a test may need the database alone")]
            type $engine = $crate::$connection;
            let $place = $crate::$name();
            $body
        }
    };
}
