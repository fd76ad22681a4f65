//! Headers of an answer that its (signed) query asks for.

use axum::extract::{Query, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

/// The headers that a request wants instead of the object's own.
pub(super) fn wishes(request: &Request) -> Vec<(HeaderName, HeaderValue)> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(request.uri()).map(|Query(pairs)| pairs);
    let wish = |(name, value): (String, String)| {
        let name = match name.as_str() {
            "response-content-disposition" => header::CONTENT_DISPOSITION,
            "response-content-type" => header::CONTENT_TYPE,
            _ => return None,
        };
        Some((name, HeaderValue::from_str(&value).ok()?))
    };
    pairs.unwrap_or_default().into_iter().filter_map(wish).collect()
}

pub(super) fn fulfil(mut answer: Response, wishes: Vec<(HeaderName, HeaderValue)>) -> Response {
    if answer.status().is_success() {
        wishes.into_iter().for_each(|(name, value)| drop(answer.headers_mut().insert(name, value)));
    }
    answer
}
