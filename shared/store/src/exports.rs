//! Copies of all that a user has: which there are, and what goes into them.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use domain::account::Export;
use domain::{ExportId, UserId, limits};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::erasures::{TablePlace, place};
use crate::item::{Error, Item, Result, from_item, n, s, service, to_item, ttl};
use crate::objects::{found, length};
use crate::snapshots::presigning;
use crate::{Store, keys};

/// An object of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Its name without the user's id.
    pub name: String,
    pub(crate) key: String,
}

/// What an item says that is of no use to its user, or not theirs to have.
const INTERNAL_FIELDS: [&str; 5] = ["pk", "sk", "ttl", "hash", "sealed"];
/// Items that hold the service's own notes, or what opens something.
const INTERNAL_ITEMS: [&str; 14] = [
    "ACTION#",
    "AT-ONCE",
    "CMD#",
    "CONN#",
    "CREDENTIALS",
    "CURSOR#",
    "EVT#",
    "EXPORT#",
    "IDEM#",
    "LEASE",
    "QUOTA",
    "RATE#",
    "RUN#",
    "SEARCH",
];

impl Store {
    /// Notes an export; it is forgotten with its archive.
    pub async fn put_export(&self, export: &Export, now: Timestamp) -> Result<()> {
        let mut item = to_item(keys::export(export.owner, export.id), export)?;
        item.insert("ttl".into(), n(ttl(now, SignedDuration::from_hours(limits::EXPORT_HOURS))));
        self.put(item).await
    }

    pub async fn export(&self, owner: UserId, id: ExportId) -> Result<Option<Export>> {
        self.get(keys::export(owner, id)).await
    }

    /// The user's exports, oldest first.
    pub async fn exports(&self, owner: UserId) -> Result<Vec<Export>> {
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(keys::user_partition(owner)))
            .expression_attribute_values(":prefix", s(keys::EXPORT_PREFIX))
            .consistent_read(true)
            .send()
            .await
            .map_err(service("Query"))?;
        page.items.unwrap_or_default().into_iter().map(from_item).collect()
    }

    /// Forgets an export and its archive.
    pub async fn delete_export(&self, export: &Export) -> Result<()> {
        let key = keys::export_object(export.owner, export.id);
        let delete = self.s3.delete_object().bucket(&self.bucket).key(key);
        delete.send().await.map_err(service("DeleteObject"))?;
        self.delete(keys::export(export.owner, export.id)).await
    }

    /// An address to read an archive from.
    pub async fn export_url(&self, object: &str) -> Result<String> {
        let request = self.s3.get_object().bucket(&self.bucket).key(object).presigned(presigning()?).await;
        Ok(request.map_err(service("GetObject"))?.uri().to_owned())
    }

    /// What the user's partition `below` (theirs itself when empty) says, as JSON,
    /// by sort key.
    pub async fn owned_items(
        &self,
        owner: UserId,
        below: &str,
        after: TablePlace,
    ) -> Result<(Vec<(String, Value)>, TablePlace)> {
        let own = keys::user_partition(owner);
        let partition = if below.is_empty() { own } else { format!("{own}#{below}") };
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(partition))
            .set_exclusive_start_key(after.map(|(pk, sk)| keys::Key { pk, sk }.into_map()))
            .send()
            .await
            .map_err(service("Query"))?;
        let next = page.last_evaluated_key.as_ref().map(place).transpose()?;
        let items = page.items.unwrap_or_default().into_iter();
        Ok((items.filter_map(told).collect::<Result<_>>()?, next))
    }

    /// The user's objects from behind `after`, and whether there are more.
    pub async fn objects(&self, owner: UserId, after: Option<&StoredObject>) -> Result<(Vec<StoredObject>, bool)> {
        let prefix = keys::objects(owner);
        let page = self
            .s3
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(&prefix)
            .set_start_after(after.map(|object| object.key.clone()))
            .send()
            .await
            .map_err(service("ListObjectsV2"))?;
        let object = |object: &aws_sdk_s3::types::Object| {
            let key = object.key()?.to_owned();
            let name = key.strip_prefix(&prefix)?.to_owned();
            Some(StoredObject { name, key })
        };
        Ok((page.contents().iter().filter_map(object).collect(), page.is_truncated().unwrap_or(false)))
    }

    /// Begins to read an object; `None` if it was deleted since it was listed.
    pub async fn open(&self, object: &StoredObject) -> Result<Option<ObjectReader>> {
        let asked = self.s3.get_object().bucket(&self.bucket).key(&object.key);
        let Some(opened) = found(asked).await? else { return Ok(None) };
        Ok(Some(ObjectReader { bytes: length(&opened)?, body: opened.body }))
    }

    /// Begins to write the archive of an export.
    pub fn write_export(&self, export: &Export) -> ObjectWriter {
        let key = keys::export_object(export.owner, export.id);
        ObjectWriter { store: self.clone(), key, upload: None, parts: Vec::new(), buffer: Vec::new(), bytes: 0 }
    }
}

/// An object on its way out of the bucket.
pub struct ObjectReader {
    /// Of what is read here: the list may tell of one that was replaced since.
    pub bytes: u64,
    body: aws_sdk_s3::primitives::ByteStream,
}

impl ObjectReader {
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        self.body.next().await.transpose().map_err(Error::malformed)
    }
}

/// An object on its way into the bucket, a part in memory at a time.
pub struct ObjectWriter {
    store: Store,
    key: String,
    upload: Option<String>,
    parts: Vec<CompletedPart>,
    buffer: Vec<u8>,
    bytes: u64,
}

impl ObjectWriter {
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= limits::EXPORT_PART_BYTES { self.send_part().await } else { Ok(()) }
    }

    /// Completes the object; its name and size.
    pub async fn finish(mut self) -> Result<(String, u64)> {
        if self.upload.is_none() {
            let body = std::mem::take(&mut self.buffer);
            let put = self.store.s3.put_object().bucket(&self.store.bucket).key(&self.key).body(body.into());
            put.send().await.map_err(service("PutObject"))?;
            return Ok((self.key, self.bytes));
        }
        self.send_part().await?;
        let parts = CompletedMultipartUpload::builder().set_parts(Some(std::mem::take(&mut self.parts))).build();
        let complete = self.store.s3.complete_multipart_upload().bucket(&self.store.bucket).key(&self.key);
        complete
            .set_upload_id(self.upload)
            .multipart_upload(parts)
            .send()
            .await
            .map_err(service("CompleteMultipartUpload"))?;
        Ok((self.key, self.bytes))
    }

    async fn send_part(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let (s3, bucket, key) = (&self.store.s3, &self.store.bucket, &self.key);
        if self.upload.is_none() {
            let created = s3.create_multipart_upload().bucket(bucket).key(key).send().await;
            self.upload = created.map_err(service("CreateMultipartUpload"))?.upload_id;
        }
        let number = i32::try_from(self.parts.len() + 1).map_err(Error::malformed)?;
        let body = std::mem::take(&mut self.buffer);
        let part = s3.upload_part().bucket(bucket).key(key).part_number(number).body(body.into());
        let sent = part.set_upload_id(self.upload.clone()).send().await.map_err(service("UploadPart"))?;
        self.parts.push(CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build());
        Ok(())
    }
}

/// What an item tells its user, if anything.
fn told(mut item: Item) -> Option<Result<(String, Value)>> {
    let (_, sort) = place(&item).ok()?;
    if INTERNAL_ITEMS.iter().any(|internal| sort.starts_with(internal)) {
        return None;
    }
    item.retain(|name, value| !INTERNAL_FIELDS.contains(&name.as_str()) && !matches!(value, AttributeValue::B(_)));
    Some(from_item(item).map(|value| (sort, value)))
}
