//! Events that are created.

use domain::Action;
use serde_json::{Value, json};

use super::{Calendar, NAME};
use crate::providers::google::api;
use crate::providers::{Call, Deed, Failure};

/// Creates and changes events.
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/calendar.events";

pub(super) async fn act(calendar: &Calendar, call: &Call<'_>, deed: Deed<'_>) -> Result<Value, Failure> {
    let Action::CreateEvent { calendar: of, title, description, location, starts_at, ends_at, people } = deed.action
    else {
        return Err(Failure::bug("Google Calendar does not do that"));
    };
    let attendees: Vec<Value> = people.iter().map(|email| json!({ "email": email })).collect();
    let event = json!({
        // Ours, so that a second attempt finds the first one's event.
        "id": deed.id,
        "summary": title,
        "description": description,
        "location": location,
        "start": { "dateTime": starts_at },
        "end": { "dateTime": ends_at },
        "attendees": attendees,
    });
    let url = calendar.address(&["calendars", of, "events"])?;
    // Whoever is invited hears of it.
    let request = calendar.google.http.post(url).query(&[("sendUpdates", "all")]).json(&event);
    let made: Value = match api::json(call, request).await {
        Err(trouble) if trouble.status() == Some(409) => {
            let url = calendar.address(&["calendars", of, "events", deed.id])?;
            let there = api::json(call, calendar.google.http.get(url)).await;
            there.map_err(|trouble| trouble.failure(NAME, call.now))?
        }
        made => made.map_err(|trouble| trouble.undone(NAME, call.now))?,
    };
    Ok(json!({ "id": made["id"], "url": made["htmlLink"] }))
}
