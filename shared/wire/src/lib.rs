//! What goes over the wire: JSON bodies and socket frames, nothing else.

pub mod account;
pub mod bus;
pub mod entities;
pub mod error;
pub mod files;
pub mod health;
pub mod identity;
pub mod integrations;
pub mod messages;
pub mod runner;
pub mod sessions;
pub mod viewer;
pub mod workspace;
