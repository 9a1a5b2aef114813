//! `bindery seed`

use integration_tests::command::{on_every_engine, on_sqlite};

#[test]
fn the_same_seed_makes_the_same_shop_on_every_engine_and_more_can_be_added() {
    let list = ["list", "books", "--order", "title,-isbn", "--format", "csv"];
    let mut shops = Vec::new();
    for bindery in on_every_engine() {
        let said = bindery.succeeds(&["seed", "--books", "6000", "--seed", "7"]);
        assert_eq!(said, "6000 books and 300 authors made up\n");
        shops.push(bindery.succeeds(&list));
        bindery.succeeds(&["seed", "--books", "100", "--seed", "7"]);
        assert_eq!(bindery.succeeds(&["count", "books"]), "6100\n");
        assert_eq!(bindery.succeeds(&["count", "authors"]), "305\n");
    }
    for shop in &shops {
        assert!(shop == &shops[0], "the shops differ");
    }
}

#[test]
fn a_bookshop_is_made_where_that_is_asked_for() {
    let bindery = on_sqlite();
    bindery.succeeds(&["seed", "--books", "3", "--create", "--url", "new.db"]);
    assert_eq!(bindery.succeeds(&["count", "books", "--url", "new.db"]), "3\n");
}
