//! The time that is filled in.

use chrono::{NaiveDateTime, SubsecRound as _, Utc};

/// Returns the time to fill in: to the microsecond, which is what every engine keeps.
pub(crate) fn now() -> NaiveDateTime {
    Utc::now().naive_utc().trunc_subsecs(6)
}
