//! What every HTTP function shares: how it starts, who is calling, how bodies
//! are read and how errors look.

pub mod attachment;
pub mod audit;
pub mod auth;
pub mod aws;
pub mod config;
pub mod cookie;
pub mod dead_letters;
pub mod error;
pub mod extract;
mod headers;
pub mod http;
pub mod idempotency;
pub mod jwks;
pub mod limit;
pub mod openapi;
pub mod origin;
pub mod page;
pub mod secret;
pub mod serve;

pub use auth::{Caller, scope};
pub use error::ApiError;
pub use extract::{Json, Path, Query};

/// The time of the request. Handlers take it from here, rules from their caller.
pub fn now() -> jiff::Timestamp {
    // Stored and sent to the millisecond, so that a value reads back as it was.
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
