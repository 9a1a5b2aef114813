//! What is said of a commit agrees with the database, wherever the connection is cut.

use std::collections::BTreeMap;

use diesel::{MysqlConnection, PgConnection};
use domain::User;
use integration_tests::shop::{ShopEngine, database as shop, user};
use integration_tests::{Fault, Side, TestDatabase, mysql, postgres, relaying_url};
use persistence::{Database, Error, Repository as _};

/// How often each byte has its turn: `BINDERY_CUT_ROUNDS`, once where nothing is said.
fn rounds() -> u32 {
    let rounds = std::env::var("BINDERY_CUT_ROUNDS").ok();
    rounds.map_or(1, |rounds| rounds.parse().expect("BINDERY_CUT_ROUNDS is a number"))
}

/// Cuts the connection after every byte of a commit, and of its answer.
fn what_is_said_is_true<C: ShopEngine>(place: TestDatabase) {
    let (directly, place) = shop::<C>(place);
    let (relay, url) = relaying_url(place.url());
    let database = Database::<C>::builder(&url).pool_size(1).open().unwrap();
    let mut said = BTreeMap::new();
    for round in 0..rounds() {
        for side in [Side::Client, Side::Server] {
            for bytes in 0.. {
                let name = format!("{round} {side:?} {bytes}");
                let mut session = database.session().unwrap();
                let _: User = session.insert(user(&name, None)).unwrap();
                relay.fail_after(side, bytes, Fault::Cut);
                let committed = session.commit();
                drop(session);
                let is_over = relay.is_failing_later();
                relay.fail_no_more();
                if is_over {
                    assert!(bytes > 10, "a commit has more bytes than {bytes}");
                    assert!(committed.is_ok(), "nothing was cut: {committed:?}");
                }
                let is_written = match committed {
                    Ok(()) => Some(true),
                    Err(Error::CommitUnknown { .. }) => None,
                    Err(error) => panic!("{name}: {error:?}"),
                };
                said.insert(name, is_written);
                if is_over {
                    break;
                }
            }
        }
    }
    let users = directly.session().unwrap().query::<User>().load().unwrap();
    let written: Vec<String> = users.into_iter().map(|user| user.name).collect();
    let (mut committed, mut unknown, mut unknown_and_written) = (0, 0, 0);
    for (name, said) in &said {
        let is_written = written.contains(name);
        if let Some(said) = said {
            assert_eq!(*said, is_written, "{name}");
            committed += 1;
        } else {
            unknown += 1;
            unknown_and_written += u32::from(is_written);
        }
    }
    println!(
        "{}: {} commits, {committed} committed, {unknown} unknown, of which \
         {unknown_and_written} were written",
        C::NAME,
        said.len()
    );
    // Some were cut before the server knew, some after.
    assert!(0 < unknown_and_written && unknown_and_written < unknown);
}

#[test]
fn what_is_said_of_a_commit_is_true_wherever_it_is_cut_on_postgres() {
    what_is_said_is_true::<PgConnection>(postgres());
}

#[test]
fn what_is_said_of_a_commit_is_true_wherever_it_is_cut_on_mysql() {
    what_is_said_is_true::<MysqlConnection>(mysql());
}
