//! `/google`: a page to look at the data and change it by hand.

use axum::Router;
use axum::response::Html;
use axum::routing::get;

use super::state::Google;

pub(crate) fn router() -> Router<Google> {
    Router::new().route("/", get(|| async { Html(include_str!("page.html")) }))
}
