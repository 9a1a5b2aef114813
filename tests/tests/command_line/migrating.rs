//! `bindery migrate`

use integration_tests::command::{Bindery, on_empty_file};
use integration_tests::{mysql, postgres};

fn lines(text: &str, state: &str) -> usize {
    text.lines().filter(|line| line.starts_with(state)).count()
}

#[test]
fn migrations_are_run_once_and_reverted_only_with_a_yes() {
    let engines =
        [on_empty_file(), Bindery::new("PostgreSQL", postgres()), Bindery::new("MySQL", mysql())];
    for bindery in engines {
        let pending = bindery.succeeds(&["migrate", "status"]);
        assert!(lines(&pending, "pending") > 0 && lines(&pending, "applied") == 0, "{pending}");
        let applied = bindery.succeeds(&["migrate", "run"]);
        assert_eq!(lines(&applied, "applied"), lines(&pending, "pending"), "{applied}");
        assert!(bindery.succeeds(&["migrate", "run"]).starts_with("nothing to do"));
        bindery.succeeds(&["seed", "--books", "3"]);
        let refused = bindery.fails(2, &["migrate", "revert"]);
        assert!(refused.contains("--yes"), "{refused}");
        assert_eq!(bindery.succeeds(&["count", "books"]), "3\n");
        for _ in applied.lines() {
            assert!(bindery.succeeds(&["migrate", "revert", "--yes"]).starts_with("reverted"));
        }
        assert!(bindery.succeeds(&["migrate", "revert", "--yes"]).starts_with("nothing to do"));
        bindery.fails(3, &["count", "books"]);
    }
}

#[test]
fn run_makes_the_file_that_is_named() {
    let bindery = on_empty_file();
    bindery.succeeds(&["migrate", "run", "--url", "new.db"]);
    assert_eq!(bindery.succeeds(&["count", "books", "--url", "sqlite://new.db"]), "0\n");
}
