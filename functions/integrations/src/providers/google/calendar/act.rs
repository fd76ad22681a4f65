//! Events that are created.

use serde_json::{Value, json};

use super::{Calendar, NAME};
use crate::providers::google::api;
use crate::providers::{Action, Call, Failure};

/// Creates and changes events.
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/calendar.events";

pub(super) async fn act(calendar: &Calendar, call: &Call<'_>, action: &Action) -> Result<Value, Failure> {
    let Action::CreateEvent { calendar: id, title, description, location, starts_at, ends_at, people } = action else {
        return Err(Failure::bug("Google Calendar does not do that."));
    };
    if ends_at <= starts_at {
        return Err(Failure::permanent("An event ends after it starts."));
    }
    let attendees: Vec<Value> = people.iter().map(|email| json!({ "email": email })).collect();
    let event = json!({
        "summary": title,
        "description": description,
        "location": location,
        "start": { "dateTime": starts_at },
        "end": { "dateTime": ends_at },
        "attendees": attendees,
    });
    let url = calendar.address(&["calendars", id, "events"])?;
    // Whoever is invited hears of it.
    let request = calendar.google.http.post(url).query(&[("sendUpdates", "all")]).json(&event);
    let made: Value = api::json(call, request).await.map_err(|trouble| trouble.failure(NAME, call.now))?;
    Ok(json!({ "id": made["id"], "url": made["htmlLink"] }))
}
