//! The built client's files, as CloudFront serves them: a path without a file
//! is a page of the client's own.

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::Request;
use axum::response::{Html, IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

const NOT_BUILT: &str = "<!doctype html><title>Agent Ops</title><p>The client is not built. \
    The API answers: <a href=\"/api/openapi.json\">/api/openapi.json</a>.";

pub(super) struct Site {
    files: ServeDir,
    page: ServeFile,
    index: PathBuf,
    headers: HeaderMap,
}

/// As headers; what is none is left out.
pub(super) fn headers(pairs: &[(String, String)]) -> HeaderMap {
    let pair = |(name, value): &(String, String)| {
        Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value.as_str()).ok()?))
    };
    pairs.iter().filter_map(pair).collect()
}

impl Site {
    pub(super) fn new(folder: &Path, headers: HeaderMap) -> Self {
        let index = folder.join("index.html");
        Self { files: ServeDir::new(folder), page: ServeFile::new(&index), index, headers }
    }

    /// A file or a page, with the headers that all have.
    pub(super) async fn serve(&self, parts: Parts) -> Response {
        let mut response = self.find(parts).await;
        response.headers_mut().extend(self.headers.clone());
        response
    }

    async fn find(&self, parts: Parts) -> Response {
        // Looked for at each request: a build may come while the stack runs.
        if !self.index.is_file() {
            return Html(NOT_BUILT).into_response();
        }
        // A missing script must not come back as a page with status 200.
        let names_a_file = parts.uri.path().rsplit('/').next().is_some_and(|name| name.contains('.'));
        let request = Request::from_parts(parts, Body::empty());
        if names_a_file {
            self.files.clone().oneshot(request).await.map(IntoResponse::into_response)
        } else {
            self.files.clone().fallback(self.page.clone()).oneshot(request).await.map(IntoResponse::into_response)
        }
        .unwrap_or_else(|never| match never {})
    }
}
