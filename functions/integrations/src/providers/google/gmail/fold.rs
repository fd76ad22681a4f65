//! What a page of the history comes to: the same message may appear in it many times.

use std::collections::BTreeMap;

use domain::entity::Change;
use serde::Deserialize;

use super::config::Chosen;
use super::map::{self, number};

/// The answer of `history.list`. Without news it has no `history` at all.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct History {
    #[serde(default)]
    pub(super) history: Vec<Record>,
    pub(super) next_page_token: Option<String>,
    pub(super) history_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Record {
    #[serde(deserialize_with = "number")]
    id: u64,
    messages_added: Vec<Event>,
    messages_deleted: Vec<Event>,
    labels_added: Vec<Event>,
    labels_removed: Vec<Event>,
}

impl Default for Record {
    fn default() -> Self {
        let none = Vec::new;
        Self { id: 0, messages_added: none(), messages_deleted: none(), labels_added: none(), labels_removed: none() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    message: Stub,
    /// The labels that were added or removed.
    #[serde(default)]
    label_ids: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stub {
    id: String,
    #[serde(default)]
    thread_id: String,
}

/// What is to be done.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Folded {
    /// Known without asking.
    pub(super) changes: Vec<Change>,
    /// Messages to read.
    pub(super) messages: Vec<String>,
    /// Threads to look at again, for a message of theirs is gone, or no longer is.
    pub(super) threads: Vec<String>,
}

/// What happened to one message in the end.
#[derive(Debug, Default)]
struct Fate {
    thread_id: String,
    version: u64,
    gone: bool,
    /// It is new, so that it has to be read.
    new: bool,
    /// A label came or went that decides whether it is wanted.
    decided: bool,
    /// By label: whether it is there now.
    labels: BTreeMap<String, bool>,
}

pub(super) fn fold(records: &[Record], chosen: &Chosen) -> Folded {
    let mut fates: BTreeMap<&str, Fate> = BTreeMap::new();
    for record in records {
        for event in &record.messages_added {
            let fate = fates.entry(&event.message.id).or_default();
            fate.told_by(record, event);
            (fate.gone, fate.new) = (false, true);
        }
        for (events, is_there) in [(&record.labels_added, true), (&record.labels_removed, false)] {
            for event in events {
                let fate = fates.entry(&event.message.id).or_default();
                fate.told_by(record, event);
                for label in &event.label_ids {
                    fate.decided |= chosen.decides(label);
                    fate.labels.insert(label.clone(), is_there);
                }
            }
        }
        for event in &record.messages_deleted {
            let fate = fates.entry(&event.message.id).or_default();
            fate.told_by(record, event);
            fate.gone = true;
        }
    }
    let mut folded = Folded::default();
    for (id, fate) in fates {
        fate.settle(id, &mut folded);
    }
    folded.threads.sort();
    folded.threads.dedup();
    folded
}

impl Fate {
    fn told_by(&mut self, record: &Record, event: &Event) {
        self.version = record.id;
        self.thread_id.clone_from(&event.message.thread_id);
    }

    fn settle(self, id: &str, folded: &mut Folded) {
        if self.gone {
            folded.changes.push(map::deleted_message(id, self.version));
            folded.threads.push(self.thread_id);
        } else if self.new || self.decided {
            folded.messages.push(id.to_owned());
            if self.decided {
                folded.threads.push(self.thread_id);
            }
        } else {
            let with = |there: bool| {
                let labels = self.labels.iter().filter(|(_, is_there)| **is_there == there);
                labels.map(|(label, _)| label.clone()).collect()
            };
            folded.changes.push(map::relabelled(id, self.version, with(true), with(false)));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn record(id: u64, what: &str, message: &str, labels: &[&str]) -> Value {
        let message = json!({ "id": message, "threadId": format!("t-{message}") });
        json!({ "id": id.to_string(), what: [{ "message": message, "labelIds": labels }] })
    }

    fn folded(records: &[Value], labels: &[&str]) -> Folded {
        let records: Vec<Record> = serde_json::from_value(json!(records)).unwrap();
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        fold(&records, &Chosen { days: 90, labels })
    }

    #[test]
    fn a_message_that_came_and_went_is_not_read() {
        let got = folded(&[record(1, "messagesAdded", "a", &[]), record(4, "messagesDeleted", "a", &[])], &[]);
        assert_eq!(got.changes, [map::deleted_message("a", 4)]);
        assert_eq!((got.messages, got.threads), (vec![], vec!["t-a".to_owned()]));
    }

    #[test]
    fn labels_alone_are_known_without_reading() {
        let records = [
            record(1, "labelsAdded", "a", &["STARRED", "Label_1"]),
            record(5, "labelsRemoved", "a", &["UNREAD", "STARRED"]),
        ];
        let got = folded(&records, &[]);
        let (added, removed) = (vec!["Label_1".to_owned()], vec!["STARRED".to_owned(), "UNREAD".to_owned()]);
        assert_eq!(got, Folded { changes: vec![map::relabelled("a", 5, added, removed)], ..Folded::default() });
    }

    #[test]
    fn a_label_that_decides_whether_it_is_wanted_makes_it_read() {
        let thrown_away = [record(1, "labelsAdded", "a", &["TRASH"])];
        assert_eq!(folded(&thrown_away, &[]).messages, ["a"]);
        let filed = [record(1, "labelsRemoved", "a", &["INBOX"])];
        assert!(folded(&filed, &[]).messages.is_empty());
        assert_eq!(folded(&filed, &["INBOX"]).messages, ["a"]);
    }

    #[test]
    fn a_message_told_of_many_times_is_read_once() {
        let records = [
            record(1, "messagesAdded", "a", &[]),
            record(2, "labelsAdded", "a", &["STARRED"]),
            record(3, "messagesAdded", "a", &[]),
        ];
        assert_eq!(folded(&records, &[]), Folded { messages: vec!["a".to_owned()], ..Folded::default() });
    }
}
