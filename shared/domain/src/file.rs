//! A user's files: what they are called, how their content is checked, and how
//! far they are on their way in or out.

mod checksum;
mod content_type;
mod name;
mod parts;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{FileId, UserId, limits};

pub use checksum::{Checksum, InvalidChecksum};
pub use content_type::{ContentType, InvalidContentType};
pub use name::{FileName, InvalidName};
pub use parts::{Incomplete, PartRange, StoredPart, part_count, part_range, whole};

/// A file of a user. Its content lies in the bucket under its id, never under its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub owner: UserId,
    pub id: FileId,
    pub name: FileName,
    /// Bytes.
    pub size: u64,
    pub content_type: ContentType,
    /// What the content was, or is to be, checked against.
    pub checksum: Checksum,
    pub status: FileStatus,
    /// The bucket's name of an upload in parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<String>,
    pub created_at: Timestamp,
    /// When the sweeper looks at it: an upload that is abandoned by then goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// How far a file is. It counts against the quota from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// Its content is on its way.
    Pending,
    /// Its content is in the bucket, whole and checked.
    Ready,
    /// It is being removed; nobody sees it any more.
    Deleting,
}

/// What a user has stored, with what is on its way in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileUsage {
    pub bytes: u64,
    pub files: u64,
}

/// What is known of a file before it has an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    pub name: FileName,
    pub size: u64,
    pub content_type: ContentType,
    pub checksum: Checksum,
}

impl File {
    /// A file whose content comes with the request.
    pub fn direct(owner: UserId, new: NewFile, now: Timestamp) -> Self {
        Self::pending(owner, FileId::mint(now), new, None, limits::FILE_DIRECT_SECONDS_MAX, now)
    }

    /// A file whose content comes in parts, to the bucket's upload of this name.
    pub fn in_parts(owner: UserId, id: FileId, new: NewFile, upload_id: String, now: Timestamp) -> Self {
        Self::pending(owner, id, new, Some(upload_id), limits::FILE_UPLOAD_SECONDS_MAX, now)
    }

    fn pending(
        owner: UserId,
        id: FileId,
        new: NewFile,
        upload_id: Option<String>,
        seconds: i64,
        now: Timestamp,
    ) -> Self {
        let NewFile { name, size, content_type, checksum } = new;
        let due = Some(now + SignedDuration::from_secs(seconds));
        let status = FileStatus::Pending;
        Self { owner, id, name, size, content_type, checksum, status, upload_id, created_at: now, due }
    }

    /// The file with its content in the bucket.
    pub fn ready(&self) -> Self {
        Self { status: FileStatus::Ready, upload_id: None, due: None, ..self.clone() }
    }

    /// The file on its way out; its content may be removed when it is due. A request
    /// that is putting the content there at this moment must be over by then, or what
    /// it puts would stay for good. An upload in parts can be given up at any time.
    pub fn deleting(&self, now: Timestamp) -> Self {
        let is_being_put = self.status == FileStatus::Pending && self.upload_id.is_none();
        let wait = if is_being_put { limits::FILE_DIRECT_SECONDS_MAX } else { 0 };
        let due = Some(now + SignedDuration::from_secs(wait));
        Self { status: FileStatus::Deleting, due, ..self.clone() }
    }
}
