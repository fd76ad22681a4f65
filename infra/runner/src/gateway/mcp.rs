//! The agent's tools at our own API: its calls pass here, and get the session's token on the way.
//!
//! What the user has to agree to first, the API says. It is asked for here, in the session, and the
//! call is made again with the consent, which is good for exactly this call.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::action::{ASK_CODE, CONSENT_HEADER};
use domain::event::PermissionReply;
use domain::limits::MCP_BODY_BYTES_MAX;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use tracing::warn;

use super::Shared;
use crate::turn::Wish;

/// Between two signs of life while the user is waited for: clients end a connection that is silent.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// Passes a message of the Model Context Protocol on.
pub(super) async fn forward(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if shared.link.is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MCP_BODY_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let call = Call { shared, method: parts.method, headers: passed_on(&parts.headers), body };
    let Some(answer) = call.make(None).await else { return StatusCode::BAD_GATEWAY.into_response() };
    match serde_json::from_slice::<Value>(&answer.bytes) {
        Ok(ask) if ask["error"]["code"] == ASK_CODE => {
            let answer = async move { Ok::<_, Infallible>(Event::default().data(call.settled(&ask).await)) };
            let keep_alive = KeepAlive::new().interval(SIGN_OF_LIFE);
            Sse::new(stream::once(answer)).keep_alive(keep_alive).into_response()
        }
        _ => answer.respond(),
    }
}

/// A call on its way to the API.
struct Call {
    shared: Arc<Shared>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
}

struct Answer {
    status: StatusCode,
    content_type: Option<HeaderValue>,
    bytes: Bytes,
}

impl Call {
    /// What the API says; `None` when it is out of reach.
    async fn make(&self, consent: Option<&str>) -> Option<Answer> {
        let link = self.shared.link.as_ref()?;
        let call = self.shared.client.request(self.method.clone(), format!("{}/mcp", link.api_url));
        let call = call.headers(self.headers.clone()).bearer_auth(&link.token).body(self.body.clone());
        let call = match consent {
            Some(digest) => call.header(CONSENT_HEADER, digest),
            None => call,
        };
        let answered = async {
            let answer = call.send().await?;
            let (status, content_type) = (answer.status(), answer.headers().get(header::CONTENT_TYPE).cloned());
            Ok(Answer { status, content_type, bytes: answer.bytes().await? })
        };
        let failed = |error: reqwest::Error| {
            warn!(error = %error.without_url(), "a tool of ours could not be reached");
        };
        answered.await.map_err(failed).ok()
    }

    /// Shows the user exactly what will be done, and does it when they agree; the answer as text.
    async fn settled(&self, ask: &Value) -> String {
        let (id, about) = (&ask["id"], &ask["error"]["data"]);
        let reply = match self.shared.asker.get() {
            Some(asker) => asker.ask(wish(about)).await,
            None => None,
        };
        match reply {
            Some(PermissionReply::Once | PermissionReply::Always) => {
                let done = self.make(about["digest"].as_str()).await;
                let done = done.and_then(|answer| serde_json::from_slice::<Value>(&answer.bytes).ok());
                let done = done.filter(|done| done["jsonrpc"] == "2.0").map(|done| done.to_string());
                done.unwrap_or_else(|| refusal(id, "the user agreed, and whether it was done is not known"))
            }
            Some(PermissionReply::Reject { message: None }) => refusal(id, "the user refused this"),
            Some(PermissionReply::Reject { message: Some(message) }) => {
                refusal(id, &format!("the user refused this, and said: {message}"))
            }
            None => refusal(id, "nobody agreed to this in time, so it was not done"),
        }
    }
}

fn wish(about: &Value) -> Wish {
    let text = |name: &str| about[name].as_str().unwrap_or_default().to_owned();
    let lines = about["lines"].as_array().into_iter().flatten().filter_map(|line| line.as_str().map(str::to_owned));
    Wish {
        permission: text("permission"),
        lines: lines.collect(),
        action: about["action"].clone(),
        always: text("always"),
    }
}

/// The tool was not used.
fn refusal(id: &Value, why: &str) -> String {
    let result = json!({ "isError": true, "content": [{ "type": "text", "text": why }] });
    json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string()
}

impl Answer {
    fn respond(self) -> Response {
        let mut response = (self.status, Body::from(self.bytes)).into_response();
        let kind = self.content_type.into_iter();
        kind.for_each(|kind| drop(response.headers_mut().insert(header::CONTENT_TYPE, kind)));
        response
    }
}

/// What the protocol itself says in headers.
fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let is_of_protocol = |name: &http::HeaderName| {
        [header::CONTENT_TYPE, header::ACCEPT].contains(name) || name.as_str().starts_with("mcp-")
    };
    let kept = headers.iter().filter(|(name, _)| is_of_protocol(name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}
