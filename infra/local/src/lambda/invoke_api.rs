//! Lambda's own Invoke API, for callers that speak it rather than Rust.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::{InvokeError, Lambda, PAYLOAD_LIMIT};
use crate::signed::signed;

/// `POST /2015-03-31/functions/{name}/invocations`, waiting or (`Event`) not.
pub fn router(lambda: Lambda) -> Router {
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .layer(DefaultBodyLimit::max(PAYLOAD_LIMIT + 1))
        .route_layer(from_fn(signed))
        .with_state(lambda)
}

async fn invoke(
    State(lambda): State<Lambda>,
    Path(name): Path<String>,
    headers: HeaderMap,
    payload: Bytes,
) -> Response {
    let Some(function) = lambda.find(&name).map(str::to_owned) else {
        return refuse(StatusCode::NOT_FOUND, "ResourceNotFoundException", &InvokeError::Unknown(name).to_string());
    };
    if headers.get("x-amz-invocation-type").is_some_and(|kind| kind == "Event") {
        tokio::spawn(async move { lambda.invoke(&function, payload).await });
        return StatusCode::ACCEPTED.into_response();
    }
    match lambda.invoke(&function, payload).await {
        Ok(answer) => answer.into_response(),
        Err(InvokeError::Function(error)) => {
            ([("x-amz-function-error", "Unhandled")], axum::Json(error)).into_response()
        }
        Err(error @ InvokeError::Throttled) => {
            refuse(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", &error.to_string())
        }
        Err(error @ InvokeError::TooLarge) => {
            refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", &error.to_string())
        }
        Err(error @ InvokeError::Unknown(_)) => {
            refuse(StatusCode::NOT_FOUND, "ResourceNotFoundException", &error.to_string())
        }
    }
}

fn refuse(status: StatusCode, kind: &str, message: &str) -> Response {
    let body = json!({ "Type": "User", "Message": message, "message": message });
    (status, [("x-amzn-errortype", kind)], axum::Json(body)).into_response()
}
