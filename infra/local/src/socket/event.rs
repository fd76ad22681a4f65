//! What a WebSocket route's function is given.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::connection::Connection;
use crate::rest::event::Multi;
use crate::template::SocketApi;

/// A client's message.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) body: Bytes,
    pub(super) binary: bool,
}

/// A client asks to connect.
pub(super) fn connect(
    api: &SocketApi,
    connection: &Connection,
    request: &str,
    headers: &Multi,
    query: &Multi,
) -> Bytes {
    let mut event = json!({
        "headers": headers.last,
        "multiValueHeaders": headers.all,
        "requestContext": context(api, connection, "$connect", "CONNECT", request),
        "isBase64Encoded": false,
    });
    if let Some(query) = query.some() {
        event["queryStringParameters"] = json!(query.last);
        event["multiValueQueryStringParameters"] = json!(query.all);
    }
    encode(&event)
}

/// A client said something.
pub(super) fn message(api: &SocketApi, connection: &Connection, key: &str, request: &str, said: Said) -> Bytes {
    let mut context = context(api, connection, key, "MESSAGE", request);
    context["messageId"] = json!(crate::lambda::request_id());
    let text = if said.binary { STANDARD.encode(&said.body) } else { String::from_utf8_lossy(&said.body).into_owned() };
    encode(&json!({ "requestContext": context, "body": text, "isBase64Encoded": said.binary }))
}

/// A connection ended.
pub(super) fn disconnect(api: &SocketApi, connection: &Connection, request: &str, code: u16, reason: &str) -> Bytes {
    let mut context = context(api, connection, "$disconnect", "DISCONNECT", request);
    context["disconnectStatusCode"] = json!(code);
    context["disconnectReason"] = json!(reason);
    encode(&json!({ "requestContext": context, "isBase64Encoded": false }))
}

fn context(api: &SocketApi, connection: &Connection, key: &str, kind: &str, request: &str) -> Value {
    let now = Timestamp::now();
    json!({
        "accountId": "000000000000",
        "apiId": api.id,
        "connectedAt": connection.connected_at.as_millisecond(),
        "connectionId": connection.id,
        "domainName": connection.host,
        "eventType": kind,
        "extendedRequestId": request,
        "identity": { "sourceIp": connection.source, "userAgent": connection.user_agent },
        "messageDirection": "IN",
        "requestId": request,
        "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "requestTimeEpoch": now.as_millisecond(),
        "routeKey": key,
        "stage": api.stage,
    })
}

fn encode(event: &Value) -> Bytes {
    serde_json::to_vec(event).expect("a JSON value can be written").into()
}
