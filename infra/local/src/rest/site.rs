//! The built client's files, as CloudFront serves them: a path without a file
//! is a page of the client's own.

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::Request;
use axum::response::{Html, IntoResponse, Response};
use http::request::Parts;
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

const NOT_BUILT: &str = "<!doctype html><title>Agent Ops</title><p>The client is not built. \
    The API answers: <a href=\"/api/openapi.json\">/api/openapi.json</a>.";

pub(super) struct Site {
    files: ServeDir,
    page: ServeFile,
    index: PathBuf,
}

impl Site {
    pub(super) fn new(folder: &Path) -> Self {
        let index = folder.join("index.html");
        Self { files: ServeDir::new(folder), page: ServeFile::new(&index), index }
    }

    pub(super) async fn serve(&self, parts: Parts) -> Response {
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
