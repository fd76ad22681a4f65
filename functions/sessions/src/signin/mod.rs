//! Signing in by GitHub or Google.
//!
//! A browser starts here, agrees at the provider and comes back with a code, which
//! is exchanged on the server. `state` is good once, for the browser that holds the
//! cookie and for the provider that it was made for. No token of the provider's
//! is kept.

mod account;
mod callback;
mod github;
mod google;
mod oauth;
mod refusal;
mod start;

pub(crate) use callback::{__path_finish_signin, finish_signin};
pub(crate) use oauth::Providers;
pub(crate) use start::{__path_list_signin_providers, __path_start_signin, list_signin_providers, start_signin};
