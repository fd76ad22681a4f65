//! The agent's tools at our own API: its calls pass here, and get the session's token on the way.
//!
//! What the user has to agree to first, the API says. It is asked for here, in the session, and the
//! call is made again with the consent, which is good for exactly this call.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::event::PermissionReply;
use domain::limits::{MCP_ASK_CODE, MCP_BODY_BYTES_MAX, MCP_CONSENT_HEADER};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use tracing::warn;

use super::Shared;
use crate::relay::LinkConfig;

/// Passes a message of the Model Context Protocol on.
pub(super) async fn forward(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let Some(link) = &shared.link else { return StatusCode::NOT_FOUND.into_response() };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MCP_BODY_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let call = Call { shared: &shared, link, method: parts.method, headers: passed_on(&parts.headers), body };
    let answer = match call.make(None).await {
        Ok(Answer { json: Some(ask), .. }) if ask["error"]["code"] == MCP_ASK_CODE => call.consented(ask).await,
        other => other,
    };
    match answer {
        Ok(answer) => answer.respond(),
        Err(error) => {
            warn!(error = %error.without_url(), "a tool of ours could not be reached");
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}

/// A call on its way to the API.
struct Call<'a> {
    shared: &'a Shared,
    link: &'a LinkConfig,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
}

struct Answer {
    status: StatusCode,
    content_type: Option<HeaderValue>,
    bytes: Bytes,
    json: Option<Value>,
}

impl Call<'_> {
    async fn make(&self, consent: Option<&str>) -> reqwest::Result<Answer> {
        let call = self.shared.client.request(self.method.clone(), format!("{}/mcp", self.link.api_url));
        let call = call.headers(self.headers.clone()).bearer_auth(&self.link.token).body(self.body.clone());
        let call = match consent {
            Some(digest) => call.header(MCP_CONSENT_HEADER, digest),
            None => call,
        };
        let answer = call.send().await?;
        let (status, content_type) = (answer.status(), answer.headers().get(header::CONTENT_TYPE).cloned());
        let bytes = answer.bytes().await?;
        Ok(Answer { status, content_type, json: serde_json::from_slice(&bytes).ok(), bytes })
    }

    /// Shows the user exactly what will be done, and does it when they agree.
    async fn consented(&self, ask: Value) -> reqwest::Result<Answer> {
        let about = &ask["error"]["data"];
        let permission = about["permission"].as_str().unwrap_or_default().to_owned();
        let reply = match self.shared.asker.get() {
            Some(asker) => asker.ask(permission, about["action"].clone()).await,
            None => None,
        };
        match reply {
            Some(PermissionReply::Once | PermissionReply::Always) => self.make(about["digest"].as_str()).await,
            Some(PermissionReply::Reject { message }) => {
                let said = message.map(|message| format!(", and said: {message}")).unwrap_or_default();
                Ok(Answer::refusal(&ask["id"], &format!("the user refused{said}")))
            }
            None => Ok(Answer::refusal(&ask["id"], "the user did not answer")),
        }
    }
}

impl Answer {
    /// The tool was not used.
    fn refusal(id: &Value, why: &str) -> Self {
        let result = json!({ "isError": true, "content": [{ "type": "text", "text": why }] });
        let json = json!({ "jsonrpc": "2.0", "id": id, "result": result });
        let content_type = Some(HeaderValue::from_static("application/json"));
        Self { status: StatusCode::OK, content_type, bytes: json.to_string().into(), json: None }
    }

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
