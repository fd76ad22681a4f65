//! Pages of lists, and the `Link` header that leads to the next one.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;

/// Where a list is read.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Paging {
    #[serde(default = "first")]
    page: usize,
    #[serde(default = "usual")]
    per_page: usize,
}

fn first() -> usize {
    1
}

fn usual() -> usize {
    30
}

impl Paging {
    pub(super) fn size(&self) -> usize {
        self.per_page.clamp(1, 100)
    }

    /// The page of `all`, with links to the others: `url` is that of the list with its query but
    /// for page and size.
    pub(super) fn answer<T>(&self, all: Vec<T>, url: &str, shape: impl FnMut(T) -> Value) -> Response {
        let (links, page) = self.page(all, url);
        (links, axum::Json(page.into_iter().map(shape).collect::<Vec<_>>())).into_response()
    }

    /// What is on the page, and its `Link` header.
    pub(super) fn page<T>(&self, all: Vec<T>, url: &str) -> (HeaderMap, Vec<T>) {
        let (size, page) = (self.size(), self.page.max(1));
        let last = all.len().div_ceil(size).max(1);
        let links = links(url, size, page, last).map(|links| (header::LINK, links));
        (links.into_iter().collect(), all.into_iter().skip((page - 1) * size).take(size).collect())
    }
}

/// `<…&page=2>; rel="next", …`
fn links(url: &str, size: usize, page: usize, last: usize) -> Option<HeaderValue> {
    let joint = if url.contains('?') { '&' } else { '?' };
    let link = |page: usize, rel: &str| format!("<{url}{joint}per_page={size}&page={page}>; rel=\"{rel}\"");
    let mut links = Vec::new();
    if page > 1 {
        links.push(link(page - 1, "prev"));
        links.push(link(1, "first"));
    }
    if page < last {
        links.push(link(page + 1, "next"));
        links.push(link(last, "last"));
    }
    (!links.is_empty()).then(|| HeaderValue::try_from(links.join(", ")).expect("URLs are header values"))
}
