//! Actions at services. Each is noted before it is begun, and what came of it after, so that
//! whoever asks for the very same again is known.

use domain::UserId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::idempotency::REMEMBERED;
use crate::item::{Error, Result, n, to_item, ttl};
use crate::{Store, keys};

/// An action that was begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionRecord {
    pub begun_at: Timestamp,
    /// What the service said; `None` while it is not known.
    pub outcome: Option<Value>,
}

impl Store {
    /// The action that was begun under this key, while it is remembered.
    pub async fn action(&self, owner: UserId, key: &str, now: Timestamp) -> Result<Option<ActionRecord>> {
        let record: Option<ActionRecord> = self.get(keys::action(owner, key)).await?;
        // TTL deletes late.
        Ok(record.filter(|record| record.begun_at + REMEMBERED >= now))
    }

    /// Notes that an action begins, if none did under this key; else the one that did.
    pub async fn begin_action(&self, owner: UserId, key: &str, now: Timestamp) -> Result<Option<ActionRecord>> {
        let new = ActionRecord { begun_at: now, outcome: None };
        match self.transact(vec![self.put_record(to_item(keys::action(owner, key), &new)?, now)?]).await? {
            true => Ok(None),
            // None: it was forgotten just now.
            false => self.action(owner, key, now).await?.map(Some).ok_or(Error::Throttled),
        }
    }

    /// Notes what came of an action. Only who began it knows.
    pub async fn end_action(&self, owner: UserId, key: &str, done: &ActionRecord) -> Result<()> {
        let mut item = to_item(keys::action(owner, key), done)?;
        item.insert("ttl".into(), n(ttl(done.begun_at, REMEMBERED)));
        self.put(item).await
    }

    /// Forgets an action that the service refused.
    pub async fn forget_action(&self, owner: UserId, key: &str) -> Result<()> {
        self.delete(keys::action(owner, key)).await
    }
}
