//! The agent's tools at our own API: its calls pass here, and get the session's token on the way.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use domain::limits::MCP_BODY_BYTES_MAX;
use http::{HeaderMap, StatusCode, header};
use tracing::warn;

use super::Shared;

/// Passes a message of the Model Context Protocol on.
pub(super) async fn forward(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let Some(link) = &shared.link else { return StatusCode::NOT_FOUND.into_response() };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MCP_BODY_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let call = shared.client.request(parts.method, format!("{}/mcp", link.api_url));
    let call = call.headers(passed_on(&parts.headers)).bearer_auth(&link.token).body(body);
    match call.send().await {
        Ok(answer) => {
            let content_type = answer.headers().get(header::CONTENT_TYPE).cloned();
            let mut response = (answer.status(), Body::from_stream(answer.bytes_stream())).into_response();
            content_type.into_iter().for_each(|kind| drop(response.headers_mut().insert(header::CONTENT_TYPE, kind)));
            response
        }
        Err(error) => {
            warn!(error = %error.without_url(), "a tool of ours could not be reached");
            StatusCode::BAD_GATEWAY.into_response()
        }
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
