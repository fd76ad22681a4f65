//! Connections to third-party services, and what is read from them.
//!
//! Two thin binaries share it: `integrations-http` (the API and the webhooks) and
//! `integrations-sync` (schedule and bus). A service is a [`providers::Provider`].

pub mod providers;
