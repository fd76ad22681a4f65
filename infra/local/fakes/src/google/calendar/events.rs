//! Reading events: in full, by page, and what changed since a sync token.

use axum::Json;
use axum::extract::{Extension, Path, RawQuery, State};
use serde_json::{Value, json};

use super::expand;
use super::store::{Calendar, Event};
use super::token::Token;
use crate::google::access::Caller;
use crate::google::query::Parameters;
use crate::google::refusal::Refusal;
use crate::google::state::{Google, time_text};

const PAGE_DEFAULT: usize = 250;
const PAGE_MAX: usize = 2_500;

type Answer = Result<Json<Value>, Refusal>;

pub(crate) async fn list(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    Path(calendar): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Parameters::parse(query);
    let data = google.read();
    let account = data.account(&caller.email).ok_or_else(Refusal::unauthenticated)?;
    let (id, calendar) = account.calendars.get(&calendar).ok_or_else(missing)?;
    let token = Token::of_call(&query, id, calendar.era, calendar.changed)?;
    let items = items(calendar, &query, &token);
    let size = query.number("maxResults").unwrap_or(PAGE_DEFAULT).min(PAGE_MAX);
    let updated = calendar.events.values().filter_map(|event| event.resource["updated"].as_str()).max();
    let updated = updated.map_or_else(|| time_text(google.now_ms()), str::to_owned);
    let head = json!({
        "kind": "calendar#events", "summary": calendar.summary, "timeZone": calendar.time_zone,
        "accessRole": calendar.access_role, "updated": updated,
    });
    Ok(Json(page(head, items, size, token)))
}

pub(crate) async fn get(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    Path((calendar, event)): Path<(String, String)>,
) -> Answer {
    let data = google.read();
    let account = data.account(&caller.email).ok_or_else(Refusal::unauthenticated)?;
    let (_, calendar) = account.calendars.get(&calendar).ok_or_else(missing)?;
    calendar.resource(&event).map(Json).ok_or_else(missing)
}

/// Calendar's words for it differ from Gmail's.
pub(crate) fn missing() -> Refusal {
    Refusal::new(404, "notFound", "Not Found")
}

/// One page of the entries: with a next page's token, or with a sync token on the last.
pub(crate) fn page(mut head: Value, mut items: Vec<Value>, size: usize, mut token: Token) -> Value {
    let total = items.len();
    let end = (token.offset + size).min(total);
    head["items"] = items.drain(token.offset.min(total)..end).collect();
    token.offset = end;
    if end < total {
        head["nextPageToken"] = token.text().into();
    } else {
        token.offset = 0;
        token.since = None;
        head["nextSyncToken"] = token.text().into();
    }
    head
}

fn items(calendar: &Calendar, query: &Parameters, token: &Token) -> Vec<Value> {
    let (full, window) = (token.since.is_none(), token.window());
    let with_cancelled = !full || query.flag("showDeleted");
    let mut items = Vec::new();
    for event in calendar.events.values() {
        let expands = query.flag("singleEvents") && event.resource["recurrence"].is_array();
        if !token.covers(event.changed) || (event.cancelled && !with_cancelled) {
            continue;
        }
        if expands {
            let untouched = |one: &Value| !calendar.events.contains_key(one["id"].as_str().unwrap_or_default());
            let instances = expand::instances(&event.resource, window).into_iter().filter(untouched);
            items.extend(instances.map(|instance| shown(&Event { resource: instance, ..event.clone() })));
        } else if !full || window.holds(&event.resource) {
            items.push(shown(event));
        }
    }
    items
}

/// A cancelled event may come with its id alone, and does so here.
fn shown(event: &Event) -> Value {
    if !event.cancelled {
        return event.resource.clone();
    }
    let mut bare = json!({ "kind": "calendar#event", "id": event.resource["id"], "status": "cancelled" });
    for name in ["recurringEventId", "originalStartTime"] {
        if !event.resource[name].is_null() {
            bare[name] = event.resource[name].clone();
        }
    }
    bare
}
