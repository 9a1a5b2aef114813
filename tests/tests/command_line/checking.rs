//! `bindery check`

use integration_tests::command::on_every_engine;

#[test]
fn a_check_prints_every_difference_and_says_so_to_scripts() {
    for bindery in on_every_engine() {
        assert_eq!(bindery.succeeds(&["check"]), "");
        bindery.database.execute(
            "ALTER TABLE authors DROP COLUMN born_on; \
             ALTER TABLE authors ADD COLUMN nickname VARCHAR(20)",
        );
        let answer = bindery.run(&["check"]);
        assert_eq!(answer.code, 3, "{answer:?}");
        assert_eq!(
            answer.stdout,
            "authors.born_on: the column is missing\n\
             authors.nickname: the entity has no such column\n"
        );
    }
}
