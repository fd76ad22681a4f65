//! Text search: immutable segments of an inverted index.
//!
//! A segment lists documents, newest first, and for every word the documents that have
//! it. Segments are written once, searched as they are and merged when there are many.
//! They may name what is no longer true: whoever searches looks at the entity itself
//! ([`Query::matches`]), so a segment never has to be changed.

mod segment;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{Entity, EntityId, Kind, Service, limits};

pub use segment::{Malformed, Segment};

/// An entity as the index has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub row: Row,
    /// Its words and its marks.
    pub terms: BTreeSet<String>,
}

/// What of an entity stands in the index beside its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub id: EntityId,
    /// Milliseconds since 1970 by which it is listed, see [`Entity::listed_at`].
    pub listed_ms: i64,
    /// Milliseconds since 1970 at which it was indexed: of two rows of an entity the later counts.
    pub indexed_ms: i64,
}

impl Row {
    /// Newest first.
    pub fn order(&self) -> impl Ord + use<> {
        std::cmp::Reverse((self.listed_ms, self.id))
    }
}

impl Document {
    pub fn of(entity: &Entity, now: Timestamp) -> Self {
        let row =
            Row { id: entity.id, listed_ms: entity.listed_at().as_millisecond(), indexed_ms: now.as_millisecond() };
        Self { row, terms: terms(entity) }
    }
}

/// Every word of an entity, and a mark for each of its filters.
fn terms(entity: &Entity) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for text in entity.text() {
        terms.extend(words(text).take(limits::SEARCH_WORDS_MAX.saturating_sub(terms.len())));
    }
    terms.insert(mark("kind", entity.kind.as_str()));
    terms.insert(mark("provider", entity.provider.as_str()));
    terms.extend(entity.state.as_deref().map(|state| mark("state", state)));
    terms
}

/// A term that no word is or begins with.
fn mark(field: &str, value: &str) -> String {
    format!("\u{1}{field}={value}\u{1}")
}

/// The words of a text, in lower case. `ana@example.com` has three.
fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    parts.map(|word| word.chars().flat_map(char::to_lowercase).take(limits::SEARCH_WORD_CHARS_MAX).collect())
}

/// What is looked for: entities that have, for each word, one that begins with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<String>,
    pub kind: Option<Kind>,
    pub provider: Option<Service>,
    pub state: Option<String>,
}

impl Query {
    pub fn new(text: &str, kind: Option<Kind>, provider: Option<Service>, state: Option<String>) -> Self {
        let mut words: Vec<String> = words(text).collect();
        words.sort();
        words.dedup();
        words.truncate(limits::SEARCH_QUERY_WORDS_MAX);
        Self { words, kind, provider, state }
    }

    /// Whether it has no word to look for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// What each document found begins a term with.
    pub fn prefixes(&self) -> Vec<String> {
        let marks = [
            self.kind.as_ref().map(|kind| mark("kind", kind.as_str())),
            self.provider.as_ref().map(|provider| mark("provider", provider.as_str())),
            self.state.as_deref().map(|state| mark("state", state)),
        ];
        self.words.iter().cloned().chain(marks.into_iter().flatten()).collect()
    }

    /// Whether the entity as it is now is what is looked for.
    pub fn matches(&self, entity: &Entity) -> bool {
        let terms = terms(entity);
        let begins =
            |prefix: &String| terms.range(prefix.clone()..).next().is_some_and(|term| term.starts_with(prefix));
        entity.deleted_at.is_none() && self.prefixes().iter().all(begins)
    }
}

#[cfg(test)]
mod tests;
