//! A user's audit log: put where nothing stands, right behind the last record.

use domain::audit::{AuditRecord, ChainHead, Deed};
use domain::{UserId, limits};

use crate::conditions::Condition;
use crate::item::{Error, Result, from_item, s, service, to_item};
use crate::{Store, keys};

impl Store {
    /// Records what was done. Whoever is faster goes before; nothing is overwritten.
    pub async fn record(&self, deed: &Deed) -> Result<AuditRecord> {
        for _ in 0..limits::AUDIT_RETRIES_MAX {
            let head = self.audit_head(deed.user_id).await?;
            let record = head.append(deed.clone());
            let item = to_item(keys::audit(deed.user_id, record.seq), &record)?;
            if self.put_where(Condition::BehindLastRecord, item).await? {
                return Ok(record);
            }
        }
        Err(Error::Throttled)
    }

    /// The end of the user's chain.
    pub async fn audit_head(&self, owner: UserId) -> Result<ChainHead> {
        let last = self.audit_records(owner, None, true, 1).await?;
        Ok(last.first().map(AuditRecord::head).unwrap_or_default())
    }

    /// Records from behind `after`, oldest or newest first; fewer than `limit`
    /// at the end, or when they are large.
    pub async fn audit_records(
        &self,
        owner: UserId,
        after: Option<u64>,
        newest_first: bool,
        limit: u32,
    ) -> Result<Vec<AuditRecord>> {
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(keys::audit_partition(owner)))
            .set_exclusive_start_key(after.map(|seq| keys::audit(owner, seq).into_map()))
            .scan_index_forward(!newest_first)
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(service("Query"))?;
        page.items.unwrap_or_default().into_iter().map(from_item).collect()
    }
}
