//! `GET /o/oauth2/v2/auth`: the page where a person chooses the account and what to allow.
//!
//! Without a browser, `auto=allow` or `auto=deny` decides at once; `account` names the
//! person, and `untick` a scope that is not granted.

use std::collections::BTreeSet;

use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::CLIENT_ID;
use super::consent;
use super::grants::{Challenge, NewCode};
use crate::google::state::Google;

/// What our server asks for.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Ask {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    response_type: String,
    pub(crate) scope: String,
    pub(crate) state: Option<String>,
    pub(crate) access_type: Option<String>,
    pub(crate) prompt: Option<String>,
    pub(crate) include_granted_scopes: Option<String>,
    pub(crate) login_hint: Option<String>,
    pub(crate) code_challenge: Option<String>,
    pub(crate) code_challenge_method: Option<String>,
    pub(crate) nonce: Option<String>,
    auto: Option<String>,
    account: Option<String>,
    untick: Option<String>,
}

impl Ask {
    pub(crate) fn scopes(&self) -> BTreeSet<String> {
        self.scope.split_whitespace().map(str::to_owned).collect()
    }

    /// What Google shows a page about instead of redirecting.
    fn fault(&self) -> Option<&'static str> {
        let secure = self.redirect_uri.starts_with("https://");
        let local = ["http://localhost", "http://127.0.0.1"].iter().any(|host| self.redirect_uri.starts_with(host));
        match () {
            () if self.client_id != CLIENT_ID => Some("Error 401: invalid_client"),
            () if !secure && !local => Some("Error 400: redirect_uri_mismatch"),
            () if self.response_type != "code" => Some("Error 400: unsupported_response_type"),
            () if self.scope.trim().is_empty() => Some("Error 400: invalid_scope"),
            () => None,
        }
    }
}

/// What the person decided on the page.
struct Decision {
    email: String,
    allowed: bool,
    scopes: BTreeSet<String>,
}

pub(crate) async fn show(State(google): State<Google>, Query(ask): Query<Ask>) -> Response {
    if let Some(fault) = ask.fault() {
        return (StatusCode::BAD_REQUEST, Html(format!("<h1>Access blocked</h1><p>{fault}</p>"))).into_response();
    }
    let hinted = ask.account.as_ref().or(ask.login_hint.as_ref());
    if let Some(auto) = &ask.auto {
        let email = hinted.cloned().or_else(|| google.read().accounts.first().map(|account| account.email.clone()));
        let unticked: BTreeSet<_> = ask.untick.iter().flat_map(|names| names.split_whitespace()).collect();
        let scopes = ask.scopes().into_iter().filter(|scope| !unticked.contains(scope.as_str())).collect();
        let decision = Decision { email: email.unwrap_or_default(), allowed: auto == "allow", scopes };
        return settle(&google, &ask, decision);
    }
    let accounts = google.read().accounts.iter().map(|account| (account.email.clone(), account.name.clone())).collect();
    Html(consent::page(&ask, accounts)).into_response()
}

/// The page's form: the question again in hidden fields, and the answer.
pub(crate) async fn decide(
    State(google): State<Google>,
    Query(ask): Query<Ask>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let all = |name: &str| {
        let values = fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value.clone());
        values.collect::<BTreeSet<_>>()
    };
    let email = all("account").pop_first().unwrap_or_default();
    // Who the person is can't be refused while signing in.
    let always = ask.scopes().into_iter().filter(|scope| !consent::is_optional(scope));
    let scopes = all("scope").intersection(&ask.scopes()).cloned().chain(always).collect();
    settle(&google, &ask, Decision { email, allowed: all("decision").contains("allow"), scopes })
}

fn settle(google: &Google, ask: &Ask, decision: Decision) -> Response {
    if !decision.allowed {
        return back(ask, &[("error", "access_denied")]);
    }
    let mut data = google.write();
    if data.account(&decision.email).is_none() {
        return (StatusCode::BAD_REQUEST, Html("<h1>Couldn't find your account</h1>")).into_response();
    }
    let is_first = data.grants.granted(&decision.email).is_none();
    let asks_again = ask.prompt.as_deref().is_some_and(|prompt| prompt.contains("consent"));
    let offline = ask.access_type.as_deref() == Some("offline") && (is_first || asks_again);
    let challenge = ask.code_challenge.clone().map(|value| {
        let is_s256 = ask.code_challenge_method.as_deref() == Some("S256");
        Challenge { value, is_s256 }
    });
    let code = NewCode {
        email: decision.email,
        scopes: decision.scopes.clone(),
        redirect_uri: ask.redirect_uri.clone(),
        challenge,
        nonce: ask.nonce.clone(),
        offline,
        includes_granted: ask.include_granted_scopes.as_deref() == Some("true"),
    };
    let code = data.grants.allow(code, google.now_s());
    let scope = decision.scopes.into_iter().collect::<Vec<_>>().join(" ");
    back(ask, &[("code", &code), ("scope", &scope), ("iss", "https://accounts.google.com")])
}

fn back(ask: &Ask, parameters: &[(&str, &str)]) -> Response {
    let state = ask.state.as_deref().map(|state| ("state", state));
    let pairs: Vec<_> = state.into_iter().chain(parameters.iter().copied()).collect();
    let query = serde_urlencoded::to_string(pairs).expect("text pairs always encode");
    let joint = if ask.redirect_uri.contains('?') { '&' } else { '?' };
    (StatusCode::FOUND, [(header::LOCATION, format!("{}{joint}{query}", ask.redirect_uri))]).into_response()
}
