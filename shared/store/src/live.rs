//! Pointers to the sessions that have a runner, so that the sweeper finds them
//! without knowing their owners.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use domain::{Session, SessionId, UserId};
use serde::{Deserialize, Serialize};

use crate::conditions::Condition;
use crate::item::{Error, Result, from_item, s, service, to_item};
use crate::sessions::cancelled_with;
use crate::{Store, keys};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSession {
    pub owner: UserId,
    pub session: SessionId,
}

impl Store {
    /// All sessions that have, or lately had, a runner.
    pub async fn live_sessions(&self) -> Result<Vec<LiveSession>> {
        let mut live = Vec::new();
        for shard in 0..keys::LIVE_SHARDS {
            let mut pages = self
                .db
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", s(keys::live_partition(shard)))
                .into_paginator()
                .items()
                .send();
            while let Some(item) = pages.next().await {
                live.push(from_item(item.map_err(service("Query"))?)?);
            }
        }
        Ok(live)
    }

    /// Takes a session off the sweeper's list and off the sandboxes that its owner
    /// has at once, if it has not started again since it was read as `session`.
    pub async fn forget_live(&self, session: &Session) -> Result<()> {
        let pointer = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(keys::live(session.id).into_map()))
            .condition_expression(self.condition(Condition::NotRestarted))
            .expression_attribute_values(":epoch", crate::item::n(session.epoch))
            .build()
            .map_err(Error::malformed)?;
        let count = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::at_once(session.owner).into_map()))
            .update_expression("DELETE sessions :session")
            .expression_attribute_values(":session", AttributeValue::Ss(vec![session.id.to_string()]))
            .build()
            .map_err(Error::malformed)?;
        let writes = vec![
            TransactWriteItem::builder().delete(pointer).build(),
            TransactWriteItem::builder().update(count).build(),
        ];
        match self.db.transact_write_items().set_transact_items(Some(writes)).send().await {
            Err(error) if cancelled_with(&error, "ConditionalCheckFailed") => Ok(()),
            Err(error) if cancelled_with(&error, "TransactionConflict") => Err(Error::Throttled),
            other => other.map(drop).map_err(service("TransactWriteItems")),
        }
    }

    /// How many of the owner's sessions have a sandbox, as far as the sweeper knows.
    pub async fn sandboxes(&self, owner: UserId) -> Result<usize> {
        #[derive(Deserialize)]
        struct AtOnce {
            #[serde(default)]
            sessions: BTreeSet<String>,
        }
        let at_once: Option<AtOnce> = self.get(keys::at_once(owner)).await?;
        Ok(at_once.map_or(0, |at_once| at_once.sessions.len()))
    }

    /// One more sandbox of the owner's; a new one only if they may have it.
    pub(crate) fn count_sandbox(&self, session: &Session, bounded: bool) -> Result<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::at_once(session.owner).into_map()))
            .update_expression("ADD sessions :sessions")
            .expression_attribute_values(":sessions", AttributeValue::Ss(vec![session.id.to_string()]));
        let update = match bounded {
            true => update
                .condition_expression(self.condition(Condition::SandboxAllowed))
                .expression_attribute_values(":max", crate::item::n(self.bounds.sandboxes))
                .expression_attribute_values(":session", s(session.id.to_string())),
            false => update,
        };
        Ok(TransactWriteItem::builder().update(update.build().map_err(Error::malformed)?).build())
    }

    pub(crate) fn put_live(&self, session: &Session) -> Result<TransactWriteItem> {
        let pointer = LiveSession { owner: session.owner, session: session.id };
        let mut item = to_item(keys::live(session.id), &pointer)?;
        item.insert("epoch".into(), crate::item::n(session.epoch));
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build().map_err(Error::malformed)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}
