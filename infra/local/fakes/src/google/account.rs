//! A person at Google: a mailbox and calendars.

use serde::{Deserialize, Serialize};

use super::calendar::store::Calendars;
use super::gmail::mailbox::Mailbox;

/// What Google knows of one person.
#[derive(Serialize, Deserialize)]
pub(crate) struct Account {
    /// Google's stable id of the person.
    pub(crate) sub: String,
    pub(crate) email: String,
    pub(crate) name: String,
    /// Goes into the ID token: an address that nobody confirmed proves nothing.
    pub(crate) email_verified: bool,
    pub(crate) mailbox: Mailbox,
    pub(crate) calendars: Calendars,
}

impl Account {
    /// An empty mailbox, and the primary calendar, which has the address as its id.
    pub(crate) fn new(number: usize, email: &str, name: &str) -> Self {
        Self {
            sub: format!("10{:019}", 7_000_000_000_000_000_u64 + number as u64 * 7_919),
            email: email.to_owned(),
            name: name.to_owned(),
            email_verified: true,
            mailbox: Mailbox::new(),
            calendars: Calendars::with_primary(email),
        }
    }
}
