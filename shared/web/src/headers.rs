//! Headers of every answer: nobody keeps or guesses it, and one other origin may read it.

use std::sync::LazyLock;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::config;

/// `CORS_ORIGIN`: whose pages may call the API with a token, never with a cookie.
static CORS_ORIGIN: LazyLock<Option<HeaderValue>> =
    LazyLock::new(|| config::optional("CORS_ORIGIN").and_then(|origin| origin.try_into().ok()));

/// Layer that adds them.
pub(crate) async fn add(request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = next.run(request).await;
    complete(response.headers_mut(), origin, CORS_ORIGIN.as_ref());
    response
}

fn complete(headers: &mut HeaderMap, origin: Option<HeaderValue>, allowed: Option<&HeaderValue>) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin.filter(|origin| Some(origin) == allowed) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_configured_origin_may_read_and_never_with_cookies() {
        let allowed = HeaderValue::from_static("https://app.example");
        for (origin, may) in [("https://app.example", true), ("https://evil.example", false), ("null", false)] {
            let mut headers = HeaderMap::new();
            complete(&mut headers, Some(HeaderValue::from_static(origin)), Some(&allowed));
            assert_eq!(headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), may, "{origin}");
            assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
            assert_eq!(
                (&headers["cache-control"], &headers["vary"]),
                (&"no-store".parse().unwrap(), &"Origin".parse().unwrap())
            );
        }
    }

    #[test]
    fn what_a_handler_says_about_caching_stays() {
        let mut headers = HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))]);
        complete(&mut headers, None, None);
        assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
    }
}
