//! From an HTTP request to a connection, if `$connect` agrees.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use serde::Deserialize;
use serde_json::json;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::connection::Connection;
use super::{Failure, Socket, event, serve};
use crate::lambda::request_id;
use crate::rest::event::{Multi, headers, query};
use crate::rest::source_ip;

/// The API's own stage.
pub(super) async fn stage(State(socket): State<Socket>, request: Request) -> Response {
    let query = query(request.uri());
    connect(socket, request, query).await
}

/// The client's path: in the cloud CloudFront maps it to the stage with `session` in the query.
pub(super) async fn session(State(socket): State<Socket>, Path(id): Path<String>, request: Request) -> Response {
    let mut query = query(request.uri());
    query.set("session", id);
    connect(socket, request, query).await
}

async fn connect(socket: Socket, request: Request, query: Multi) -> Response {
    let (mut parts, _) = request.into_parts();
    let (Some(accept), Some(upgrade)) = (accept_key(&parts.headers), parts.extensions.remove::<OnUpgrade>()) else {
        return (StatusCode::UPGRADE_REQUIRED, [(header::UPGRADE, "websocket")]).into_response();
    };
    let (connection, inbox) = Connection::new(&parts.headers, source_ip(&parts), socket.0.limits.queue);
    let connection = Arc::new(connection);
    if let Some(refusal) = refused(&socket, &connection, &parts, &query).await {
        return refusal;
    }
    // Known from here on: before this a message to it is 410, as on AWS.
    socket.connections().insert(connection.id.clone(), connection.clone());
    socket.0.counts.connected();
    tokio::spawn(serve::run(socket, connection, upgrade, inbox));
    let headers =
        [(header::CONNECTION, "upgrade"), (header::UPGRADE, "websocket"), (header::SEC_WEBSOCKET_ACCEPT, &accept)];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
}

/// Asks the `$connect` function, if there is one, and says what the client is told when it refuses.
async fn refused(socket: &Socket, connection: &Connection, parts: &Parts, query: &Multi) -> Option<Response> {
    let function = socket.0.routes.function("$connect")?;
    let request = request_id();
    let headers = headers(&parts.headers, connection.source);
    let event = event::connect(&socket.0.api, connection, &request, &headers, query);
    let answer = socket.invoke(function, event).await;
    let answer = answer.and_then(|json| serde_json::from_slice(&json).map_err(|_| Failure::Function));
    let (status, message) = match answer {
        Ok(Answer { status_code: 200..=299 }) => return None,
        Ok(Answer { status_code }) => (status_code, "Refused"),
        Err(failure @ Failure::Timeout) => (504, failure.message()),
        Err(failure @ Failure::Function) => (502, failure.message()),
        Err(failure @ Failure::Gateway) => (500, failure.message()),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let body = json!({ "message": message, "connectionId": connection.id, "requestId": request });
    Some((status, [("x-amzn-requestid", request)], axum::Json(body)).into_response())
}

/// The answer to a client's key, if it asks for a WebSocket at all.
fn accept_key(headers: &HeaderMap) -> Option<String> {
    let is = |name: header::HeaderName, wanted: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(',').any(|token| token.trim().eq_ignore_ascii_case(wanted))
    };
    let asked = is(header::CONNECTION, "upgrade")
        && is(header::UPGRADE, "websocket")
        && is(header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?;
    asked.then(|| derive_accept_key(key.as_bytes()))
}
