//! Pointers by which the schedule finds what it has to look after.

use domain::{IntegrationId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::conditions::Condition;
use crate::item::{Result, from_item, n, to_item};
use crate::{Store, keys};

/// When an integration is to be looked after next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueIntegration {
    pub owner: UserId,
    pub integration_id: IntegrationId,
    due_ms: i64,
}

impl DueIntegration {
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due_ms <= now.as_millisecond()
    }
}

impl Store {
    /// Has the schedule look after an integration from then on.
    pub async fn put_due(&self, owner: UserId, integration_id: IntegrationId, at: Timestamp) -> Result<()> {
        let due = DueIntegration { owner, integration_id, due_ms: at.as_millisecond() };
        self.put(to_item(keys::due(integration_id), &due)?).await
    }

    /// All integrations that the schedule looks after.
    pub async fn due_integrations(&self) -> Result<Vec<DueIntegration>> {
        let mut all = Vec::new();
        for shard in 0..keys::DUE_SHARDS {
            let items = self.all_with_prefix(keys::due_partition(shard), "int_").await?;
            for item in items {
                all.push(from_item(item)?);
            }
        }
        Ok(all)
    }

    pub async fn due_integration(&self, integration: IntegrationId) -> Result<Option<DueIntegration>> {
        self.get(keys::due(integration)).await
    }

    /// Moves the next look, unless somebody has moved it since it was read.
    pub async fn move_due(&self, read: &DueIntegration, at: Timestamp) -> Result<()> {
        let values = [(":read", n(read.due_ms)), (":due", n(at.as_millisecond()))];
        let key = keys::due(read.integration_id);
        self.update_if(key, "SET due_ms = :due", Condition::DueUnchanged, &values).await.map(drop)
    }

    /// Has an integration looked after at that time, unless it will be earlier.
    pub async fn hasten_due(&self, integration: IntegrationId, at: Timestamp) -> Result<()> {
        let values = [(":due", n(at.as_millisecond()))];
        let key = keys::due(integration);
        self.update_if(key, "SET due_ms = :due", Condition::DueLater, &values).await.map(drop)
    }
}
