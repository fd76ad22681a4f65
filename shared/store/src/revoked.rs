//! Callers that were revoked lately, whose sockets are still to be closed.

use domain::{Actor, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{Result, from_item, s, service};
use crate::{Store, keys};

/// A token or a browser that may do nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    pub user_id: UserId,
    pub actor: Actor,
    pub at: Timestamp,
}

impl Store {
    /// All that were revoked and not yet forgotten.
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
    pub async fn is_revoked(&self, actor: Actor) -> Result<bool> {
        let revoked: Option<Revoked> = self.get(keys::revoked(actor)).await?;
        Ok(revoked.is_some())
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
