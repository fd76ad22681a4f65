//! `POST /token` and `POST /revoke`.

use axum::Json;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::grants::{ACCESS_SECONDS, Challenge, Code};
use super::{CLIENT_ID, CLIENT_SECRET};
use crate::google::state::{Data, Google};

/// The form of both grant types.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
}

/// An error of the token endpoint.
struct Wrong(StatusCode, &'static str, &'static str);

impl Wrong {
    fn grant(why: &'static str) -> Self {
        Self(StatusCode::BAD_REQUEST, "invalid_grant", why)
    }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1, "error_description": self.2 }))).into_response()
    }
}

pub(crate) async fn token(State(google): State<Google>, Form(request): Form<Request>) -> Response {
    answer(&mut google.write(), &request, google.now_s()).map_or_else(IntoResponse::into_response, json_answer)
}

fn json_answer(body: Value) -> Response {
    Json(body).into_response()
}

fn answer(data: &mut Data, request: &Request, now_s: i64) -> Result<Value, Wrong> {
    let known = request.client_id.as_deref() == Some(CLIENT_ID);
    if !known || request.client_secret.as_deref() != Some(CLIENT_SECRET) {
        return Err(Wrong(StatusCode::UNAUTHORIZED, "invalid_client", "The OAuth client was not found."));
    }
    match request.grant_type.as_deref() {
        Some("authorization_code") => exchange(data, request, now_s),
        Some("refresh_token") => refresh(data, request, now_s),
        _ => Err(Wrong(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Invalid grant_type")),
    }
}

/// As usual with Google, the refresh token stays the same and is not sent again.
fn refresh(data: &mut Data, request: &Request, now_s: i64) -> Result<Value, Wrong> {
    let holder = request.refresh_token.as_deref().and_then(|token| data.grants.refresh(token, now_s));
    let holder = holder.ok_or(Wrong::grant("Token has been expired or revoked."))?;
    let token = data.grants.add_access(&holder.email, &holder.scopes, now_s);
    let scope = holder.scopes.into_iter().collect::<Vec<_>>().join(" ");
    Ok(json!({ "access_token": token, "expires_in": ACCESS_SECONDS, "scope": scope, "token_type": "Bearer" }))
}

fn exchange(data: &mut Data, request: &Request, now_s: i64) -> Result<Value, Wrong> {
    let code = request.code.as_deref().and_then(|code| data.grants.redeem(code, now_s));
    let code = code.ok_or(Wrong::grant("Malformed auth code."))?;
    if request.redirect_uri.as_deref() != Some(code.redirect_uri.as_str()) {
        return Err(Wrong(StatusCode::BAD_REQUEST, "redirect_uri_mismatch", "Bad Request"));
    }
    check_verifier(code.challenge.as_ref(), request.code_verifier.as_deref())?;
    let access = data.grants.add_access(&code.email, &code.scopes, now_s);
    let scope = code.scopes.iter().cloned().collect::<Vec<_>>().join(" ");
    let mut body = json!({
        "access_token": access, "expires_in": ACCESS_SECONDS, "scope": scope, "token_type": "Bearer",
    });
    if code.offline {
        body["refresh_token"] = data.grants.add_refresh(&code.email, &code.scopes, now_s).into();
        if let Some(seconds) = data.grants.refresh_seconds {
            body["refresh_token_expires_in"] = seconds.into();
        }
    }
    if code.scopes.contains("openid") {
        body["id_token"] = id_token(data, &code, now_s).into();
    }
    Ok(body)
}

fn check_verifier(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), Wrong> {
    let Some(challenge) = challenge else { return Ok(()) };
    let verifier = verifier.ok_or(Wrong::grant("Missing code verifier."))?;
    let given = match challenge.is_s256 {
        true => URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        false => verifier.to_owned(),
    };
    if given == challenge.value { Ok(()) } else { Err(Wrong::grant("Invalid code verifier.")) }
}

fn id_token(data: &mut Data, code: &Code, now_s: i64) -> String {
    let Some(account) = data.account(&code.email) else { return String::new() };
    let mut claims = json!({
        "iss": "https://accounts.google.com", "azp": CLIENT_ID, "aud": CLIENT_ID, "sub": account.sub,
        "iat": now_s, "exp": now_s + 3_600,
    });
    let has = |scope: &str| code.scopes.iter().any(|held| held == scope || held.ends_with(&format!(".{scope}")));
    if has("email") {
        claims["email"] = account.email.clone().into();
        claims["email_verified"] = account.email_verified.into();
    }
    if has("profile") {
        claims["name"] = account.name.clone().into();
    }
    if let Some(nonce) = &code.nonce {
        claims["nonce"] = nonce.clone().into();
    }
    data.keys.sign(&claims)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Revocation {
    token: Option<String>,
}

/// Ends the grant of this person to this client, whichever of its tokens is named.
pub(crate) async fn revoke(State(google): State<Google>, Form(revocation): Form<Revocation>) -> Response {
    match google.write().grants.revoke(revocation.token.as_deref().unwrap_or_default()) {
        true => Json(json!({})).into_response(),
        false => Wrong(StatusCode::BAD_REQUEST, "invalid_token", "Token expired or revoked").into_response(),
    }
}
