//! Two people stage edits of the same rows.

use integration_tests::on_every_engine;

use super::random::{cases, check};

on_every_engine! {
    fn what_two_people_stage_of_the_same_rows_is_merged_or_refused<Engine>(place) {
        check::<Engine>(&place, 2, cases::<Engine>(150));
    }
}
