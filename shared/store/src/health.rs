//! What an operator asks: whether the stores answer, and what happened hour by hour.

use domain::health::{Happening, Hour, hour};
use domain::limits;
use jiff::{SignedDuration, Timestamp};

use crate::item::{Result, from_item, n, s, service, ttl};
use crate::{Store, keys};

impl Store {
    /// Counts what happened in this hour. Not part of any transaction: all users share the item.
    pub async fn count_happening(&self, happening: Happening, now: Timestamp) -> Result<()> {
        let hour = hour(now);
        self.db
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::hour(hour).into_map()))
            .update_expression("SET #hour = :hour, #ttl = :ttl ADD #happening :one")
            .expression_attribute_names("#hour", "hour")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_names("#happening", happening.name())
            .expression_attribute_values(":hour", s(hour.to_string()))
            .expression_attribute_values(":ttl", n(ttl(hour, SignedDuration::from_hours(24 * limits::HOURS_TTL_DAYS))))
            .expression_attribute_values(":one", n(1))
            .send()
            .await
            .map_err(service("UpdateItem"))?;
        Ok(())
    }

    /// The hours since then in which something happened, oldest first.
    pub async fn hours(&self, from: Timestamp) -> Result<Vec<Hour>> {
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk >= :from")
            .expression_attribute_values(":pk", s(keys::HOURS))
            .expression_attribute_values(":from", s(keys::hour(hour(from)).sk))
            .send()
            .await
            .map_err(service("Query"))?;
        page.items.unwrap_or_default().into_iter().map(from_item).collect()
    }

    /// Whether the table answers.
    pub async fn probe_table(&self) -> Result<()> {
        self.signup_policy().await.map(drop)
    }

    /// Whether the bucket answers.
    pub async fn probe_bucket(&self) -> Result<()> {
        let list = self.s3.list_objects_v2().bucket(&self.bucket).max_keys(1);
        list.send().await.map(drop).map_err(service("ListObjectsV2"))
    }
}
