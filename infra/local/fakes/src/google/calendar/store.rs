//! A person's calendars and what is in them. Every change has a number; sync tokens
//! are places in that order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::channels::Channel;
use super::expand;
use crate::google::state::time_text;

/// An event, its change number, and whether it is gone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) resource: Value,
    pub(crate) changed: u64,
    pub(crate) cancelled: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Calendar {
    pub(crate) summary: String,
    pub(crate) access_role: String,
    pub(crate) time_zone: String,
    pub(crate) primary: bool,
    /// The person has no access any more.
    pub(crate) removed: bool,
    /// Its number in the list's order of changes.
    pub(crate) listed: u64,
    pub(crate) events: BTreeMap<String, Event>,
    /// The newest change's number.
    pub(crate) changed: u64,
    /// Tokens of an earlier era are gone.
    pub(crate) era: u32,
    made: u64,
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Calendars {
    pub(crate) by_id: BTreeMap<String, Calendar>,
    pub(crate) channels: Vec<Channel>,
    pub(crate) listed: u64,
    pub(crate) era: u32,
}

impl Calendars {
    pub(crate) fn with_primary(email: &str) -> Self {
        let mut calendars = Self::default();
        calendars.add(email, email);
        if let Some(primary) = calendars.by_id.get_mut(email) {
            primary.primary = true;
        }
        calendars
    }

    /// Adds a calendar, or changes its name.
    pub(crate) fn add(&mut self, id: &str, summary: &str) {
        self.listed += 1;
        let calendar = self.by_id.entry(id.to_owned()).or_default();
        calendar.summary = summary.to_owned();
        "owner".clone_into(&mut calendar.access_role);
        "UTC".clone_into(&mut calendar.time_zone);
        (calendar.removed, calendar.listed) = (false, self.listed);
    }

    /// Takes the person's access away; false if there was none.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let Some(calendar) = self.by_id.get_mut(id) else { return false };
        self.listed += 1;
        (calendar.removed, calendar.listed) = (true, self.listed);
        true
    }

    /// The calendar, `primary` for the person's own.
    pub(crate) fn get(&self, id: &str) -> Option<(&String, &Calendar)> {
        self.by_id.iter().find(|(known, calendar)| calendar.is_called(known, id)).filter(|(_, found)| !found.removed)
    }

    /// The same, to be changed.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<(&String, &mut Calendar)> {
        self.by_id
            .iter_mut()
            .find(|(known, calendar)| calendar.is_called(known, id))
            .filter(|(_, found)| !found.removed)
    }
}

impl Calendar {
    fn is_called(&self, id: &str, name: &str) -> bool {
        id == name || (name == "primary" && self.primary)
    }

    /// Puts an event in, with what Google adds to it.
    pub(crate) fn insert(&mut self, given: Value, now_ms: i64) -> Value {
        self.made += 1;
        let id = given["id"].as_str().map_or_else(|| format!("ev{:08x}", 0x4_1000 + self.made * 97), str::to_owned);
        let mut resource = json!({
            "kind": "calendar#event", "id": id, "status": "confirmed", "iCalUID": format!("{id}@google.com"),
            "htmlLink": format!("https://calendar.google.com/calendar/event?eid={id}"),
            "created": time_text(now_ms), "sequence": 0, "eventType": "default",
        });
        merge(&mut resource, given);
        self.put(&id, resource, false, now_ms)
    }

    /// Changes fields of an event, or of one instance of a recurring one.
    pub(crate) fn patch(&mut self, id: &str, fields: Value, now_ms: i64) -> Option<Value> {
        let mut resource = self.resource(id)?;
        let sequence = resource["sequence"].as_u64().unwrap_or(0);
        merge(&mut resource, fields);
        resource["sequence"] = (sequence + 1).into();
        Some(self.put(id, resource, false, now_ms))
    }

    /// Cancels an event, or one instance of a recurring one; false if there is none.
    pub(crate) fn cancel(&mut self, id: &str, now_ms: i64) -> bool {
        let Some(resource) = self.resource(id) else { return false };
        self.put(id, resource, true, now_ms);
        true
    }

    /// The event as it is now; an instance that nobody changed is made from its master.
    pub(crate) fn resource(&self, id: &str) -> Option<Value> {
        match self.events.get(id) {
            Some(event) => (!event.cancelled).then(|| event.resource.clone()),
            None => {
                let master = self.events.get(id.rsplit_once('_')?.0).filter(|master| !master.cancelled)?;
                expand::instance(&master.resource, id)
            }
        }
    }

    fn put(&mut self, id: &str, mut resource: Value, cancelled: bool, now_ms: i64) -> Value {
        self.changed += 1;
        resource["updated"] = time_text(now_ms).into();
        resource["etag"] = format!("\"{}\"", now_ms as u64 * 1_000 + self.changed).into();
        let event = Event { resource: resource.clone(), changed: self.changed, cancelled };
        self.events.insert(id.to_owned(), event);
        resource
    }
}

fn merge(into: &mut Value, from: Value) {
    if let Value::Object(fields) = from {
        for (name, value) in fields {
            into[name] = value;
        }
    }
}
