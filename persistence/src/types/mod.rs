//! Column types that Diesel does not bring for every engine.

mod decimal;
mod json;
mod uuid;

pub use decimal::{Decimal, DecimalError, ScaledDecimal};
pub use json::Json;
pub use uuid::Uuid;
