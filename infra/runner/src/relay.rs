//! The runner's line to the product: a socket that may fail at any time, and what waits for it.

mod backoff;
mod link;
mod outbox;
mod socket;

pub use link::{FromLink, Line, LinkConfig, dial};
pub use outbox::Outbox;
