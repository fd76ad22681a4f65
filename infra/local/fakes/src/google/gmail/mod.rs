//! Gmail's API, version 1: profile, messages, threads, labels, history, batches, watches.

mod batch;
pub(crate) mod format;
mod history;
pub(crate) mod mailbox;
mod messages;
mod search;
pub(crate) mod watch;
mod writes;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::access::{Api, admit};
use super::state::Google;

/// `gmail.googleapis.com`.
pub(crate) fn router(google: &Google) -> Router<Google> {
    let api = Router::new()
        .route("/gmail/v1/users/me/profile", get(messages::profile))
        .route("/gmail/v1/users/me/labels", get(messages::labels))
        .route("/gmail/v1/users/me/messages", get(messages::list))
        .route("/gmail/v1/users/me/messages/send", post(writes::send))
        .route("/gmail/v1/users/me/messages/{id}", get(messages::get).delete(writes::delete))
        .route("/gmail/v1/users/me/messages/{id}/modify", post(writes::modify))
        .route("/gmail/v1/users/me/threads", get(messages::threads))
        .route("/gmail/v1/users/me/threads/{id}", get(messages::thread))
        .route("/gmail/v1/users/me/history", get(history::list))
        .route("/gmail/v1/users/me/watch", post(watch::watch))
        .route("/gmail/v1/users/me/stop", post(watch::stop))
        .layer(from_fn_with_state((google.clone(), Api::Gmail), admit))
        .with_state(google.clone());
    Router::new().route("/batch/gmail/v1", post(batch::batch(google.clone(), api.clone()))).merge(api)
}
