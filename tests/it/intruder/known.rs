//! What a user can see of their own: whatever looks like an id in what they get.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use reqwest::Method;
use tests::Api;

use super::document::{Kind, Operation};

/// Ids by their prefix.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Known(BTreeMap<String, BTreeSet<String>>);

impl Known {
    /// Reads everything that the document lets `api` read without knowing an id,
    /// and then what the ids that were found there lead to.
    pub(super) async fn harvest(api: &Api, operations: &[Operation]) -> Result<Self> {
        let mut known = Self::default();
        for depth in 0..3 {
            let readable = |operation: &&Operation| {
                operation.secured
                    && operation.json
                    && operation.method == Method::GET
                    && operation.parameters.len() == depth
            };
            for operation in operations.iter().filter(readable) {
                let Some(path) = known.path_of(operation) else { continue };
                known.note(&api.get(&path).await?.text);
            }
        }
        Ok(known)
    }

    /// The operation's path with known ids in it; `None` when a kind is not known.
    fn path_of(&self, operation: &Operation) -> Option<String> {
        let mut path = operation.path.clone();
        for parameter in &operation.parameters {
            let value = match &parameter.kind {
                Kind::Id(prefix) => self.id(prefix)?.to_owned(),
                Kind::Number => "1".to_owned(),
                Kind::Word(word) => word.clone(),
                Kind::Text => return None,
            };
            path = path.replace(&format!("{{{}}}", parameter.name), &value);
        }
        Some(path)
    }

    /// The first id of a kind.
    pub(super) fn id(&self, prefix: &str) -> Option<&str> {
        self.0.get(prefix)?.first().map(String::as_str)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.values().flatten().map(String::as_str)
    }

    /// Takes down every id in a text.
    pub(super) fn note(&mut self, text: &str) {
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            if let Some((prefix, body)) = word.split_once('_')
                && body.len() == 26
                && body.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            {
                self.0.entry(prefix.to_owned()).or_default().insert(word.to_owned());
            }
        }
    }
}
