//! Where the browser sees us, and which requests come from our own pages.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::{ApiError, config};

/// `PUBLIC_URL`: scheme and host of the deployment, where it has an address other
/// than its API's own.
static PUBLIC_URL: LazyLock<Option<String>> =
    LazyLock::new(|| config::optional("PUBLIC_URL").map(|url| url.trim_end_matches('/').to_owned()));

/// Scheme and host, without a slash at the end. The gateway answers under its own
/// names alone, so a caller's `Host` is one of them.
pub fn own(headers: &HeaderMap) -> String {
    let asked = asked_for(headers);
    match PUBLIC_URL.as_deref() {
        // A laptop has two names, and a cookie belongs to one of them.
        Some(url) if !is_loopback(&asked) => url.to_owned(),
        _ => asked,
    }
}

fn is_loopback(origin: &str) -> bool {
    ["http://localhost:", "http://127.0.0.1:"].iter().any(|local| origin.starts_with(local))
}

fn asked_for(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = text("x-forwarded-proto").filter(|scheme| *scheme == "http").unwrap_or("https");
    format!("{scheme}://{}", text(header::HOST.as_str()).unwrap_or("localhost"))
}

/// Refuses a request that changes something by a cookie, unless one of our own pages
/// sent it. Browsers say so in a header that no page can set.
pub fn require_own(method: &Method, headers: &HeaderMap) -> Result<(), ApiError> {
    if method.is_safe() || is_own(headers, &own(headers)) {
        return Ok(());
    }
    let message = "a request by cookie comes from a page of this origin; programs send an API token";
    Err(ApiError::new(StatusCode::FORBIDDEN, "cross_origin", message))
}

fn is_own(headers: &HeaderMap, own: &str) -> bool {
    match (headers.get("sec-fetch-site"), headers.get(header::ORIGIN)) {
        (Some(site), _) => site == HeaderValue::from_static("same-origin"),
        // Browsers from before 2023 send this one alone.
        (None, Some(origin)) => origin.as_bytes() == own.as_bytes(),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (axum::http::HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_cookie_changes_something_from_our_own_pages_alone() {
        let own = ("host", "ops.example");
        let table = [
            (vec![own, ("sec-fetch-site", "same-origin"), ("origin", "https://ops.example")], true),
            (vec![own, ("sec-fetch-site", "same-site"), ("origin", "https://ops.example")], false),
            (vec![own, ("sec-fetch-site", "cross-site")], false),
            (vec![own, ("sec-fetch-site", "none")], false),
            (vec![own, ("origin", "https://ops.example")], true),
            (vec![own, ("origin", "http://ops.example")], false),
            (vec![own, ("origin", "https://ops.example.evil.net")], false),
            (vec![own, ("origin", "null")], false),
            (vec![own], false),
        ];
        for (pairs, allowed) in table {
            let headers = headers(&pairs);
            assert_eq!(require_own(&Method::POST, &headers).is_ok(), allowed, "{pairs:?}");
            assert!(require_own(&Method::GET, &headers).is_ok());
        }
    }

    #[test]
    fn the_origin_is_what_the_browser_asked_for() {
        assert_eq!(asked_for(&headers(&[("host", "x.example")])), "https://x.example");
        let local = headers(&[("host", "localhost:8787"), ("x-forwarded-proto", "http")]);
        assert_eq!(asked_for(&local), "http://localhost:8787");
    }
}
