//! Google's OAuth 2.0 and OpenID Connect: consent, codes, tokens, revocation, certificates.

mod authorize;
mod consent;
pub(crate) mod grants;
mod token;
mod userinfo;

use axum::Router;
use axum::routing::{get, post};

use super::state::Google;

/// The one client that is registered here, as the local stack gives it to the product.
pub const CLIENT_ID: &str = "fake-google-client";
/// Known to everybody, and good at the fake only.
pub const CLIENT_SECRET: &str = "GOCSPX-fake-google-client-secret";

/// `accounts.google.com`.
pub(crate) fn accounts() -> Router<Google> {
    Router::new().route("/o/oauth2/v2/auth", get(authorize::show).post(authorize::decide))
}

/// `oauth2.googleapis.com`.
pub(crate) fn tokens() -> Router<Google> {
    Router::new().route("/token", post(token::token)).route("/revoke", post(token::revoke))
}

/// `www.googleapis.com/oauth2/v3`: who a token belongs to, and what ID tokens are checked with.
pub(crate) fn identity() -> Router<Google> {
    Router::new().route("/certs", get(userinfo::certs)).route("/userinfo", get(userinfo::userinfo))
}
