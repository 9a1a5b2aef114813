//! `bindery delete`

use insta::{allow_duplicates, assert_snapshot};
use integration_tests::command::{Bindery, on_every_engine};

fn with_rows(bindery: &Bindery) {
    bindery.write("authors.csv", "name\nAnn\nBob\n");
    bindery.write("books.csv", "title,author,in_print\nOne,Ann,true\nTwo,Ann,true\n");
    bindery.write("users.csv", "name\nJohn Doe\nJane Roe\n");
    bindery.write(
        "addresses.csv",
        "email_address,user\na@example.org,John Doe\nb@example.org,John Doe\n",
    );
    for entity in ["authors", "books", "users", "addresses"] {
        bindery.succeeds(&["import", entity, &format!("{entity}.csv")]);
    }
}

#[test]
fn an_author_with_books_stays_and_the_books_are_named() {
    allow_duplicates! {
    for bindery in on_every_engine() {
        with_rows(&bindery);
        assert_snapshot!(
            bindery.fails(4, &["delete", "authors", "--filter", "id > 0"]),
            @"bindery: cannot delete from authors: nothing was deleted: 2 books stand in the way (by author_id): One, Two"
        );
        let tried = bindery.run(&["delete", "authors", "--filter", "name = \"Ann\"", "--dry-run"]);
        assert_eq!(tried.code, 4);
        assert_snapshot!(tried.stdout, @r"
        1 author cannot be deleted
          2 books stand in the way (by author_id): One, Two
        ");
        assert_eq!(bindery.succeeds(&["count", "authors"]), "2\n");
        assert_eq!(bindery.succeeds(&["delete", "authors", "-f", "name = \"Bob\""]), "1 author deleted\n");
    }
    }
}

#[test]
fn what_goes_with_a_row_is_said_before_and_after() {
    allow_duplicates! {
    for bindery in on_every_engine() {
        with_rows(&bindery);
        let john = ["delete", "users", "--filter", "name = \"John Doe\""];
        assert_snapshot!(bindery.succeeds(&[&john[..], &["--dry-run"]].concat()), @r"
        1 user would be deleted
          2 addresses are deleted, too (by user_id): a@example.org, b@example.org
        ");
        assert_eq!(bindery.succeeds(&["count", "addresses"]), "2\n");
        assert_snapshot!(bindery.succeeds(&john), @r"
        1 user deleted
          2 addresses are deleted, too (by user_id): a@example.org, b@example.org
        ");
        assert_eq!(bindery.succeeds(&["count", "addresses"]), "0\n");
        assert_eq!(bindery.succeeds(&["count", "users"]), "1\n");
        assert_eq!(bindery.succeeds(&john), "0 users deleted\n");
    }
    }
}
