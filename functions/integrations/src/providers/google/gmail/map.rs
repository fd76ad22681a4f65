//! Messages and threads as entities.

use domain::Kind;
use domain::entity::{Change, Deletion, Draft, Patch, Person};
use domain::integration::Account;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

pub(super) const MESSAGE: Kind = Kind::new("message");
pub(super) const THREAD: Kind = Kind::new("thread");

/// A message in the metadata format.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) thread_id: String,
    #[serde(default)]
    pub(super) label_ids: Vec<String>,
    #[serde(default)]
    snippet: String,
    #[serde(deserialize_with = "number")]
    pub(super) history_id: u64,
    /// Milliseconds since 1970.
    #[serde(deserialize_with = "number")]
    internal_date: u64,
    #[serde(default)]
    payload: Payload,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Payload {
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Debug, Clone, Deserialize)]
struct Header {
    name: String,
    value: String,
}

/// Google writes 64-bit numbers as text.
pub(super) fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

impl Message {
    /// When it arrived.
    pub(super) fn at(&self) -> Timestamp {
        let ms = i64::try_from(self.internal_date).unwrap_or_default();
        Timestamp::from_millisecond(ms).unwrap_or_default()
    }

    fn header(&self, name: &str) -> &str {
        let header = self.payload.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.map_or("", |header| header.value.as_str())
    }

    fn subject(&self) -> String {
        match self.header("Subject").trim() {
            "" => "(no subject)".into(),
            subject => subject.into(),
        }
    }

    fn author(&self) -> Option<Person> {
        people(self.header("From")).into_iter().next()
    }

    /// `raw`: the message as Gmail sent it.
    pub(super) fn upsert(&self, raw: Value, account: &Account) -> Change {
        Change::Upsert(Box::new(Draft {
            kind: MESSAGE,
            external_id: self.id.clone(),
            version: self.history_id,
            title: self.subject(),
            body: self.snippet.clone(),
            url: Some(link(account, &self.id)),
            author: self.author(),
            people: people(self.header("To")),
            labels: self.label_ids.clone(),
            state: None,
            starts_at: None,
            ends_at: None,
            created_at: self.at(),
            updated_at: self.at(),
            raw,
        }))
    }

    /// The thread as its newest message shows it. Its version is the time of that message,
    /// so that whichever of its messages is read last, the newest one speaks.
    pub(super) fn thread(&self, account: &Account) -> Change {
        self.thread_as_of(self.internal_date, account)
    }

    /// The thread, of which newer messages are known to be gone.
    pub(super) fn thread_as_of(&self, version: u64, account: &Account) -> Change {
        Change::Upsert(Box::new(Draft {
            kind: THREAD,
            external_id: self.thread_id.clone(),
            version,
            title: without_reply_marks(&self.subject()).to_owned(),
            body: self.snippet.clone(),
            url: Some(link(account, &self.thread_id)),
            author: self.author(),
            people: people(self.header("To")),
            labels: Vec::new(),
            state: None,
            starts_at: None,
            ends_at: None,
            created_at: self.at(),
            updated_at: self.at(),
            raw: Value::Null,
        }))
    }
}

pub(super) fn deleted_message(id: &str, version: u64) -> Change {
    Change::Delete(Deletion { kind: MESSAGE, external_id: id.into(), version })
}

pub(super) fn deleted_thread(id: &str, version: u64) -> Change {
    Change::Delete(Deletion { kind: THREAD, external_id: id.into(), version })
}

pub(super) fn relabelled(id: &str, version: u64, labels_added: Vec<String>, labels_removed: Vec<String>) -> Change {
    let external_id = id.into();
    Change::Patch(Patch {
        kind: MESSAGE,
        external_id,
        version,
        labels: None,
        labels_added,
        labels_removed,
        state: None,
    })
}

fn link(account: &Account, id: &str) -> String {
    format!("https://mail.google.com/mail/?authuser={}#all/{id}", account.name)
}

/// Of an address list such as `Ada <ada@example.com>, "Hopper, Grace" <grace@example.com>`.
fn people(list: &str) -> Vec<Person> {
    let mut quoted = false;
    let separated = list.split(move |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    separated.map(str::trim).filter(|one| !one.is_empty()).map(person).collect()
}

fn person(one: &str) -> Person {
    match one.rsplit_once('<') {
        Some((name, address)) => {
            let name = name.trim().trim_matches('"');
            let address = address.trim_end_matches('>').trim();
            Person { id: address.to_lowercase(), name: (!name.is_empty()).then(|| name.to_owned()) }
        }
        None => Person { id: one.to_lowercase(), name: None },
    }
}

fn without_reply_marks(subject: &str) -> &str {
    let marks = ["re:", "fwd:", "fw:", "aw:"];
    let mut rest = subject.trim();
    while let Some(mark) =
        marks.iter().find(|mark| rest.get(..mark.len()).is_some_and(|s| s.eq_ignore_ascii_case(mark)))
    {
        rest = rest[mark.len()..].trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_list_is_taken_apart_at_commas_that_are_not_quoted() {
        let people = people(r#"Ada <Ada@Example.com>, "Hopper, Grace" <grace@example.com>, x@example.com"#);
        let told: Vec<_> = people.iter().map(|person| (person.id.as_str(), person.name.as_deref())).collect();
        let ada = ("ada@example.com", Some("Ada"));
        assert_eq!(told, [ada, ("grace@example.com", Some("Hopper, Grace")), ("x@example.com", None)]);
    }

    #[test]
    fn a_thread_is_called_what_its_first_message_was() {
        assert_eq!(without_reply_marks("Re: AW: Fwd: Re:Plan"), "Plan");
        assert_eq!(without_reply_marks("Rest"), "Rest");
    }
}
