//! What is asked about records that are open.

use super::Effects;
use super::open_records::OpenRecord;
use crate::jobs::{Queue, Topic};

/// What the picker offers that is open in a record.
pub(super) const CHOICES: Topic = Topic::new("choices", Queue::Rows);
/// Rows of a relation of a record that is open, by the relation's place.
pub(super) const RELATED: Topic = Topic::new("related", Queue::Counts);
/// A record that is open, as it is now, or what is to be shown in its stead.
pub(super) const OPEN_RECORD: Topic = Topic::new("open record", Queue::Rows);

/// Forgets what a record that is no longer open still waits for.
pub(super) fn forget_record(record: &OpenRecord, effects: &mut Effects) {
    let number = record.number;
    for relation in 0..record.related.as_ref().map_or(0, |related| related.relations().len()) {
        effects.forget(RELATED.of((number, relation)));
    }
    effects.forget(CHOICES.of(number));
    effects.forget(OPEN_RECORD.of(number));
}
