//! The runner of an epoch: its task and its last sign of life.

use domain::{Epoch, SessionId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{Result, s, service};
use crate::{Store, keys};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerRecord {
    /// The task, once it was started.
    pub task_arn: Option<String>,
    pub heartbeat_at: Option<Timestamp>,
}

impl Store {
    pub async fn runner(&self, owner: UserId, session: SessionId, epoch: Epoch) -> Result<RunnerRecord> {
        Ok(self.get(keys::runner(owner, session, epoch)).await?.unwrap_or_default())
    }

    /// Notes the task that was started for an epoch.
    pub async fn task_started(&self, owner: UserId, session: SessionId, epoch: Epoch, task_arn: &str) -> Result<()> {
        self.set_runner(owner, session, epoch, "task_arn", task_arn).await
    }

    /// Notes a sign of life.
    pub async fn heartbeat(&self, owner: UserId, session: SessionId, epoch: Epoch, now: Timestamp) -> Result<()> {
        self.set_runner(owner, session, epoch, "heartbeat_at", &now.to_string()).await
    }

    async fn set_runner(
        &self,
        owner: UserId,
        session: SessionId,
        epoch: Epoch,
        attribute: &str,
        value: &str,
    ) -> Result<()> {
        self.db
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::runner(owner, session, epoch).into_map()))
            .update_expression("SET #attribute = :value")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":value", s(value))
            .send()
            .await
            .map_err(service("UpdateItem"))?;
        Ok(())
    }
}
