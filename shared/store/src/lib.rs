//! DynamoDB and S3. The only place that names their SDKs.
//!
//! One method is one conditional write: success means that the condition held,
//! and a lost race is an answer of its own, never an overwrite. Every key begins
//! with its owner's id, so another tenant's id leads nowhere.

mod archive;
mod conditions;
mod connections;
mod events;
mod item;
mod kept;
mod keys;
mod live;
mod log;
mod messages;
mod runners;
mod sessions;
mod snapshots;
mod table;
mod tickets;
mod tokens;

pub use connections::{Connection, Peer, Watchers};
pub use events::{AppendError, Appended, Writer};
pub use item::{Error, Result};
pub use kept::{KeptName, KeptUpload};
pub use live::LiveSession;
pub use log::{LogReader, ReadError};
pub use messages::MessagePosition;
pub use runners::RunnerRecord;
pub use sessions::{Commit, CommitError, Committed, Created, FirstAnswer, Idempotency};
pub use snapshots::SnapshotUpload;
pub use tickets::Ticket;

/// The table and the bucket of a deployment.
#[derive(Clone)]
pub struct Store {
    db: aws_sdk_dynamodb::Client,
    table: String,
    s3: aws_sdk_s3::Client,
    bucket: String,
    /// The condition that a test has taken away.
    #[cfg(test)]
    without: Option<conditions::Condition>,
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
            #[cfg(test)]
            without: None,
        }
    }
}

#[cfg(test)]
mod tests;
