//! AWS's own APIs take signed calls only.
//!
//! Here any signature will do, but there must be one: without this a page in
//! the developer's browser could invoke a function or write to a viewer.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

/// Middleware that refuses a call without an `Authorization` header.
pub async fn signed(request: Request, next: Next) -> Response {
    if request.headers().contains_key(header::AUTHORIZATION) {
        return next.run(request).await;
    }
    let kind = [("x-amzn-errortype", "MissingAuthenticationTokenException")];
    (StatusCode::FORBIDDEN, kind, r#"{"message":"Missing Authentication Token"}"#).into_response()
}
