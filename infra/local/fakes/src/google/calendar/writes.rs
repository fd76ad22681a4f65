//! Writing events: insert, patch, delete, each only on the version that the caller saw.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use super::channels::notify;
use super::events::missing;
use super::store::Calendar;
use crate::google::access::Caller;
use crate::google::refusal::Refusal;
use crate::google::state::Google;

type Answer = Result<Json<Value>, Refusal>;

pub(crate) async fn insert(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    Path(calendar): Path<String>,
    Json(event): Json<Value>,
) -> Answer {
    if event["start"].is_null() || event["end"].is_null() {
        return Err(Refusal::new(400, "required", "Missing end time."));
    }
    let inserted = change(&google, &caller, &calendar, |calendar, now_ms| {
        // An id of the caller's own is good once, even if the event was deleted.
        match event["id"].as_str() {
            Some(id) if !id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'v')) || id.len() < 5 => {
                Err(Refusal::new(400, "invalid", "Invalid resource id value."))
            }
            Some(id) if calendar.events.contains_key(id) => {
                Err(Refusal::new(409, "duplicate", "The requested identifier already exists."))
            }
            _ => Ok(calendar.insert(event, now_ms)),
        }
    });
    inserted.map(Json)
}

pub(crate) async fn patch(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    Path((calendar, event)): Path<(String, String)>,
    headers: HeaderMap,
    Json(fields): Json<Value>,
) -> Answer {
    let patched = change(&google, &caller, &calendar, |calendar, now_ms| {
        check_version(calendar, &event, &headers)?;
        calendar.patch(&event, fields, now_ms).ok_or_else(missing)
    });
    patched.map(Json)
}

pub(crate) async fn delete(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    Path((calendar, event)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    change(&google, &caller, &calendar, |calendar, now_ms| {
        if calendar.events.get(&event).is_some_and(|event| event.cancelled) {
            return Err(Refusal::new(410, "deleted", "Resource has been deleted"));
        }
        check_version(calendar, &event, &headers)?;
        calendar.cancel(&event, now_ms).then_some(Value::Null).ok_or_else(missing)
    })?;
    Ok(StatusCode::NO_CONTENT)
}

fn check_version(calendar: &Calendar, event: &str, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(wanted) = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()) else { return Ok(()) };
    let current = calendar.resource(event).ok_or_else(missing)?;
    if current["etag"] == wanted {
        return Ok(());
    }
    Err(Refusal::new(412, "conditionNotMet", "Precondition Failed"))
}

/// Changes a calendar and tells its channels.
fn change(
    google: &Google,
    caller: &Caller,
    calendar: &str,
    change: impl FnOnce(&mut Calendar, i64) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let mut data = google.write();
    let account = data.account_mut(&caller.email).ok_or_else(Refusal::unauthenticated)?;
    let (id, calendar) = account.calendars.get_mut(calendar).ok_or_else(missing)?;
    let id = id.clone();
    let changed = change(calendar, google.now_ms())?;
    notify(google, &mut data, &caller.email, &id);
    Ok(changed)
}
