//! `watch` and `stop`, and the Pub/Sub push that a change of a watched mailbox makes.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::google::access::Caller;
use crate::google::delivery::{Notification, PUSH_ACCOUNT, PUSH_AUDIENCE, SUBSCRIPTION, Sender, TOPIC};
use crate::google::refusal::Refusal;
use crate::google::state::{Data, Google, time_text};

const WATCH_SECONDS: i64 = 7 * 86_400;

/// What is told about a mailbox, and until when.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Watch {
    topic: String,
    pub(crate) ends_s: i64,
}

pub(crate) async fn watch(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let body: Value = serde_json::from_slice(&body).map_err(|_| Refusal::invalid("Invalid JSON payload received."))?;
    let topic = body["topicName"].as_str().unwrap_or_default();
    if !topic.starts_with("projects/") || !topic.contains("/topics/") {
        return Err(Refusal::invalid("Invalid topicName does not match projects/*/topics/*"));
    }
    let ends_s = google.now_s() + WATCH_SECONDS;
    let mut data = google.write();
    let account = data.account_mut(&caller.email).ok_or_else(Refusal::unauthenticated)?;
    account.mailbox.watch = Some(Watch { topic: topic.to_owned(), ends_s });
    let history_id = account.mailbox.history_id.to_string();
    Ok(Json(json!({ "historyId": history_id, "expiration": (ends_s * 1_000).to_string() })))
}

pub(crate) async fn stop(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
) -> Result<StatusCode, Refusal> {
    google.write().account_mut(&caller.email).ok_or_else(Refusal::unauthenticated)?.mailbox.watch = None;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells of the mailbox's state, if it is watched and there is a product to tell.
pub(crate) fn push(google: &Google, data: &mut Data, email: &str) {
    let Some(product) = &google.world().product else { return };
    let now_s = google.now_s();
    let Some(account) = data.account_mut(email) else { return };
    let history_id = account.mailbox.history_id;
    let watch = account.mailbox.watch.as_ref();
    if watch.is_none_or(|watch| now_s >= watch.ends_s || watch.topic != TOPIC) {
        return;
    }
    let url = format!("{product}/webhooks/gmail");
    let token = data.keys.sign(&json!({
        "iss": "https://accounts.google.com", "aud": PUSH_AUDIENCE, "sub": "113774264463038321964",
        "email": PUSH_ACCOUNT, "email_verified": true, "iat": now_s, "exp": now_s + 3_600,
    }));
    let at_ms = google.now_ms();
    // Google writes the id as a number here, and as text everywhere else.
    let content = STANDARD.encode(json!({ "emailAddress": email, "historyId": history_id }).to_string());
    let message_id = format!("{at_ms}{history_id}");
    let message = json!({ "data": content, "messageId": message_id, "publishTime": time_text(at_ms) });
    let headers = vec![("authorization", format!("Bearer {token}")), ("content-type", "application/json".to_owned())];
    let body = json!({ "message": message, "subscription": SUBSCRIPTION }).to_string();
    google.live().delivery.give(&google.world().http, Notification { sender: Sender::PubSub, url, headers, body });
}
