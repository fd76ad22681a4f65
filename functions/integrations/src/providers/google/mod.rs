//! Google: Gmail and Calendar, two services behind one grant.
//!
//! A user's grant to our client is one, whichever services asked for parts of it, and
//! revoking any of its tokens ends all of it. So both are of one family.

mod api;
mod calendar;
mod classify;
mod gmail;
mod oauth;

use std::sync::Arc;

use web::jwks::Jwks;

pub use calendar::Calendar;
pub use gmail::Gmail;

use super::{About, Authorization, Call, Failure, Settings};

/// Services that share a grant name this as their family.
const FAMILY: &str = "google";

/// Who signs Google's tokens, in both ways it writes its name.
const ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];

/// Our client at Google, and where Google is.
pub struct Google {
    http: reqwest::Client,
    client_id: String,
    client_secret: String,
    accounts_url: String,
    oauth_url: String,
    jwks: Jwks,
}

impl Google {
    pub fn new(settings: &Settings) -> Arc<Self> {
        let certs = settings.url("GOOGLE_CERTS_URL", "https://www.googleapis.com/oauth2/v3/certs");
        Arc::new(Self {
            http: settings.http.clone(),
            client_id: settings.get("GOOGLE_CLIENT_ID").unwrap_or_default().to_owned(),
            client_secret: settings.get("GOOGLE_CLIENT_SECRET").unwrap_or_default().to_owned(),
            accounts_url: settings.url("GOOGLE_ACCOUNTS_URL", "https://accounts.google.com"),
            oauth_url: settings.url("GOOGLE_OAUTH_URL", "https://oauth2.googleapis.com"),
            jwks: Jwks::new(settings.http.clone(), certs),
        })
    }

    fn configured(&self) -> bool {
        !self.client_id.is_empty() && !self.client_secret.is_empty()
    }
}

/// The scopes to ask for: those of reading, and `acting` when actions are on.
fn asked_scopes(about: &About, authorization: &Authorization<'_>, acting: &str) -> Vec<String> {
    let acting = authorization.actions.then(|| acting.to_owned());
    about.scopes.iter().cloned().chain(acting).collect()
}

/// Whether the account's owner has allowed more than reading.
fn may_act(call: &Call<'_>, scope: &str) -> Result<(), Failure> {
    match call.scopes.iter().any(|granted| granted == scope) {
        true => Ok(()),
        false => Err(lacking(scope)),
    }
}

fn lacking(scope: &str) -> Failure {
    let right = scope.rsplit('/').next().unwrap_or(scope);
    Failure::reauth(format!("The account was connected for reading, without the right {right}"))
}
