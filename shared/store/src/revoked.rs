//! Callers that were revoked lately, whose sockets are still to be closed.

use domain::{Actor, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::conditions::Condition;
use crate::item::{Result, from_item, s, service, to_item};
use crate::{Store, keys};

/// A token or a browser that may do nothing any more from `at` on: it was revoked, or
/// expires while sockets of it are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    pub user_id: UserId,
    pub actor: Actor,
    pub at: Timestamp,
}

impl Store {
    /// Notes that the sockets of a token or a browser are to be closed when it expires,
    /// unless it was revoked before.
    pub(crate) async fn note_end(&self, user_id: UserId, actor: Actor, at: Timestamp) -> Result<()> {
        let note = to_item(keys::revoked(actor), &Revoked { user_id, actor, at })?;
        self.put_where(Condition::New, note).await.map(drop)
    }

    /// All that were revoked, or are to expire, and not yet forgotten.
    pub async fn revoked(&self) -> Result<Vec<Revoked>> {
        let mut revoked = Vec::new();
        let mut pages = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(keys::REVOKED))
            .into_paginator()
            .items()
            .send();
        while let Some(item) = pages.next().await {
            revoked.push(from_item(item.map_err(service("Query"))?)?);
        }
        Ok(revoked)
    }

    /// Whether it was revoked within the last minutes, longer than a ticket of it is good for.
    pub async fn is_revoked(&self, actor: Actor, now: Timestamp) -> Result<bool> {
        let revoked: Option<Revoked> = self.get(keys::revoked(actor)).await?;
        Ok(revoked.is_some_and(|revoked| revoked.at <= now))
    }

    /// No more sockets of it can be open.
    pub async fn forget_revoked(&self, actor: Actor) -> Result<()> {
        self.delete(keys::revoked(actor)).await
    }

    /// The open sockets of a token or a browser.
    pub async fn sockets_of(&self, owner: UserId, actor: Actor) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        let mut pages = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(keys::user_partition(owner)))
            .expression_attribute_values(":prefix", s(keys::socket_prefix(actor)))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        while let Some(item) = pages.next().await {
            let mut item = item.map_err(service("Query"))?;
            ids.extend(item.remove("id").and_then(|id| id.as_s().ok().cloned()));
        }
        Ok(ids)
    }
}
