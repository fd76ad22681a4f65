//! The OpenAPI document of the whole HTTP surface.

use axum::http::header;
use axum::response::IntoResponse;

/// Merged from all functions by `cargo local openapi`, which also tells when it is stale.
const DOCUMENT: &str = include_str!("../../../shared/wire/openapi.json");

#[utoipa::path(get, path = "/api/openapi.json", tag = "service",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
pub(crate) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT)
}
