//! What SAM puts on every path for `Cors`: an `OPTIONS` that asks no function.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::template::Cors;

pub(super) fn answer(cors: &Cors) -> Response {
    let headers = [
        ("access-control-allow-origin", cors.origin.clone()),
        ("access-control-allow-methods", cors.methods.clone()),
        ("access-control-allow-headers", cors.headers.clone()),
        ("access-control-max-age", cors.max_age.clone()),
    ];
    (StatusCode::OK, headers).into_response()
}
