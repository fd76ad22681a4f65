//! GitHub's things in the form that all services share.

use domain::Kind;
use domain::entity::{Change, Deletion, Draft, Person};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{ISSUE, PULL_REQUEST, REPOSITORY};
use crate::providers::Failure;

/// An issue or a pull request, as lists of either tell it.
#[derive(Debug, Deserialize)]
pub(super) struct Item {
    pub(super) number: u64,
    title: String,
    body: Option<String>,
    state: String,
    html_url: String,
    user: Option<User>,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default)]
    assignees: Vec<User>,
    #[serde(default)]
    requested_reviewers: Vec<User>,
    /// In the list of issues, on what is a pull request.
    pull_request: Option<Value>,
    merged_at: Option<Timestamp>,
    created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    #[serde(skip)]
    raw: Value,
}

#[derive(Debug, Deserialize)]
struct User {
    login: String,
}

/// Old issues have bare names.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Label {
    Name(String),
    Whole { name: Option<String> },
}

/// A repository.
#[derive(Debug, Deserialize)]
struct Repository {
    id: u64,
    full_name: String,
    description: Option<String>,
    html_url: String,
    owner: User,
    #[serde(default)]
    topics: Vec<String>,
    #[serde(default)]
    archived: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    pushed_at: Option<Timestamp>,
}

impl Item {
    pub(super) fn read_all(list: Vec<Value>) -> Result<Vec<Self>, Failure> {
        list.into_iter().map(Self::read).collect()
    }

    fn read(raw: Value) -> Result<Self, Failure> {
        let item = Self::deserialize(&raw).map_err(unreadable)?;
        Ok(Self { raw, ..item })
    }

    pub(super) fn is_pull(&self) -> bool {
        self.pull_request.is_some()
    }

    pub(super) fn issue(self) -> Change {
        let state = self.state.clone();
        self.change(ISSUE, state)
    }

    pub(super) fn pull(self) -> Change {
        let state = if self.merged_at.is_some() { "merged".to_owned() } else { self.state.clone() };
        self.change(PULL_REQUEST, state)
    }

    fn change(self, kind: Kind, state: String) -> Change {
        let people = self.assignees.into_iter().chain(self.requested_reviewers).map(person);
        let label = |label: Label| match label {
            Label::Name(name) => Some(name),
            Label::Whole { name } => name,
        };
        Change::Upsert(Box::new(Draft {
            kind,
            // With the repository's number a name for good: a transferred issue gets another.
            external_id: self.number.to_string(),
            version: version(self.updated_at),
            title: self.title,
            body: self.body.unwrap_or_default(),
            url: Some(self.html_url),
            author: self.user.map(person),
            people: people.collect(),
            labels: self.labels.into_iter().filter_map(label).collect(),
            state: Some(state),
            starts_at: None,
            ends_at: None,
            created_at: self.created_at,
            updated_at: self.updated_at,
            raw: self.raw,
        }))
    }
}

/// The repository itself.
pub(super) fn repository(raw: Value) -> Result<Change, Failure> {
    let repository = Repository::deserialize(&raw).map_err(unreadable)?;
    let changed = repository.pushed_at.map_or(repository.updated_at, |pushed| pushed.max(repository.updated_at));
    Ok(Change::Upsert(Box::new(Draft {
        kind: REPOSITORY,
        external_id: repository.id.to_string(),
        version: version(changed),
        title: repository.full_name,
        body: repository.description.unwrap_or_default(),
        url: Some(repository.html_url),
        author: Some(person(repository.owner)),
        people: Vec::new(),
        labels: repository.topics,
        state: Some(if repository.archived { "archived" } else { "active" }.to_owned()),
        starts_at: None,
        ends_at: None,
        created_at: repository.created_at,
        updated_at: changed,
        raw,
    })))
}

/// An issue or pull request that is gone: newer than all that was read before.
pub(super) fn deletion(kind: Kind, number: u64, at: Timestamp) -> Change {
    Change::Delete(Deletion { kind, external_id: number.to_string(), version: version(at) })
}

/// GitHub tells times to the second; which of two writes within it is later, the lease says.
fn version(at: Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or_default()
}

fn person(user: User) -> Person {
    Person { id: user.login, name: None }
}

fn unreadable(error: serde_json::Error) -> Failure {
    Failure::retry("GitHub's answer is not readable.").caused_by(error)
}
