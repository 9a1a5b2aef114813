//! What has come from the other threads.

use super::AdminApp;
use super::context::words;
use crate::jobs::{Arrived, Failure, Queue};

impl AdminApp {
    /// Takes what has come from the other threads.
    pub(super) fn take_answers(&mut self) {
        for queue in Queue::ALL {
            for arrived in self.jobs.arrived(queue) {
                self.take_answer(arrived);
            }
        }
    }

    pub(super) fn take_answer(&mut self, arrived: Arrived<Self>) {
        self.workspace.pages.log(&arrived.report);
        let (lane, is_unfit) = (arrived.report.lane, arrived.says_unfit());
        arrived.deliver(self);
        self.watch_schema(lane, is_unfit);
        self.apply();
    }

    /// Returns a failure in words a person can act on.
    pub(super) fn words(&self, failure: &Failure) -> String {
        words(&self.preferences.texts, failure)
    }
}
