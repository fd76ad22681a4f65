//! What a service holds, in one form for all services.
//!
//! A provider reports [`Change`]s; what becomes of the stored entity is decided by
//! [`decide`], so that late, repeated and reordered reports do no harm.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{EntityId, IntegrationId, Kind, Service, limits};

/// Someone who has to do with an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// As the service knows them: a login or an e-mail address.
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What a provider says of an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub kind: Kind,
    /// Unique within kind and resource.
    pub external_id: String,
    /// Grows with every change at the service: its time of change, its history number.
    pub version: u64,
    pub title: String,
    /// Plain text, as far as it is worth searching.
    pub body: String,
    /// Where a person looks at it.
    pub url: Option<String>,
    pub author: Option<Person>,
    /// Everyone else who has to do with it.
    pub people: Vec<Person>,
    pub labels: Vec<String>,
    /// In the service's own words, such as `open` or `merged`.
    pub state: Option<String>,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// As the service sent it.
    pub raw: Value,
}

/// A change to a few fields of an entity whose whole content was not read again.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    pub kind: Kind,
    pub external_id: String,
    pub version: u64,
    /// In place of those it had.
    pub labels: Option<Vec<String>>,
    /// Added to those it has, after `labels`.
    pub labels_added: Vec<String>,
    pub labels_removed: Vec<String>,
    pub state: Option<String>,
}

/// An entity that the service no longer has, or no longer shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    pub kind: Kind,
    pub external_id: String,
    pub version: u64,
}

/// What a provider found changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Upsert(Box<Draft>),
    /// Ignored where nothing is stored.
    Patch(Patch),
    Delete(Deletion),
}

impl Change {
    pub fn kind(&self) -> &Kind {
        match self {
            Self::Upsert(draft) => &draft.kind,
            Self::Patch(patch) => &patch.kind,
            Self::Delete(deletion) => &deletion.kind,
        }
    }

    pub fn external_id(&self) -> &str {
        match self {
            Self::Upsert(draft) => &draft.external_id,
            Self::Patch(patch) => &patch.external_id,
            Self::Delete(deletion) => &deletion.external_id,
        }
    }

    pub fn version(&self) -> u64 {
        match self {
            Self::Upsert(draft) => draft.version,
            Self::Patch(patch) => patch.version,
            Self::Delete(deletion) => deletion.version,
        }
    }
}

/// Which of two writes is the later one: by generation, then by the service's own
/// order, then by the lease that the worker held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Stamp {
    /// Of the full synchronisation that saw it last.
    pub generation: u64,
    pub version: u64,
    /// Of the worker's lease on the cursor.
    pub epoch: u64,
}

/// A stored entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    pub id: EntityId,
    pub integration_id: IntegrationId,
    pub provider: Service,
    /// The part of the integration that it was found in: a repository, a calendar.
    pub resource: String,
    pub kind: Kind,
    pub external_id: String,
    pub title: String,
    pub body: String,
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub author: Option<Person>,
    #[serde(default)]
    pub people: Vec<Person>,
    #[serde(default)]
    pub labels: Vec<String>,
    #[serde(default)]
    pub state: Option<String>,
    #[serde(default)]
    pub starts_at: Option<Timestamp>,
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// A tombstone from then on: it says that there is nothing, so that a late
    /// report can't bring it back.
    #[serde(default)]
    pub deleted_at: Option<Timestamp>,
    #[serde(flatten)]
    pub stamp: Stamp,
    /// Of all that the service says of it; two equal ones need no write.
    pub fingerprint: String,
    /// Where what the service sent lies in the bucket.
    #[serde(default)]
    pub raw: Option<String>,
}

impl Entity {
    /// By which it is listed, newest first: an event by its start, anything else by its last change.
    pub fn listed_at(&self) -> Timestamp {
        self.starts_at.unwrap_or(self.updated_at)
    }

    /// All text that a search looks at.
    pub fn text(&self) -> impl Iterator<Item = &str> {
        let author = self.author.iter().chain(&self.people);
        let people = author.flat_map(|person| [Some(person.id.as_str()), person.name.as_deref()]).flatten();
        let fields = [self.title.as_str(), self.body.as_str(), self.external_id.as_str()];
        fields.into_iter().chain(people).chain(self.labels.iter().map(String::as_str)).chain(self.state.as_deref())
    }

    /// As the synchronisation that no longer saw it leaves it.
    pub fn buried(self, stamp: Stamp, now: Timestamp) -> Self {
        Self {
            title: String::new(),
            body: String::new(),
            url: None,
            author: None,
            people: Vec::new(),
            labels: Vec::new(),
            state: None,
            deleted_at: Some(now),
            fingerprint: String::new(),
            raw: None,
            stamp,
            ..self
        }
    }
}

/// Where a change belongs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub integration_id: IntegrationId,
    pub provider: &'a Service,
    pub resource: &'a str,
}

impl Place<'_> {
    pub fn id(&self, change: &Change) -> EntityId {
        EntityId::of(self.integration_id, self.resource, change.kind().as_str(), change.external_id())
    }
}

/// What is to be stored after `change`; `None` when what is stored is as new already.
pub fn decide(
    place: Place<'_>,
    stored: Option<&Entity>,
    change: &Change,
    generation: u64,
    epoch: u64,
    now: Timestamp,
) -> Option<Entity> {
    let stamp = Stamp { generation, version: change.version(), epoch };
    if stored.is_some_and(|stored| stored.stamp > stamp) {
        return None;
    }
    match change {
        Change::Upsert(draft) => {
            let entity = entity(place, place.id(change), draft, stamp);
            let same =
                |stored: &Entity| stored.fingerprint == entity.fingerprint && stored.stamp.generation == generation;
            (!stored.is_some_and(same)).then_some(entity)
        }
        Change::Patch(patch) => patched(stored.filter(|stored| stored.deleted_at.is_none())?, patch, stamp),
        Change::Delete(deletion) => match stored {
            Some(stored) if stored.deleted_at.is_some() => None,
            Some(stored) => Some(stored.clone().buried(stamp, now)),
            None => Some(tombstone(place, place.id(change), deletion, stamp, now)),
        },
    }
}

fn entity(place: Place<'_>, id: EntityId, draft: &Draft, stamp: Stamp) -> Entity {
    let mut entity = Entity {
        id,
        integration_id: place.integration_id,
        provider: place.provider.clone(),
        resource: place.resource.to_owned(),
        kind: draft.kind.clone(),
        external_id: draft.external_id.clone(),
        title: clip(&draft.title, limits::ENTITY_TITLE_BYTES_MAX),
        body: clip(&draft.body, limits::ENTITY_BODY_BYTES_MAX),
        url: draft.url.clone(),
        author: draft.author.clone(),
        people: draft.people.iter().take(limits::ENTITY_PEOPLE_MAX).cloned().collect(),
        labels: draft.labels.iter().take(limits::ENTITY_LABELS_MAX).cloned().collect(),
        state: draft.state.clone(),
        starts_at: draft.starts_at,
        ends_at: draft.ends_at,
        created_at: draft.created_at,
        updated_at: draft.updated_at,
        deleted_at: None,
        stamp,
        fingerprint: String::new(),
        raw: None,
    };
    entity.fingerprint = fingerprint(&entity);
    entity
}

fn patched(stored: &Entity, patch: &Patch, stamp: Stamp) -> Option<Entity> {
    let mut entity = Entity { stamp, ..stored.clone() };
    if let Some(labels) = &patch.labels {
        entity.labels.clone_from(labels);
    }
    entity.labels.retain(|label| !patch.labels_removed.contains(label));
    for label in &patch.labels_added {
        if !entity.labels.contains(label) {
            entity.labels.push(label.clone());
        }
    }
    entity.labels.truncate(limits::ENTITY_LABELS_MAX);
    if patch.state.is_some() {
        entity.state.clone_from(&patch.state);
    }
    entity.fingerprint = fingerprint(&entity);
    (entity.fingerprint != stored.fingerprint).then_some(entity)
}

fn tombstone(place: Place<'_>, id: EntityId, deletion: &Deletion, stamp: Stamp, now: Timestamp) -> Entity {
    let draft = Draft {
        kind: deletion.kind.clone(),
        external_id: deletion.external_id.clone(),
        version: deletion.version,
        title: String::new(),
        body: String::new(),
        url: None,
        author: None,
        people: Vec::new(),
        labels: Vec::new(),
        state: None,
        starts_at: None,
        ends_at: None,
        created_at: now,
        updated_at: now,
        raw: Value::Null,
    };
    entity(place, id, &draft, stamp).buried(stamp, now)
}

fn fingerprint(entity: &Entity) -> String {
    let said = (
        (&entity.title, &entity.body, &entity.url, &entity.author, &entity.people),
        (&entity.labels, &entity.state, entity.starts_at, entity.ends_at, entity.created_at, entity.updated_at),
    );
    let bytes = serde_json::to_vec(&said).expect("plain data has a JSON form");
    hex::encode(&Sha256::digest(bytes)[..12])
}

/// The text up to `bytes`, whole characters only.
fn clip(text: &str, bytes: usize) -> String {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests;
