//! A user's audit log: put where nothing stands, right behind the last record. The
//! index by time has all users' records, for administrators.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use domain::audit::{AuditRecord, ChainHead, Deed};
use domain::{UserId, limits};

use crate::conditions::Condition;
use crate::item::{Error, Item, Result, from_item, s, service, to_item};
use crate::{Store, keys};

/// A place among all users' records; as text `<milliseconds>.<user>.<number>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditPosition {
    at_ms: i64,
    user: UserId,
    seq: u64,
}

impl AuditPosition {
    fn of(record: &AuditRecord) -> Self {
        Self { at_ms: record.deed.at.as_millisecond(), user: record.deed.user_id, seq: record.seq }
    }

    fn sort(self) -> String {
        keys::audit_sort(self.at_ms, self.user, self.seq)
    }
}

impl fmt::Display for AuditPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.at_ms, self.user, self.seq)
    }
}

impl FromStr for AuditPosition {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().ok_or(());
        Ok(Self {
            at_ms: part()?.parse().map_err(|_| ())?,
            user: part()?.parse().map_err(|_| ())?,
            seq: part()?.parse().map_err(|_| ())?,
        })
    }
}

impl Store {
    /// Records what was done. Whoever is faster goes before; nothing is overwritten.
    pub async fn record(&self, deed: &Deed) -> Result<AuditRecord> {
        for _ in 0..limits::AUDIT_RETRIES_MAX {
            let head = self.audit_head(deed.user_id).await?;
            let record = head.append(deed.clone());
            let mut item = to_item(keys::audit(deed.user_id, record.seq), &record)?;
            item.insert(keys::KIND_PK.into(), s(keys::AUDIT));
            item.insert(keys::KIND_SK.into(), s(AuditPosition::of(&record).sort()));
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

    /// Records of all users, newest first, from behind `before`, and where the next page
    /// begins. The index may lag behind by a moment.
    pub async fn all_audit_records(
        &self,
        before: Option<AuditPosition>,
        limit: u32,
    ) -> Result<(Vec<AuditRecord>, Option<AuditPosition>)> {
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .index_name(keys::BY_KIND)
            .key_condition_expression("kind_pk = :pk AND kind_sk < :before")
            .expression_attribute_values(":pk", s(keys::AUDIT))
            // Behind every digit, should there be no bound.
            .expression_attribute_values(":before", s(before.map_or(":".to_owned(), AuditPosition::sort)))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(service("Query"))?;
        let more = page.last_evaluated_key.is_some();
        let places: Vec<Item> = page.items.unwrap_or_default();
        let found = self.batch_get(places.iter().map(keys::stored).map(required).collect::<Result<_>>()?).await?;
        let records = found.into_iter().map(from_item).collect::<Result<Vec<AuditRecord>>>()?;
        let mut by_sort: HashMap<String, AuditRecord> =
            records.into_iter().map(|record| (AuditPosition::of(&record).sort(), record)).collect();
        let sorts = places.iter().filter_map(|place| place.get(keys::KIND_SK)?.as_s().ok());
        // One whose user was deleted in between is gone.
        let records: Vec<AuditRecord> = sorts.filter_map(|sort| by_sort.remove(sort)).collect();
        let next = records.last().map(AuditPosition::of).filter(|_| more);
        Ok((records, next))
    }
}

fn required(key: Option<keys::Key>) -> Result<Item> {
    key.map(keys::Key::into_map).ok_or_else(|| Error::malformed("an index entry names no item"))
}
