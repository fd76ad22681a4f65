//! What API Gateway sends for a socket, as far as it is used.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SocketEvent {
    pub request_context: SocketContext,
    #[serde(default)]
    pub headers: Option<HashMap<String, String>>,
    #[serde(default)]
    pub query_string_parameters: Option<HashMap<String, String>>,
    #[serde(default)]
    pub body: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SocketContext {
    /// `CONNECT`, `MESSAGE` or `DISCONNECT`.
    pub event_type: String,
    pub connection_id: String,
    #[serde(default)]
    pub request_id: String,
    /// Milliseconds since 1970.
    #[serde(default)]
    pub connected_at: i64,
    #[serde(default)]
    pub identity: SocketIdentity,
}

/// The other end of a socket.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SocketIdentity {
    #[serde(default)]
    pub source_ip: Option<String>,
    #[serde(default)]
    pub user_agent: Option<String>,
}

impl SocketEvent {
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query_string_parameters.as_ref()?.get(name).map(String::as_str)
    }

    /// A header, whatever its case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let headers = self.headers.as_ref()?;
        headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SocketReply {
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

impl SocketReply {
    pub fn ok() -> Self {
        Self { status_code: 200, body: None }
    }

    pub(crate) fn refused(status_code: u16, body: String) -> Self {
        Self { status_code, body: Some(body) }
    }
}
