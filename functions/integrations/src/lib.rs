//! Connections to third-party services, and what is read from them.
//!
//! Two thin binaries share it: `integrations-http` (the API and the webhooks) and
//! `integrations-sync` (schedule and bus). A service is a [`providers::Provider`].

pub mod act;
pub mod connect;
mod credentials;
mod deps;
mod error;
pub mod http;
pub mod live;
mod outbox;
pub mod providers;
pub mod sync;
#[cfg(test)]
mod testing;

pub use deps::Deps;
pub use error::WorkError;
