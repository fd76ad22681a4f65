//! The management API: `/{stage}/@connections/{id}`.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Socket, later, steps};
use crate::fault::Direction;

/// PostToConnection.
pub(super) async fn post(State(socket): State<Socket>, Path(id): Path<String>, data: Bytes) -> Response {
    if let Some(refusal) = fault(&socket) {
        return refusal;
    }
    if data.len() > socket.0.limits.message {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException", json!("Message too long"));
    }
    let Some(connection) = socket.find(&id) else { return gone() };
    socket.0.counts.sent(steps(data.len()));
    let fate = socket.0.faults.fate(Direction::Outbound);
    if fate.cut {
        connection.break_off();
    }
    for delay in fate.deliveries {
        if delay.is_zero() {
            if !connection.send(data.clone()) {
                return gone();
            }
            continue;
        }
        let (connection, data) = (connection.clone(), data.clone());
        tokio::spawn(async move {
            later(delay).await;
            connection.send(data);
        });
    }
    StatusCode::OK.into_response()
}

/// GetConnection.
pub(super) async fn get(State(socket): State<Socket>, Path(id): Path<String>) -> Response {
    let Some(connection) = socket.find(&id) else { return gone() };
    let described = json!({
        "connectedAt": connection.connected_at.to_string(),
        "identity": { "sourceIp": connection.source, "userAgent": connection.user_agent },
        "lastActiveAt": connection.last_active().to_string(),
    });
    axum::Json(described).into_response()
}

/// DeleteConnection.
pub(super) async fn delete(State(socket): State<Socket>, Path(id): Path<String>) -> Response {
    let Some(connection) = socket.find(&id) else { return gone() };
    connection.close();
    StatusCode::NO_CONTENT.into_response()
}

fn fault(socket: &Socket) -> Option<Response> {
    let status = StatusCode::from_u16(socket.0.faults.next_refused_post()?).ok()?;
    Some(match status {
        StatusCode::GONE => gone(),
        other => refuse(other, "InternalServerError", json!("a fault was asked for")),
    })
}

fn gone() -> Response {
    refuse(StatusCode::GONE, "GoneException", Value::Null)
}

fn refuse(status: StatusCode, kind: &str, message: Value) -> Response {
    (status, [("x-amzn-errortype", kind)], axum::Json(json!({ "message": message }))).into_response()
}
