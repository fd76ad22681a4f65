//! Google Calendar's API, version 3: the list of calendars, events, channels.

mod calendars;
pub(crate) mod channels;
mod events;
mod expand;
pub(crate) mod store;
mod token;
mod writes;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::access::{Api, admit};
use super::state::Google;

/// `www.googleapis.com/calendar/v3`.
pub(crate) fn router(google: &Google) -> Router<Google> {
    Router::new()
        .route("/users/me/calendarList", get(calendars::list))
        .route("/calendars/{calendar}/events", get(events::list).post(writes::insert))
        .route("/calendars/{calendar}/events/watch", post(channels::watch))
        .route("/calendars/{calendar}/events/{event}", get(events::get).patch(writes::patch).delete(writes::delete))
        .route("/channels/stop", post(channels::stop))
        .layer(from_fn_with_state((google.clone(), Api::Calendar), admit))
}
