//! Google as our code meets it: OAuth, Gmail with Pub/Sub push, and Calendar.
//!
//! | path under `/google` | stands for |
//! |---|---|
//! | `/accounts/…` | `https://accounts.google.com` |
//! | `/oauth/…` | `https://oauth2.googleapis.com` |
//! | `/certs`, `/userinfo` | `https://www.googleapis.com/oauth2/v3/…` |
//! | `/gmail/…` | `https://gmail.googleapis.com` |
//! | `/calendar/v3/…` | `https://www.googleapis.com/calendar/v3` |
//! | `/` | a page to change data by hand |
//!
//! `/control/google` takes what tests order and shows what there is (`control`).

mod access;
mod account;
mod calendar;
mod control;
mod delivery;
mod gmail;
mod keys;
mod oauth;
mod page;
mod query;
mod refusal;
mod seed;
mod state;
#[cfg(test)]
mod tests;

use axum::Router;

pub use delivery::{PUSH_ACCOUNT, PUSH_AUDIENCE, SUBSCRIPTION, TOPIC};
pub use oauth::{CLIENT_ID, CLIENT_SECRET};
pub use state::Google;

impl Google {
    /// What Google answers, under `/google`.
    pub fn router(&self) -> Router {
        page::router()
            .nest("/accounts", oauth::accounts())
            .nest("/oauth", oauth::tokens())
            .merge(oauth::identity())
            .nest("/gmail", gmail::router(self))
            .nest("/calendar/v3", calendar::router(self))
            .with_state(self.clone())
    }

    /// What is done to it, under `/control/google`.
    pub fn control(&self) -> Router {
        control::router().with_state(self.clone())
    }
}
