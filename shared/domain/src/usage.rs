//! What a user's turns used, day by day.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::message::Usage;

/// One day in UTC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UsageDay {
    /// Such as `2026-11-23`.
    pub day: String,
    /// Turns that ended, however they did.
    pub turns: u64,
    #[serde(flatten)]
    pub usage: Usage,
}

/// The day in UTC that a time belongs to.
pub fn day(at: Timestamp) -> String {
    at.strftime("%F").to_string()
}
