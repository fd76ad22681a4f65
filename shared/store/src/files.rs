//! Files: one item each, counted against their owner's quota from the moment they
//! are begun until the moment they are gone, by the same transactions.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};
use domain::file::{FileStatus, FileUsage};
use domain::{File, FileId, UserId, limits};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::conditions::Condition;
use crate::item::{Error, Result, from_item, n, s, service, to_item};
use crate::{Created, Idempotency, Store, keys};

/// What became of a request to begin a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    New,
    /// The same request was made before, and began this file.
    Before(FileId),
    /// Another request was made under the same key.
    Conflict,
    /// The user has no room for it.
    OverQuota,
}

/// Which of a user's files are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFilter {
    pub status: FileStatus,
    /// What the name begins with.
    pub prefix: Option<String>,
}

/// Whose file the sweeper is to look at.
#[derive(Debug, Serialize, Deserialize)]
struct DueFile {
    owner: UserId,
    file: FileId,
}

/// Entries of the list that are read at once when a prefix leaves most of them out.
const LOOK_AT_ONCE: usize = 1_000;
/// Files that one sweep takes on; the next one goes on from there.
const SWEEP_AT_ONCE: i32 = 200;

impl Store {
    /// Puts a file on its owner's list and counts it, if there is room; with
    /// `request`, only if that was not made before.
    pub async fn begin_file(&self, file: &File, request: Option<&Idempotency>, now: Timestamp) -> Result<Begun> {
        let new = Put::builder()
            .table_name(&self.table)
            .set_item(Some(to_item(keys::file(file.owner, file.id), file)?))
            .condition_expression(self.condition(Condition::New))
            .build()
            .map_err(Error::malformed)?;
        let mut writes = vec![TransactWriteItem::builder().put(new).build(), self.count_in(file)?];
        writes.extend(self.due_put(file)?);
        if let Some(request) = request {
            writes.push(self.put_creation(file.owner, request, file.id, now)?);
        }
        for _ in 0..limits::RACE_RETRIES_MAX {
            let sent = self.db.transact_write_items().set_transact_items(Some(writes.clone())).send().await;
            let Err(error) = sent else { return Ok(Begun::New) };
            let failed = failed_conditions(error)?;
            // The record comes last, the count second; a repeat is one even when there is no room by now.
            if let Some(request) = request
                && failed.last() == Some(&true)
            {
                return Ok(match self.created_before(file.owner, request).await? {
                    Created::Before(id) => Begun::Before(id),
                    Created::New | Created::Conflict => Begun::Conflict,
                });
            }
            if failed.get(1) == Some(&true) {
                return Ok(Begun::OverQuota);
            }
            if failed.first() == Some(&true) {
                return Err(Error::malformed("a new file's id is taken"));
            }
            // Another write of this user was faster.
        }
        Err(Error::Throttled)
    }

    /// The owner's file of this id, unless it is on its way out.
    pub async fn file(&self, owner: UserId, id: FileId) -> Result<Option<File>> {
        let file: Option<File> = self.get(keys::file(owner, id)).await?;
        Ok(file.filter(|file| file.status != FileStatus::Deleting))
    }

    /// What the owner has stored.
    pub async fn file_usage(&self, owner: UserId) -> Result<FileUsage> {
        Ok(self.get(keys::file_usage(owner)).await?.unwrap_or_default())
    }

    /// The owner's files that `filter` wants, newest first, from behind `after`, and
    /// where the next page begins. A page may be short of `limit` although there are
    /// more, when few of those looked at were wanted.
    pub async fn files(
        &self,
        owner: UserId,
        filter: &FileFilter,
        after: Option<FileId>,
        limit: u32,
    ) -> Result<(Vec<File>, Option<FileId>)> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let at_once = if filter.prefix.is_some() { LOOK_AT_ONCE } else { limit + 1 };
        let mut files: Vec<File> = Vec::new();
        let mut from = after.map(|id| keys::file(owner, id).into_map());
        let mut looked_at = 0;
        loop {
            let condition = match filter.prefix {
                Some(_) => "#status = :status AND begins_with(#name, :prefix)",
                None => "#status = :status",
            };
            let mut query = self
                .db
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND begins_with(sk, :files)")
                .filter_expression(condition)
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":pk", s(keys::user_partition(owner)))
                .expression_attribute_values(":files", s(keys::FILE_PREFIX))
                .expression_attribute_values(":status", status(filter.status)?)
                .set_exclusive_start_key(from)
                .scan_index_forward(false)
                .consistent_read(true)
                .limit(i32::try_from(at_once).unwrap_or(i32::MAX));
            if let Some(prefix) = &filter.prefix {
                query =
                    query.expression_attribute_names("#name", "name").expression_attribute_values(":prefix", s(prefix));
            }
            let page = query.send().await.map_err(service("Query"))?;
            looked_at += usize::try_from(page.scanned_count).unwrap_or_default();
            for item in page.items.unwrap_or_default() {
                files.push(from_item(item)?);
            }
            if files.len() > limit {
                files.truncate(limit);
                let next = files.last().map(|file| file.id);
                return Ok((files, next));
            }
            from = page.last_evaluated_key;
            let Some(key) = &from else { return Ok((files, None)) };
            if looked_at >= limits::FILES_LOOKED_AT_MAX {
                let id = key.get("sk").and_then(|sk| sk.as_s().ok()).and_then(|sk| sk.strip_prefix(keys::FILE_PREFIX));
                let next = id.and_then(|id| id.parse().ok());
                return Ok((files, Some(next.ok_or_else(|| Error::malformed("a file's key without its id"))?)));
            }
        }
    }

    /// Says that the content of a pending file is in the bucket; whether the file was
    /// still pending.
    pub async fn finish_file(&self, pending: &File) -> Result<bool> {
        let mut writes = vec![self.move_file(&pending.ready(), FileStatus::Pending, Condition::FilePending)?];
        writes.extend(self.due_delete(pending)?);
        self.write_file(writes).await
    }

    /// Takes a file off its owner's list; its content is removed afterwards, and the
    /// sweeper does so if nobody else does. Whether the file was still as it was read.
    pub async fn doom_file(&self, file: &File, deleting: &File) -> Result<bool> {
        let mut writes = vec![self.move_file(deleting, file.status, Condition::FileAsRead)?];
        if keys::due_file(file) != keys::due_file(deleting) {
            writes.extend(self.due_delete(file)?);
        }
        writes.extend(self.due_put(deleting)?);
        self.write_file(writes).await
    }

    /// Forgets a file whose content is gone and gives its room back, once.
    pub async fn forget_file(&self, deleting: &File) -> Result<()> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(keys::file(deleting.owner, deleting.id).into_map()))
            .condition_expression(self.condition(Condition::FileDeleting))
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":before", status(FileStatus::Deleting)?)
            .build()
            .map_err(Error::malformed)?;
        let mut writes = vec![TransactWriteItem::builder().delete(delete).build(), self.count_out(deleting)?];
        writes.extend(self.due_delete(deleting)?);
        self.write_file(writes).await.map(drop)
    }

    /// Files that the sweeper is to look at by now, with those on their way out.
    pub async fn due_files(&self, now: Timestamp) -> Result<Vec<File>> {
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk < :now")
            .expression_attribute_values(":pk", s(keys::DUE_FILES))
            .expression_attribute_values(":now", s(format!("{:012}$", now.as_second())))
            .limit(SWEEP_AT_ONCE)
            .send()
            .await
            .map_err(service("Query"))?;
        let mut files = Vec::new();
        for item in page.items.unwrap_or_default() {
            let due = keys::stored(&item);
            let DueFile { owner, file } = from_item(item)?;
            match (self.get::<File>(keys::file(owner, file)).await?, due) {
                (Some(file), _) => files.push(file),
                // Its owner's account was deleted, and the file with it.
                (None, Some(due)) => self.delete(due).await?,
                (None, None) => {}
            }
        }
        Ok(files)
    }

    /// Writes all of it or nothing; whether the conditions held. A conflict with
    /// another transaction is tried again.
    async fn write_file(&self, writes: Vec<TransactWriteItem>) -> Result<bool> {
        for _ in 0..limits::RACE_RETRIES_MAX {
            let sent = self.db.transact_write_items().set_transact_items(Some(writes.clone())).send().await;
            let Err(error) = sent else { return Ok(true) };
            if failed_conditions(error)?.contains(&true) {
                return Ok(false);
            }
        }
        Err(Error::Throttled)
    }

    fn move_file(&self, to: &File, from: FileStatus, condition: Condition) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(to_item(keys::file(to.owner, to.id), to)?))
            .condition_expression(self.condition(condition))
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":before", status(from)?)
            .build()
            .map_err(Error::malformed)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn count_in(&self, file: &File) -> Result<TransactWriteItem> {
        let room = self.bounds.storage_bytes.saturating_sub(file.size);
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::file_usage(file.owner).into_map()))
            .update_expression("ADD #bytes :size, #files :one")
            .condition_expression(self.condition(Condition::RoomForFile))
            .expression_attribute_names("#bytes", "bytes")
            .expression_attribute_names("#files", "files")
            .expression_attribute_values(":size", n(file.size))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":room", n(room))
            .expression_attribute_values(":files_max", n(limits::FILES_MAX))
            .build()
            .map_err(Error::malformed)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn count_out(&self, file: &File) -> Result<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::file_usage(file.owner).into_map()))
            .update_expression("ADD #bytes :size, #files :one")
            .expression_attribute_names("#bytes", "bytes")
            .expression_attribute_names("#files", "files")
            .expression_attribute_values(":size", n(format!("-{}", file.size)))
            .expression_attribute_values(":one", n(-1))
            .build()
            .map_err(Error::malformed)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn due_put(&self, file: &File) -> Result<Option<TransactWriteItem>> {
        let Some(key) = keys::due_file(file) else { return Ok(None) };
        let item = to_item(key, &DueFile { owner: file.owner, file: file.id })?;
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build().map_err(Error::malformed)?;
        Ok(Some(TransactWriteItem::builder().put(put).build()))
    }

    fn due_delete(&self, file: &File) -> Result<Option<TransactWriteItem>> {
        let Some(key) = keys::due_file(file) else { return Ok(None) };
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key.into_map()))
            .build()
            .map_err(Error::malformed)?;
        Ok(Some(TransactWriteItem::builder().delete(delete).build()))
    }
}

fn status(status: FileStatus) -> Result<aws_sdk_dynamodb::types::AttributeValue> {
    serde_dynamo::to_attribute_value(status).map_err(Error::malformed)
}

/// Which of a transaction's conditions did not hold; all false when it met another.
fn failed_conditions<R>(error: SdkError<TransactWriteItemsError, R>) -> Result<Vec<bool>>
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return Err(service("TransactWriteItems")(error));
    };
    let codes: Vec<&str> =
        cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or("None")).collect();
    if codes.iter().any(|code| matches!(*code, "ThrottlingError" | "ProvisionedThroughputExceeded")) {
        return Err(Error::Throttled);
    }
    if codes.iter().all(|code| matches!(*code, "None" | "ConditionalCheckFailed" | "TransactionConflict")) {
        return Ok(codes.iter().map(|code| *code == "ConditionalCheckFailed").collect());
    }
    Err(service("TransactWriteItems")(error))
}
