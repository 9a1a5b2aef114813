//! CPU time and instructions of the whole process: one of the sides works in a thread of its own.

use std::time::Duration;

use perf_event::events::Hardware;
use perf_event::{Builder, Counter};
use rustix::time::{ClockId, clock_gettime};

/// Takes the time of what it is given.
pub struct Clock {
    measured: Measured,
    counter: Option<Counter>,
}

/// What a piece of work took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    /// User and system time.
    pub cpu: Duration,
    /// Instructions in user mode, where the machine counts them.
    pub instructions: Option<u64>,
}

impl Clock {
    /// A clock; make it before the threads whose work it is to see.
    pub fn new() -> Self {
        let mut builder = Builder::new().kind(Hardware::INSTRUCTIONS);
        builder.inherit(true);
        Self { measured: Measured::default(), counter: builder.build().ok() }
    }

    /// Does some work and takes its time.
    pub fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let instructions = self.instructions();
        let start = cpu_time();
        let result = work();
        self.measured.cpu += cpu_time().saturating_sub(start);
        if let (Some(before), Some(after)) = (instructions, self.instructions()) {
            *self.measured.instructions.get_or_insert(0) += after.saturating_sub(before);
        }
        result
    }

    /// What was measured since the last time this was asked.
    pub fn take(&mut self) -> Measured {
        std::mem::take(&mut self.measured)
    }

    /// The count so far; a counter runs from the first time it is asked.
    fn instructions(&mut self) -> Option<u64> {
        let counter = self.counter.as_mut()?;
        counter.enable().ok()?;
        counter.read().ok()
    }
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = Duration::from_secs(time.tv_sec.cast_unsigned());
    seconds + Duration::from_nanos(time.tv_nsec.cast_unsigned())
}
