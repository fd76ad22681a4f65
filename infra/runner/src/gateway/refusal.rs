//! The gateway's own errors, each in the shape that the dialect's client reads.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::Dialect;

/// The gateway answers for the provider.
pub(super) fn refusal(dialect: Dialect, status: StatusCode, message: &str) -> Response {
    (status, Json(body(dialect, status, message))).into_response()
}

/// There is no key to call the provider with.
pub(super) fn no_key(dialect: Dialect) -> Response {
    let message = match dialect {
        Dialect::Compatible => "no model server is configured: set MODEL_BASE_URL and MODEL_NAME".to_owned(),
        _ => format!("no key for {} is configured: set {}", dialect.name(), dialect.key_variable()),
    };
    refusal(dialect, StatusCode::UNAUTHORIZED, &message)
}

/// The provider did not take the key. Its own words are not passed on: some quote the key.
pub(super) fn key_refused(dialect: Dialect) -> Response {
    let message = format!("{} refused the API key: check {}", dialect.name(), dialect.key_variable());
    refusal(dialect, StatusCode::UNAUTHORIZED, &message)
}

fn body(dialect: Dialect, status: StatusCode, message: &str) -> Value {
    let kind = match status {
        StatusCode::UNAUTHORIZED => "authentication_error",
        StatusCode::NOT_FOUND => "not_found_error",
        StatusCode::PAYLOAD_TOO_LARGE => "request_too_large",
        _ => "api_error",
    };
    match dialect {
        Dialect::Anthropic => json!({ "type": "error", "error": { "type": kind, "message": message } }),
        Dialect::Openai | Dialect::Compatible => {
            json!({ "error": { "message": message, "type": kind, "param": null, "code": null } })
        }
        Dialect::Google => {
            let name = kind.to_ascii_uppercase();
            json!({ "error": { "code": status.as_u16(), "message": message, "status": name } })
        }
    }
}
