//! Errors as Google's APIs send them.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error answer of Gmail or Calendar.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    status: u16,
    domain: &'static str,
    reason: String,
    message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, reason: &str, message: &str) -> Self {
        let domain = match reason {
            "rateLimitExceeded" | "userRateLimitExceeded" | "quotaExceeded" | "dailyLimitExceeded" => "usageLimits",
            "fullSyncRequired" | "updatedMinTooLongAgo" => "calendar",
            _ => "global",
        };
        Self { status, domain, reason: reason.to_owned(), message: message.to_owned() }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "notFound", "Requested entity was not found.")
    }

    pub(crate) fn invalid(message: &str) -> Self {
        Self::new(400, "invalidArgument", message)
    }

    pub(crate) fn unauthenticated() -> Self {
        Self::new(401, "authError", "Invalid Credentials")
    }
}

/// The canonical name that stands beside the number.
fn name(status: u16) -> &'static str {
    match status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        412 => "FAILED_PRECONDITION",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        _ => "INTERNAL",
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let one = json!({ "domain": self.domain, "reason": self.reason, "message": self.message });
        let error = json!({
            "code": self.status, "message": self.message, "errors": [one], "status": name(self.status),
        });
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(json!({ "error": error }))).into_response()
    }
}
