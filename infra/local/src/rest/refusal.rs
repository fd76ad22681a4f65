//! The gateway's own refusals, rendered from the template's gateway responses.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::template::GatewayResponse;

/// Why the gateway answers in a function's stead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No such path or method.
    Unknown,
    /// The request's body, or the event made from it.
    TooLarge,
    /// The request's line and headers.
    HeadersTooLarge,
    /// The request ended midway.
    BadRequest,
    /// The function took longer than the gateway waits.
    Timeout,
    /// The function failed, or answered what is not an answer.
    BadGateway,
    /// The gateway could not invoke the function.
    Internal,
}

impl Refusal {
    /// API Gateway's type, status and message, where the template says nothing.
    fn defaults(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::Unknown => ("MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token"),
            Self::TooLarge => ("REQUEST_TOO_LARGE", 413, "Request Too Long"),
            Self::HeadersTooLarge => ("DEFAULT_4XX", 431, "Request Header Fields Too Large"),
            Self::BadRequest => ("DEFAULT_4XX", 400, "Bad Request"),
            Self::Timeout => ("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out"),
            Self::BadGateway => ("DEFAULT_5XX", 502, "Internal server error"),
            Self::Internal => ("DEFAULT_5XX", 500, "Internal server error"),
        }
    }

    pub(super) fn render(self, responses: &BTreeMap<String, GatewayResponse>, request_id: &str) -> Response {
        let (kind, status, message) = self.defaults();
        let fallback = if status < 500 { "DEFAULT_4XX" } else { "DEFAULT_5XX" };
        let response = responses.get(kind).or_else(|| responses.get(fallback)).cloned().unwrap_or_default();
        let status =
            StatusCode::from_u16(response.status.unwrap_or(status)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let template = response.template.as_deref().unwrap_or(r#"{"message":$context.error.messageString}"#);
        let body = template
            .replace("$context.error.messageString", &format!("{message:?}"))
            .replace("$context.error.message", message)
            .replace("$context.error.responseType", kind)
            .replace("$context.requestId", request_id);
        (status, [("content-type", "application/json"), ("x-amzn-errortype", kind)], body).into_response()
    }
}
