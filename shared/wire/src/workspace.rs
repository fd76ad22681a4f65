//! Bodies of `/agent/sessions/{id}/workspace` and of the diffs of turns.

use domain::TurnNumber;
use domain::tree::{Kind, Leaf};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /agent/sessions/{id}/workspace?path=` of a folder, as it was after a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FolderPage {
    pub entries: Vec<FolderEntry>,
    pub next_cursor: Option<String>,
    /// Counts the states of the workspace that were kept; 0 before the first.
    pub version: u64,
    /// When this one was.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub taken_at: Option<Timestamp>,
    /// The workspace holds more than is listed.
    pub truncated: bool,
}

/// What lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FolderEntry {
    pub name: String,
    /// From the session's workspace on: the `path` to ask for.
    pub path: String,
    pub kind: EntryKind,
    /// Bytes of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Where a link leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub executable: bool,
    #[schema(value_type = String, format = DateTime)]
    pub modified_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    File,
    Folder,
    Link,
}

impl FolderEntry {
    /// `path` is the leaf's, from the session's workspace on.
    pub fn new(leaf: &Leaf, path: String) -> Self {
        let (kind, size, target) = match &leaf.kind {
            Kind::Folder => (EntryKind::Folder, None, None),
            Kind::Link { target } => (EntryKind::Link, None, Some(target.clone())),
            Kind::File { size, .. } => (EntryKind::File, Some(*size), None),
        };
        let name = leaf.name().to_owned();
        Self { name, path, kind, size, target, executable: leaf.executable, modified_at: leaf.modified_at }
    }
}

/// `GET /agent/sessions/{id}/turns/{turn}/diff`: what a turn changed in the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TurnDiff {
    #[schema(value_type = u64)]
    pub turn: TurnNumber,
    /// By path.
    pub files: Vec<FileDiff>,
    /// More files changed than are named.
    pub truncated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileDiff {
    /// From the session's workspace on.
    pub path: String,
    pub change: FileChange,
    /// Lines.
    pub additions: usize,
    pub deletions: usize,
    /// Unified, with three lines around; absent when the content is no text or too large.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileChange {
    Added,
    Modified,
    Deleted,
}
