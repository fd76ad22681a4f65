//! One error type for all handlers, and one body for all errors.
//!
//! A handler says what went wrong; the outermost layer adds the request id,
//! writes the body and logs what callers must not see, once.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::metric::Metric;
use lambda_http::request::RequestContext;
use wire::error::{ErrorBody, ErrorDetail};

use crate::metric;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What the caller is told.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// Seconds, for the `Retry-After` header.
    retry_after: Option<u32>,
    /// The limit that was reached.
    limit: Option<&'static str>,
    /// For the log alone.
    source: Option<Arc<Source>>,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None, limit: None, source: None }
    }

    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// There is no such thing, or it is another tenant's.
    pub fn session_not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "session_not_found", "there is no session of this id")
    }

    pub fn session_terminated() -> Self {
        Self::new(StatusCode::CONFLICT, "session_terminated", "the session is terminated; create a new one")
    }

    /// Something failed that the caller can do nothing about.
    pub fn internal(source: impl Into<Source>) -> Self {
        let message = "something failed on our side; try again, and name the request id if it stays";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message).caused_by(source)
    }

    /// The service is busy; trying again helps.
    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the service is busy; try again").retry_after(1)
    }

    /// One of the caller's limits is reached, for so many seconds.
    pub fn rate_limited(limit: &'static str, message: impl Into<String>, seconds: u32) -> Self {
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message).retry_after(seconds);
        error.limit = Some(limit);
        error
    }

    /// The caller's key was used for another request.
    pub fn client_id_reused() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "client_id_reused",
            "this idempotency key was sent with another body; use a new one for a new request",
        )
    }

    /// Adds when to try again, in seconds.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub fn caused_by(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(Arc::new(source.into()));
        self
    }

    pub fn code(&self) -> &'static str {
        self.code
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The error as it is told, with the request that it belongs to.
    pub fn detail(&self, request_id: &str) -> ErrorDetail {
        ErrorDetail {
            code: self.code.to_owned(),
            message: self.message.clone(),
            request_id: request_id.to_owned(),
            limit: self.limit.map(str::to_owned),
        }
    }

    /// Logs the whole chain of what callers must not see, and counts what is our fault.
    pub fn log(&self) {
        if self.status.is_server_error() {
            metric::count(Metric::Errors, self.code);
        }
        let Some(source) = &self.source else { return };
        let mut chain = source.to_string();
        let mut next = source.source();
        while let Some(cause) = next {
            chain.push_str(": ");
            chain.push_str(&cause.to_string());
            next = cause.source();
        }
        tracing::error!(error.code = self.code, error.chain = chain, "request failed");
    }
}

impl From<store::Error> for ApiError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Throttled => Self::unavailable().caused_by(error),
            store::Error::Service { .. } | store::Error::Malformed(_) => Self::internal(error),
        }
    }
}

impl From<crate::secret::SecretError> for ApiError {
    fn from(error: crate::secret::SecretError) -> Self {
        Self::internal(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Outermost layer: gives every error its body.
pub(crate) async fn write_bodies(request: Request, next: Next) -> Response {
    let request_id = request_id(&request);
    let response = next.run(request).await;
    let Some(error) = response.extensions().get::<ApiError>() else {
        return response;
    };
    error.log();
    let body = ErrorBody { error: error.detail(&request_id) };
    let mut told = (error.status, axum::Json(body)).into_response();
    if let Some(seconds) = error.retry_after {
        told.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    if error.status == StatusCode::UNAUTHORIZED {
        told.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    told
}

/// The id under which API Gateway knows the request.
pub fn request_id(request: &Request) -> String {
    match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV1(context)) => context.request_id.clone().unwrap_or_default(),
        _ => String::new(),
    }
}
