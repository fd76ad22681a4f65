//! The runner's line to the product: a socket that may fail at any time, and what waits for it.

mod backoff;
mod keeper;
mod link;
mod outbox;
mod socket;

pub(crate) use backoff::Backoff;
pub use link::{FromLink, Line, LinkConfig, dial};
#[cfg(test)]
pub(crate) use link::{Outgoing, to_a_test};
pub use outbox::Outbox;

#[cfg(test)]
mod tests;
