//! The list of calendars that a person sees.

use axum::Json;
use axum::extract::{Extension, RawQuery, State};
use serde_json::{Value, json};

use super::events::page;
use super::store::Calendar;
use super::token::Token;
use crate::google::access::Caller;
use crate::google::query::Parameters;
use crate::google::refusal::Refusal;
use crate::google::state::Google;

const PAGE_DEFAULT: usize = 100;
const PAGE_MAX: usize = 250;

pub(crate) async fn list(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let query = Parameters::parse(query);
    let data = google.read();
    let calendars = &data.account(&caller.email).ok_or_else(Refusal::unauthenticated)?.calendars;
    if query.one("syncToken").is_some() && query.one("minAccessRole").is_some() {
        return Err(Refusal::new(400, "badRequest", "Sync token cannot be used with minAccessRole."));
    }
    let token = Token::of_call(&query, "", calendars.era, calendars.listed)?;
    // A list of changes tells of what is gone; a full one does so only when asked.
    let with_removed = token.since.is_some() || query.flag("showDeleted");
    let listed = calendars.by_id.iter().filter(|(_, one)| token.covers(one.listed) && (with_removed || !one.removed));
    let items = listed.map(|(id, calendar)| entry(id, calendar)).collect();
    let size = query.number("maxResults").unwrap_or(PAGE_DEFAULT).min(PAGE_MAX);
    Ok(Json(page(json!({ "kind": "calendar#calendarList" }), items, size, token)))
}

fn entry(id: &str, calendar: &Calendar) -> Value {
    let mut entry = json!({
        "kind": "calendar#calendarListEntry", "id": id, "summary": calendar.summary,
        "timeZone": calendar.time_zone, "accessRole": calendar.access_role, "selected": true,
    });
    if calendar.primary {
        entry["primary"] = true.into();
    }
    if calendar.removed {
        entry["deleted"] = true.into();
    }
    entry
}
