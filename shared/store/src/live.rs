//! Pointers to the sessions that have a runner, so that the sweeper finds them
//! without knowing their owners.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::{Session, SessionId, UserId};
use serde::{Deserialize, Serialize};

use crate::conditions::Condition;
use crate::item::{Error, Result, from_item, s, service, to_item};
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

    /// Takes a session off the sweeper's list, if it has not started again since
    /// it was read as `session`.
    pub async fn forget_live(&self, session: &Session) -> Result<()> {
        let deleted = self
            .db
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(keys::live(session.id).into_map()))
            .condition_expression(self.condition(Condition::NotRestarted))
            .expression_attribute_values(":epoch", crate::item::n(session.epoch))
            .send()
            .await;
        match deleted {
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            other => other.map(drop).map_err(service("DeleteItem")),
        }
    }

    pub(crate) fn put_live(&self, session: &Session) -> Result<TransactWriteItem> {
        let pointer = LiveSession { owner: session.owner, session: session.id };
        let mut item = to_item(keys::live(session.id), &pointer)?;
        item.insert("epoch".into(), crate::item::n(session.epoch));
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build().map_err(Error::malformed)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}
