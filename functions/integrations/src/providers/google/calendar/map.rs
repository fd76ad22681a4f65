//! Events as entities.

use domain::Kind;
use domain::entity::{Change, Deletion, Draft, Person};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

pub(super) const EVENT: Kind = Kind::new("event");

/// What is read of an event. A cancelled one may have its id alone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    id: String,
    #[serde(default)]
    status: String,
    summary: Option<String>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    location: String,
    html_link: Option<String>,
    created: Option<Timestamp>,
    updated: Option<Timestamp>,
    organizer: Option<Guest>,
    creator: Option<Guest>,
    #[serde(default)]
    attendees: Vec<Guest>,
    start: Option<Moment>,
    end: Option<Moment>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Guest {
    #[serde(default)]
    email: String,
    display_name: Option<String>,
}

/// A time, or a day; the end of days is the first one that is free again.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Moment {
    date_time: Option<Timestamp>,
    date: Option<Date>,
}

impl Moment {
    /// Days begin at midnight UTC: an all-day event is the same day everywhere.
    fn at(&self) -> Option<Timestamp> {
        let midnight = |date: Date| date.to_zoned(TimeZone::UTC).ok().map(|midnight| midnight.timestamp());
        self.date_time.or_else(|| self.date.and_then(midnight))
    }
}

impl Guest {
    fn person(self) -> Option<Person> {
        (!self.email.is_empty()).then(|| Person { id: self.email.to_lowercase(), name: self.display_name })
    }
}

/// Grows with the time of change.
pub(super) fn version(updated: Timestamp) -> u64 {
    u64::try_from(updated.as_millisecond()).unwrap_or_default()
}

/// `unknown`: the version of an event that does not say when it changed. What has no id
/// is no event.
pub(super) fn change(raw: Value, unknown: u64) -> Option<Change> {
    let event: Event = serde_json::from_value(raw.clone()).ok()?;
    let version = event.updated.map_or(unknown, version);
    if event.status == "cancelled" {
        return Some(Change::Delete(Deletion { kind: EVENT, external_id: event.id, version }));
    }
    let updated_at = event.updated.or(event.created).unwrap_or_default();
    let texts = [event.description, event.location];
    Some(Change::Upsert(Box::new(Draft {
        kind: EVENT,
        external_id: event.id,
        version,
        // Of a calendar that shows only whether its owner is free there is no title.
        title: event.summary.unwrap_or_else(|| "Busy".into()),
        body: texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n"),
        url: event.html_link,
        author: event.organizer.or(event.creator).and_then(Guest::person),
        people: event.attendees.into_iter().filter_map(Guest::person).collect(),
        labels: Vec::new(),
        state: Some(event.status).filter(|status| !status.is_empty()),
        starts_at: event.start.as_ref().and_then(Moment::at),
        ends_at: event.end.as_ref().and_then(Moment::at),
        created_at: event.created.unwrap_or(updated_at),
        updated_at,
        raw,
    })))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cancelled_event_with_nothing_but_its_id_is_a_deletion() {
        let gone = change(json!({ "id": "a", "status": "cancelled" }), 7).unwrap();
        assert_eq!(gone, Change::Delete(Deletion { kind: EVENT, external_id: "a".into(), version: 7 }));
    }

    #[test]
    fn times_are_moments_and_days_begin_at_midnight() {
        let event = json!({
            "id": "a", "status": "confirmed", "updated": "2026-05-01T10:00:00.000Z",
            "start": { "dateTime": "2026-05-04T09:00:00+02:00", "timeZone": "Europe/Berlin" }, "end": { "date": "2026-05-06" },
        });
        let Some(Change::Upsert(draft)) = change(event, 0) else { panic!("it is an event") };
        let times = (draft.starts_at.unwrap().to_string(), draft.ends_at.unwrap().to_string());
        assert_eq!(times, ("2026-05-04T07:00:00Z".into(), "2026-05-06T00:00:00Z".into()));
        assert_eq!((draft.title.as_str(), draft.version), ("Busy", 1_777_629_600_000));
    }
}
