//! `/mcp`.

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::ApiError;
use web::openapi::Common;
use wire::error::ErrorBody;

use crate::Deps;
use crate::server::Server;
use crate::visitor::Visitor;

#[derive(OpenApi)]
#[openapi(modifiers(&Common), components(schemas(ErrorBody)))]
struct Document;

/// The routes and their document.
pub fn routes() -> (Router<Deps>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Document::openapi()).routes(routes!(call, follow)).split_for_parts()
}

/// One message of the Model Context Protocol.
#[utoipa::path(post, path = "/mcp", tag = "mcp", security(("bearer" = ["mcp"])),
    request_body(description = "A JSON-RPC message of the Model Context Protocol (streamable HTTP, no sessions)", content = Value),
    responses((status = 200, body = Value, description = "The JSON-RPC answer"), (status = 202, description = "A notification was taken"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
async fn call(State(deps): State<Deps>, visitor: Visitor, request: Request) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    // Whatever a program says that it takes, JSON is what there is.
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
    parts.extensions.insert(visitor);
    let body = Bytes::from_request(Request::new(body), &()).await.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "the message is larger than 5 MB")
        }
        _ => ApiError::bad_request("invalid_json", "the body could not be read"),
    })?;
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        // The gateway answers under its own names alone, and every caller shows a token.
        .disable_allowed_hosts()
        .with_max_request_body_bytes(domain::limits::MCP_BODY_BYTES_MAX);
    let service = StreamableHttpService::new(
        move || Ok(Server::new(deps.clone())),
        LocalSessionManager::default().into(),
        config,
    );
    let answer = service.handle(Request::from_parts(parts, Body::from(body))).await;
    plain(answer.map(Body::new)).await
}

/// There is nothing to follow: without a session the server never speaks first.
#[utoipa::path(get, path = "/mcp", tag = "mcp", security(("bearer" = ["mcp"])),
    responses((status = 405, body = ErrorBody, description = "Always: the server never speaks first"), (status = 401, body = ErrorBody)))]
async fn follow(_visitor: Visitor) -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this server never speaks first; send by POST")
}

/// Refusals that are no JSON-RPC get the body that all our errors have.
async fn plain(answer: Response) -> Result<Response, ApiError> {
    let is_json =
        answer.headers().get(header::CONTENT_TYPE).is_some_and(|it| it.as_bytes().starts_with(b"application/json"));
    let status = answer.status();
    if !status.is_client_error() || is_json {
        return Ok(answer.into_response());
    }
    let words = axum::body::to_bytes(answer.into_body(), 1024).await.unwrap_or_default();
    let message = String::from_utf8_lossy(&words).into_owned();
    Err(match status {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            if message.to_ascii_lowercase().contains("content-type") || message.to_ascii_lowercase().contains("media") {
                ApiError::new(status, "unsupported_media_type", "send application/json")
            } else {
                // That is what it says of a body that is no JSON-RPC.
                ApiError::bad_request("invalid_body", message)
            }
        }
        _ => ApiError::new(status, "bad_request", message),
    })
}
