//! Column types that Diesel does not bring for every engine.

mod decimal;
mod json;
mod moment;
mod uuid;

pub use decimal::{Decimal, DecimalError, ScaledDecimal};
pub use json::Json;
pub use moment::{
    Iso, IsoUtc, IsoUtcMilliseconds, JulianDays, Microseconds, Milliseconds, Moment, MomentForm,
    MomentFormat, UnixMilliseconds, UnixSeconds,
};
pub use uuid::Uuid;
