//! Who a token belongs to, and the certificates that ID tokens are checked with.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::google::access::bearer;
use crate::google::refusal::Refusal;
use crate::google::state::Google;

pub(crate) async fn certs(State(google): State<Google>) -> Response {
    let published = google.read().keys.published();
    ([(header::CACHE_CONTROL, "public, max-age=19845, must-revalidate, no-transform")], Json(published)).into_response()
}

pub(crate) async fn userinfo(State(google): State<Google>, headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    let data = google.read();
    let caller = bearer(&headers).and_then(|token| data.grants.caller(token, google.now_s()));
    let caller = caller.ok_or_else(Refusal::unauthenticated)?;
    let account = data.account(&caller.email).ok_or_else(Refusal::unauthenticated)?;
    Ok(Json(json!({
        "sub": account.sub, "name": account.name, "email": account.email, "email_verified": account.email_verified,
    })))
}
