//! A page of a calendar: first all of its window, then what changed since its token.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::config::Window;
use super::{Calendar, NAME, map};
use crate::providers::google::api;
use crate::providers::{Call, Failure, Page, Resource};

pub(super) const KEY_PREFIX: &str = "calendar:";
/// Google gives up to 2,500, which would be too many to store within one lease.
const PAGE_SIZE: &str = "250";

/// Where the next page begins: a token of each kind, or none of either at the beginning.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct State {
    sync_token: Option<String>,
    page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Events {
    #[serde(default)]
    items: Vec<Value>,
    /// When the calendar last changed.
    updated: Option<Timestamp>,
    next_page_token: Option<String>,
    next_sync_token: Option<String>,
}

pub(super) async fn page(
    calendar: &Calendar,
    call: &Call<'_>,
    resource: &Resource,
    state: Option<&Value>,
) -> Result<Page, Failure> {
    let state: State = match state {
        Some(state) => serde_json::from_value(state.clone())
            .map_err(|error| Failure::resync("The calendar is read in another way now").caused_by(error))?,
        None => State::default(),
    };
    let events = read(calendar, call, resource, &state).await?;
    // A deletion may come with an id alone: it is as new as the calendar itself.
    let version = map::version(events.updated.unwrap_or(call.now));
    let changes = events.items.into_iter().filter_map(|event| map::change(event, version)).collect();
    let done = events.next_page_token.is_none();
    let next = match (events.next_page_token, events.next_sync_token) {
        (Some(page_token), _) => State { page_token: Some(page_token), ..state },
        (None, Some(sync_token)) => State { sync_token: Some(sync_token), page_token: None },
        (None, None) => return Err(Failure::bug("Google Calendar's last page has no token to go on from")),
    };
    Ok(Page { changes, state: json!(next), done, units: 1 })
}

/// Every call of a token's life has the same parameters, but for the window, which the
/// token remembers and does not suffer beside it.
async fn read(calendar: &Calendar, call: &Call<'_>, resource: &Resource, state: &State) -> Result<Events, Failure> {
    let window: Window = serde_json::from_value(resource.params.clone())
        .map_err(|error| Failure::bug("What to read of the calendar is not understood").caused_by(error))?;
    let id = resource.key.strip_prefix(KEY_PREFIX).unwrap_or(&resource.key);
    let (time_min, time_max) = (window.time_min.to_string(), window.time_max.to_string());
    let mut parameters = vec![("maxResults", PAGE_SIZE), ("singleEvents", "true")];
    match &state.sync_token {
        Some(token) => parameters.push(("syncToken", token)),
        None => parameters.extend([("timeMin", time_min.as_str()), ("timeMax", time_max.as_str())]),
    }
    parameters.extend(state.page_token.as_deref().map(|token| ("pageToken", token)));
    let url = calendar.address(&["calendars", id, "events"])?;
    let request = calendar.google.http.get(url).query(&parameters);
    api::json(call, request).await.map_err(|trouble| match trouble.status() {
        // A token that is not accepted with the parameters it was made with is of no use.
        Some(400) if *state != State::default() => {
            Failure::resync("Google Calendar does not accept our place in the calendar")
        }
        _ => trouble.failure(NAME, call.now),
    })
}
