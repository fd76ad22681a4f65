//! Snapshots of sandboxes, put and got by presigned URL: the bytes never pass a function.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use domain::session::Snapshot;
use domain::{Epoch, Session, limits};

use crate::item::{Error, Result, service};
use crate::{Store, keys};

/// Where a runner may put a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotUpload {
    pub version: u64,
    pub url: String,
    pub headers: BTreeMap<String, String>,
}

impl Store {
    /// An address for the next snapshot of exactly `bytes` bytes.
    pub async fn snapshot_upload(&self, session: &Session, epoch: Epoch, bytes: u64) -> Result<SnapshotUpload> {
        let version = session.snapshot.as_ref().map_or(0, |snapshot| snapshot.version) + 1;
        let request = self
            .s3
            .put_object()
            .bucket(&self.bucket)
            .key(keys::snapshot_object(session.owner, session.id, epoch, version))
            .content_length(i64::try_from(bytes).map_err(Error::malformed)?)
            .presigned(presigning()?)
            .await
            .map_err(service("PutObject"))?;
        Ok(SnapshotUpload { version, headers: headers(&request), url: request.uri().to_owned() })
    }

    /// The snapshot as it lies in the bucket; `None` when it is not there in this size.
    pub async fn stored_snapshot(
        &self,
        session: &Session,
        epoch: Epoch,
        version: u64,
        bytes: u64,
        now: jiff::Timestamp,
    ) -> Result<Option<Snapshot>> {
        let key = keys::snapshot_object(session.owner, session.id, epoch, version);
        match self.s3.head_object().bucket(&self.bucket).key(&key).send().await {
            Ok(head) if head.content_length() == i64::try_from(bytes).ok() => {
                Ok(Some(Snapshot { version, key, bytes, taken_at: now }))
            }
            Ok(_) => Ok(None),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_not_found()) => Ok(None),
            Err(error) => Err(service("HeadObject")(error)),
        }
    }

    /// An address to read a snapshot from.
    pub async fn snapshot_url(&self, snapshot: &Snapshot) -> Result<String> {
        let request = self
            .s3
            .get_object()
            .bucket(&self.bucket)
            .key(&snapshot.key)
            .presigned(presigning()?)
            .await
            .map_err(service("GetObject"))?;
        Ok(request.uri().to_owned())
    }

    /// Deletes a snapshot that another one has replaced.
    pub async fn delete_snapshot(&self, snapshot: &Snapshot) -> Result<()> {
        let delete = self.s3.delete_object().bucket(&self.bucket).key(&snapshot.key);
        delete.send().await.map(drop).map_err(service("DeleteObject"))
    }
}

pub(crate) fn presigning() -> Result<PresigningConfig> {
    PresigningConfig::expires_in(Duration::from_secs(limits::SNAPSHOT_URL_SECONDS)).map_err(Error::malformed)
}

pub(crate) fn headers(request: &PresignedRequest) -> BTreeMap<String, String> {
    request.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
