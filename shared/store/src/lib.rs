//! DynamoDB and S3. The only place that names their SDKs.
//!
//! One method is one conditional write: success means that the condition held,
//! and a lost race is an answer of its own, never an overwrite. Every key begins
//! with its owner's id, so another tenant's id leads nowhere.

mod actions;
mod archive;
mod audit;
mod callers;
mod conditions;
mod connections;
mod contents;
mod credentials;
mod cursors;
mod due;
mod entities;
mod erasures;
mod events;
mod exports;
mod files;
mod health;
mod hooks;
mod idempotency;
mod integrations;
mod item;
mod kept;
mod keys;
mod live;
mod log;
mod messages;
mod oauth;
mod objects;
mod quotas;
mod rates;
mod revoked;
mod runners;
mod search;
mod sessions;
mod signins;
mod snapshots;
mod sync_logs;
mod table;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tickets;
mod usage;
mod users;
mod workspaces;

use domain::limits;

pub use actions::ActionRecord;
pub use audit::AuditPosition;
pub use connections::{Connection, Peer, Watchers};
pub use contents::{Content, Download, NotCompleted, PartUpload};
pub use credentials::SealedCredentials;
pub use cursors::PlannedResource;
pub use due::DueIntegration;
pub use entities::{EntityFilter, EntityPosition};
pub use erasures::TablePlace;
pub use events::{AppendError, Appended, Writer};
pub use exports::{ObjectReader, ObjectWriter, StoredObject};
pub use files::{Begun, FileFilter};
pub use hooks::HookTarget;
pub use idempotency::{Created, Idempotency};
pub use item::{Error, Result};
pub use kept::{KeptName, KeptUpload};
pub use live::LiveSession;
pub use log::{LogReader, ReadError};
pub use messages::MessagePosition;
pub use oauth::PendingOauth;
pub use rates::Taken;
pub use revoked::Revoked;
pub use runners::RunnerRecord;
pub use sessions::{Commit, CommitError, Committed, FirstAnswer};
pub use snapshots::SnapshotUpload;
pub use tickets::Ticket;

/// The table and the bucket of a deployment.
#[derive(Clone)]
pub struct Store {
    db: aws_sdk_dynamodb::Client,
    table: String,
    s3: aws_sdk_s3::Client,
    bucket: String,
    segments: search::SegmentCache,
    bounds: Bounds,
    /// The condition that a test has taken away.
    #[cfg(test)]
    without: Option<conditions::Condition>,
}

/// What a user may have at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub sandboxes: u32,
    /// Bytes of files, uploads included.
    pub storage_bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            sandboxes: limits::SANDBOXES_AT_ONCE.default,
            storage_bytes: u64::from(limits::STORAGE_GIB.default) << 30,
        }
    }
}

impl Store {
    pub fn new(
        db: aws_sdk_dynamodb::Client,
        table: impl Into<String>,
        s3: aws_sdk_s3::Client,
        bucket: impl Into<String>,
    ) -> Self {
        Self {
            db,
            table: table.into(),
            s3,
            bucket: bucket.into(),
            segments: search::SegmentCache::default(),
            bounds: Bounds::default(),
            #[cfg(test)]
            without: None,
        }
    }

    /// The same store with other bounds.
    #[must_use]
    pub fn with_bounds(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }
}

#[cfg(test)]
mod tests;
