//! Extractors whose refusals are our errors.

use axum::RequestExt;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::ApiError;

/// A JSON body of the right form.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let body: Bytes =
            request.with_limited_body().extract().await.map_err(|error: BytesRejection| match error.status() {
                StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "body_too_large",
                    "the body is larger than this route takes",
                ),
                _ => ApiError::bad_request("invalid_json", "the body could not be read"),
            })?;
        parse_json(&body).map(Self)
    }
}

/// Reads a JSON object and tells a slip of syntax from a wrong form.
pub fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    // serde would read a list as an object's fields in order.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(ApiError::bad_request("invalid_body", "a JSON object is wanted, not a list"));
    }
    serde_json::from_slice(body).map_err(|error| {
        // Its own word for it is no help: a number where an enum's name belongs counts as a slip of syntax.
        match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
            Ok(_) => ApiError::bad_request("invalid_body", error.to_string()),
            Err(_) => ApiError::bad_request("invalid_json", format!("the body is not JSON: {error}")),
        }
    })
}

/// The path's parameters.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(error) => Err(ApiError::bad_request("invalid_id", error.body_text())),
        }
    }
}

/// The query's parameters.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(error) => Err(ApiError::bad_request("invalid_query", error.body_text())),
        }
    }
}
