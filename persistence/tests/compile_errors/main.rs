//! What the compiler says of the usual mistakes: short, at the right place, with what to do.
//!
//! Where a message has changed for the better, `TRYBUILD=overwrite cargo test -p persistence
//! --all-features --test compile_errors` takes it over.

#[test]
fn usual_mistakes_are_told_in_few_words() {
    trybuild::TestCases::new().compile_fail("tests/compile_errors/*/*.rs");
}
