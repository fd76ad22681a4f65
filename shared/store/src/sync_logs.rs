//! `SYNC_LOGS`: the runs of an integration.

use domain::sync::Run;
use domain::{IntegrationId, SyncLogId, UserId, limits};
use jiff::SignedDuration;

use crate::item::{Result, from_item, n, to_item, ttl};
use crate::{Store, keys};

impl Store {
    /// Writes a run as it is now.
    pub async fn put_run(&self, owner: UserId, run: &Run) -> Result<()> {
        let mut item = to_item(keys::sync_log(owner, run.integration_id, run.id), run)?;
        let kept = SignedDuration::from_hours(24 * limits::SYNC_LOG_TTL_DAYS);
        item.insert("ttl".into(), n(ttl(run.started_at, kept)));
        self.put(item).await
    }

    /// The runs of an integration, newest first, from behind `after`; whether there are more.
    pub async fn runs(
        &self,
        owner: UserId,
        integration: IntegrationId,
        after: Option<SyncLogId>,
        limit: u32,
    ) -> Result<(Vec<Run>, bool)> {
        let after = after.map(|run| keys::sync_log(owner, integration, run));
        let partition = keys::integration_partition(owner, integration);
        let (items, more) = self.page_with_prefix(partition, keys::LOG_PREFIX, after, limit).await?;
        Ok((items.into_iter().map(from_item).collect::<Result<_>>()?, more))
    }

    /// Deletes every run of an integration.
    pub async fn delete_runs(&self, owner: UserId, integration: IntegrationId) -> Result<()> {
        loop {
            let (runs, more) = self.runs(owner, integration, None, limits::PAGE_MAX).await?;
            for run in &runs {
                self.delete(keys::sync_log(owner, integration, run.id)).await?;
            }
            if !more {
                return Ok(());
            }
        }
    }
}
