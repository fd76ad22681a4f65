//! The sign-in: a page that asks the user, and the endpoint that trades codes for tokens.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::data::Data;
use super::hub::Hub;
use super::refusal::Refusal;
use super::site;
use super::tokens::{Client, Code, REFRESH_SECONDS};

/// What the product sends its user here with.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Authorize {
    pub(super) client_id: String,
    pub(super) redirect_uri: Option<String>,
    #[serde(default)]
    pub(super) state: String,
    #[serde(default)]
    pub(super) scope: String,
    /// Whom to suggest.
    pub(super) login: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    /// The fake's own: `allow` or `deny`, in place of a click. Then `login` says who, and
    /// `granted` which of the scopes, where not all.
    auto: Option<String>,
    granted: Option<String>,
}

impl Authorize {
    /// What the consent page asks again, but for what the user chooses.
    pub(super) fn repeated(&self) -> Vec<(&'static str, &str)> {
        let given = [
            ("redirect_uri", self.redirect_uri.as_deref()),
            ("code_challenge", self.code_challenge.as_deref()),
            ("code_challenge_method", self.code_challenge_method.as_deref()),
        ];
        let always = [("client_id", self.client_id.as_str()), ("state", &self.state), ("scope", &self.scope)];
        given.into_iter().filter_map(|(name, value)| Some((name, value?))).chain(always).collect()
    }
}

/// `GET /login/oauth/authorize`
pub(super) async fn authorize(State(hub): State<Hub>, Query(asked): Query<Authorize>) -> Response {
    let Some(client) = Client::of(&asked.client_id) else {
        return (StatusCode::NOT_FOUND, Html("<h1>404</h1>There is no such application.")).into_response();
    };
    let Some(redirect_uri) = asked.redirect_uri.clone().filter(|uri| hub.world.is_products(uri)) else {
        let page = "<h1>redirect_uri_mismatch</h1>The redirect_uri is not the application's callback.";
        return (StatusCode::BAD_REQUEST, Html(page)).into_response();
    };
    if asked.code_challenge.is_some() && asked.code_challenge_method.as_deref() != Some("S256") {
        return back(&redirect_uri, &asked.state, &[("error", "invalid_request")]);
    }
    match asked.auto.as_deref() {
        None => hub.look(|data, _| site::consent(data, &asked, client)).into_response(),
        Some("allow") => hub.data.change(|data| allow(data, &asked, client, redirect_uri, hub.now_s())),
        Some(_) => back(
            &redirect_uri,
            &asked.state,
            &[("error", "access_denied"), ("error_description", "The user has denied your application access.")],
        ),
    }
}

fn allow(data: &mut Data, asked: &Authorize, client: Client, redirect_uri: String, now_s: i64) -> Response {
    let login = asked.login.as_deref();
    let user = login.map_or(data.users.values().next(), |login| data.user_named(login)).map(|user| user.id);
    let Some(user) = user else {
        return (StatusCode::NOT_FOUND, Html("<h1>404</h1>There is no such account.")).into_response();
    };
    let scopes = asked.granted.as_deref().unwrap_or(&asked.scope);
    let scopes = scopes.split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    let challenge = asked.code_challenge.clone();
    let code = Code { client, user, redirect_uri: redirect_uri.clone(), challenge, scopes, until_s: 0 };
    let code = data.mint_code(code, now_s);
    back(&redirect_uri, &asked.state, &[("code", &code)])
}

/// Back to the product.
fn back(redirect_uri: &str, state: &str, told: &[(&str, &str)]) -> Response {
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    let mut query: Vec<(&str, &str)> = told.to_vec();
    query.push(("state", state));
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    Redirect::to(&format!("{redirect_uri}{joint}{query}")).into_response()
}

/// A call of the token endpoint.
#[derive(Debug, Deserialize)]
pub(super) struct Exchange {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: String,
    grant_type: Option<String>,
    #[serde(default)]
    code: String,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    #[serde(default)]
    refresh_token: String,
}

/// `POST /login/oauth/access_token`: whatever is wrong is told with status 200.
pub(super) async fn access_token(State(hub): State<Hub>, headers: HeaderMap, Form(asked): Form<Exchange>) -> Response {
    let now_s = hub.now_s();
    let answer = hub.data.change(|data| match Client::of(&asked.client_id) {
        Some(client) if asked.client_secret == client.secret() => match asked.grant_type.as_deref() {
            Some("refresh_token") => refresh(data, client, &asked.refresh_token, now_s),
            _ => exchange(data, client, &asked, now_s),
        },
        _ => Err(("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")),
    });
    let body = answer.unwrap_or_else(|(error, description)| {
        json!({ "error": error, "error_description": description, "error_uri": "https://docs.github.com/apps/troubleshooting" })
    });
    let wants_json = headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes() == b"application/json");
    if wants_json { Json(body).into_response() } else { form(&body) }
}

type Wrong = (&'static str, &'static str);

fn exchange(data: &mut Data, client: Client, asked: &Exchange, now_s: i64) -> Result<Value, Wrong> {
    const BAD_CODE: Wrong = ("bad_verification_code", "The code passed is incorrect or expired.");
    // Good once, whatever comes of it.
    let code = data.codes.remove(&asked.code).filter(|code| code.client == client && now_s < code.until_s);
    let code = code.ok_or(BAD_CODE)?;
    if asked.redirect_uri.as_ref().is_some_and(|uri| *uri != code.redirect_uri) {
        return Err(("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL."));
    }
    if let Some(challenge) = &code.challenge {
        let verifier = asked.code_verifier.as_deref().unwrap_or_default();
        if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != *challenge {
            return Err(BAD_CODE);
        }
    }
    Ok(match client {
        Client::App => user_tokens(data, code.user, now_s),
        Client::Oauth => {
            let scope = code.scopes.join(",");
            let token = data.mint_oauth_token(code.user, code.scopes);
            json!({ "access_token": token, "token_type": "bearer", "scope": scope })
        }
    })
}

/// The old refresh token and the old access token die at once.
fn refresh(data: &mut Data, client: Client, text: &str, now_s: i64) -> Result<Value, Wrong> {
    const BAD_REFRESH: Wrong = ("bad_refresh_token", "The refresh token passed is incorrect or expired.");
    let refresh = data.refresh.remove(text).filter(|refresh| client == Client::App && now_s < refresh.until_s);
    let refresh = refresh.ok_or(BAD_REFRESH)?;
    data.tokens.remove(&refresh.access);
    Ok(user_tokens(data, refresh.user, now_s))
}

fn user_tokens(data: &mut Data, user: u64, now_s: i64) -> Value {
    let (access, refresh) = data.mint_user_tokens(user, now_s);
    json!({
        "access_token": access,
        "expires_in": data.settings.user_token_seconds,
        "refresh_token": refresh,
        "refresh_token_expires_in": REFRESH_SECONDS,
        "scope": "",
        "token_type": "bearer",
    })
}

/// What whoever does not ask for JSON gets.
fn form(body: &Value) -> Response {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let fields: BTreeMap<&String, String> =
        body.as_object().into_iter().flatten().map(|(name, value)| (name, text(value))).collect();
    let form = HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8");
    ([(header::CONTENT_TYPE, form)], serde_urlencoded::to_string(fields).unwrap_or_default()).into_response()
}

/// The token that is to be revoked.
#[derive(Deserialize)]
pub(super) struct Revoked {
    access_token: String,
}

/// `DELETE /applications/{client_id}/token`: this token, with its refresh token.
pub(super) async fn revoke_token(
    State(hub): State<Hub>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
    Json(revoked): Json<Revoked>,
) -> Result<StatusCode, Refusal> {
    authenticated(&headers, &client_id)?;
    match hub.data.change(|data| data.revoke_token(&revoked.access_token)) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Refusal::not_found()),
    }
}

/// `DELETE /applications/{client_id}/grant`: all that the user granted.
pub(super) async fn revoke_grant(
    State(hub): State<Hub>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
    Json(revoked): Json<Revoked>,
) -> Result<StatusCode, Refusal> {
    authenticated(&headers, &client_id)?;
    let now_s = hub.now_s();
    hub.data.change(|data| {
        let token = data.tokens.get(&revoked.access_token).filter(|token| token.is_good(now_s));
        let (user, client) = token.and_then(|token| token.grant()).ok_or_else(Refusal::not_found)?;
        data.revoke_grant(user, client);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// Whether the client named in the path asks, with its secret.
fn authenticated(headers: &HeaderMap, client_id: &str) -> Result<(), Refusal> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    let given = given.and_then(|given| String::from_utf8(STANDARD.decode(given).ok()?).ok()).unwrap_or_default();
    let wanted = Client::of(client_id).map(|client| format!("{client_id}:{}", client.secret()));
    if wanted == Some(given) { Ok(()) } else { Err(Refusal::new(401, "Bad credentials")) }
}
