//! A mailbox: messages, and the history of what happened to them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::watch::Watch;

/// A message as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) thread_id: String,
    pub(crate) labels: BTreeSet<String>,
    /// When it arrived, milliseconds since 1970.
    pub(crate) at_ms: i64,
    /// The history record that touched it last.
    pub(crate) history_id: u64,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Message {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What a new message is made of.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewMessage {
    pub(crate) thread_id: Option<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) at_ms: i64,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// One entry of the history.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) id: u64,
    pub(crate) change: Change,
    pub(crate) message_id: String,
    pub(crate) thread_id: String,
    /// The message's labels after the change.
    pub(crate) labels: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Change {
    Added,
    Deleted,
    LabelsAdded(Vec<String>),
    LabelsRemoved(Vec<String>),
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Mailbox {
    pub(crate) messages: BTreeMap<String, Message>,
    pub(crate) history: Vec<Record>,
    /// The newest id.
    pub(crate) history_id: u64,
    /// History before this id is forgotten.
    pub(crate) oldest: u64,
    pub(crate) watch: Option<Watch>,
    made: u64,
}

/// Ids begin high, so that code which takes them for small numbers fails here.
const FIRST_HISTORY_ID: u64 = 9_007_199_254_740_993;
const FIRST_MESSAGE_ID: u64 = 0x18c0_0000_0000_0000;

impl Mailbox {
    pub(crate) fn new() -> Self {
        Self {
            messages: BTreeMap::new(),
            history: Vec::new(),
            history_id: FIRST_HISTORY_ID,
            oldest: FIRST_HISTORY_ID,
            watch: None,
            made: 0,
        }
    }

    /// Puts a message in; without a thread it begins one.
    pub(crate) fn add(&mut self, new: NewMessage) -> String {
        self.made += 1;
        let id = format!("{:016x}", FIRST_MESSAGE_ID + self.made * 0x1_0041);
        let thread_id = new.thread_id.unwrap_or_else(|| id.clone());
        let message = Message {
            id: id.clone(),
            thread_id,
            labels: new.labels.into_iter().collect(),
            at_ms: new.at_ms,
            history_id: 0,
            headers: new.headers,
            body: new.body,
        };
        self.messages.insert(id.clone(), message);
        self.record(&id, Change::Added);
        id
    }

    /// False if there is no such message.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        self.record(id, Change::Deleted);
        self.messages.remove(id).is_some()
    }

    /// Adds and removes labels; false if there is no such message.
    pub(crate) fn relabel(&mut self, id: &str, add: &[String], remove: &[String]) -> bool {
        let Some(message) = self.messages.get_mut(id) else { return false };
        let added: Vec<_> = add.iter().filter(|label| message.labels.insert((*label).clone())).cloned().collect();
        let removed: Vec<_> = remove.iter().filter(|label| message.labels.remove(*label)).cloned().collect();
        if !added.is_empty() {
            self.record(id, Change::LabelsAdded(added));
        }
        if !removed.is_empty() {
            self.record(id, Change::LabelsRemoved(removed));
        }
        true
    }

    /// Everything before now is forgotten.
    pub(crate) fn expire_history(&mut self) {
        self.history_id = next_history_id(self.history_id);
        self.oldest = self.history_id;
        self.history.clear();
    }

    fn record(&mut self, id: &str, change: Change) {
        let Some(message) = self.messages.get_mut(id) else { return };
        self.history_id = next_history_id(self.history_id);
        message.history_id = self.history_id;
        self.history.push(Record {
            id: self.history_id,
            change,
            message_id: id.to_owned(),
            thread_id: message.thread_id.clone(),
            labels: message.labels.clone(),
        });
    }
}

/// Increasing, with gaps.
fn next_history_id(last: u64) -> u64 {
    last + 1 + last % 13
}
