//! Deletes all that a user has, whoever wrote it: by what an item says of its
//! owner, not by a list of keys, so that nothing new is forgotten.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use domain::account::{Erasure, ErasureReceipt};
use domain::{UserId, limits};
use sha2::{Digest, Sha256};

use crate::item::{Error, Item, Result, from_item, s, service, to_item};
use crate::{Store, keys};

/// A place in the table; `None` is its beginning, and behind its end.
pub type TablePlace = Option<(String, String)>;

impl Store {
    /// Notes that an account is to be deleted, if that is not noted yet.
    pub async fn begin_erasure(&self, erasure: &Erasure) -> Result<()> {
        self.put_new(to_item(keys::erasure(erasure.user), erasure)?).await.map(drop)
    }

    /// Notes how far the deletion has come.
    pub async fn put_erasure(&self, erasure: &Erasure) -> Result<()> {
        self.put(to_item(keys::erasure(erasure.user), erasure)?).await
    }

    pub async fn erasure(&self, user: UserId) -> Result<Option<Erasure>> {
        self.get(keys::erasure(user)).await
    }

    /// The accounts that are being deleted.
    pub async fn erasures(&self) -> Result<Vec<Erasure>> {
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(keys::ERASURES))
            .consistent_read(true)
            .send()
            .await
            .map_err(service("Query"))?;
        page.items.unwrap_or_default().into_iter().map(from_item).collect()
    }

    /// Leaves the receipt and forgets the deletion itself, and with it the user's id.
    pub async fn finish_erasure(&self, user: UserId, receipt: &ErasureReceipt) -> Result<()> {
        let fingerprint = hex::encode(Sha256::digest(user.to_string()));
        self.put(to_item(keys::erased(&fingerprint), receipt)?).await?;
        self.delete(keys::erasure(user)).await
    }

    /// Deletes the user's items on one page of the table; how many, and where the
    /// next page begins.
    pub async fn erase_items(&self, user: UserId, after: TablePlace) -> Result<(u64, TablePlace)> {
        let page = self
            .db
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .set_exclusive_start_key(after.map(|(pk, sk)| keys::Key { pk, sk }.into_map()))
            .send()
            .await
            .map_err(service("Scan"))?;
        let theirs: Vec<Item> = page.items.unwrap_or_default().into_iter().filter(|item| belongs(item, user)).collect();
        for items in theirs.chunks(DELETES_MAX) {
            self.delete_items(items).await?;
        }
        let next = page.last_evaluated_key.as_ref().map(place).transpose()?;
        Ok((theirs.len() as u64, next))
    }

    async fn delete_items(&self, items: &[Item]) -> Result<()> {
        let mut requests = Vec::new();
        for item in items {
            let (pk, sk) = place(item)?;
            let delete = DeleteRequest::builder().set_key(Some(keys::Key { pk, sk }.into_map())).build();
            requests.push(WriteRequest::builder().delete_request(delete.map_err(Error::malformed)?).build());
        }
        let mut left = HashMap::from([(self.table.clone(), requests)]);
        for _ in 0..limits::RACE_RETRIES_MAX {
            let written = self.db.batch_write_item().set_request_items(Some(left)).send().await;
            left = written.map_err(service("BatchWriteItem"))?.unprocessed_items.unwrap_or_default();
            if left.values().all(Vec::is_empty) {
                return Ok(());
            }
        }
        Err(Error::Throttled)
    }

    /// Deletes up to a thousand of the user's objects; how many, and whether there are more.
    pub async fn erase_objects(&self, user: UserId) -> Result<(u64, bool)> {
        let prefix = keys::objects(user);
        let page = self.s3.list_objects_v2().bucket(&self.bucket).prefix(&prefix).send().await;
        let page = page.map_err(service("ListObjectsV2"))?;
        let keys = page.contents().iter().filter_map(|object| object.key());
        let objects: Vec<ObjectIdentifier> = keys
            .map(|key| ObjectIdentifier::builder().key(key).build().map_err(Error::malformed))
            .collect::<Result<_>>()?;
        let count = objects.len() as u64;
        if !objects.is_empty() {
            let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(Error::malformed)?;
            let deleted = self.s3.delete_objects().bucket(&self.bucket).delete(delete).send().await;
            if let Some(error) = deleted.map_err(service("DeleteObjects"))?.errors().first() {
                return Err(Error::malformed(format!("an object stays: {}", error.code().unwrap_or_default())));
            }
        }
        Ok((count, page.is_truncated().unwrap_or(false)))
    }
}

/// Deletes of one request, as DynamoDB bounds them.
const DELETES_MAX: usize = 25;

/// Whether an item is the user's: it lies in a partition of theirs, or it is a
/// pointer that leads to them. What lies in another user's partition never is, nor
/// what the deployment has settled: who its first administrator was.
fn belongs(item: &Item, user: UserId) -> bool {
    let Ok((pk, sk)) = place(item) else { return false };
    let own = keys::user_partition(user);
    if pk == own || pk.strip_prefix(&own).is_some_and(|rest| rest.starts_with('#')) {
        return true;
    }
    if pk.starts_with(keys::USER_PREFIX) || pk == keys::ERASURES || pk == keys::DEPLOYMENT {
        return false;
    }
    let id = user.to_string();
    pk.contains(&id) || sk.contains(&id) || names_owner(item, &id)
}

/// Whether the item says whose it is, itself or in a part of it.
fn names_owner(item: &Item, id: &str) -> bool {
    item.iter().any(|(name, value)| match value {
        AttributeValue::S(text) => matches!(name.as_str(), "owner" | "user_id") && text == id,
        AttributeValue::M(part) => names_owner(part, id),
        _ => false,
    })
}

pub(crate) fn place(item: &Item) -> Result<(String, String)> {
    let text = |name| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    text("pk").zip(text("sk")).ok_or_else(|| Error::malformed("an item without a key"))
}
