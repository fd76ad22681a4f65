//! Bodies of `/api/files`.

use domain::file::{FileStatus, part_count};
use domain::{File, FileId, limits};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /api/files` as JSON: begins an upload in parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginUpload {
    /// In any language, with folders, such as `reports/Übersicht.pdf`.
    pub name: String,
    /// Bytes, 5 GiB at most.
    pub size: u64,
    /// Such as `image/png`; `application/octet-stream` when absent.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Of the whole, as S3 computes it over parts: `crc64nvme:<16 hex digits>`.
    pub checksum: String,
}

/// A small file as a form.
#[derive(ToSchema)]
pub struct UploadForm {
    /// The file with its name and type.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
    /// Instead of the name that comes with the file.
    pub name: Option<String>,
    /// `sha256:<64 hex digits>`, to be checked.
    pub checksum: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileView {
    pub id: FileId,
    pub name: String,
    /// Bytes.
    pub size: u64,
    pub content_type: String,
    /// `sha256:…` of a file that came with its request, `crc64nvme:…` of one that came in parts.
    pub checksum: String,
    /// `pending` until the content is there, then `ready`.
    pub status: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// How the content of a pending file is to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<UploadView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadView {
    /// Bytes of each part but the last.
    pub part_size: u64,
    pub part_count: u32,
    /// When the upload counts as abandoned and goes.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FilePage {
    pub files: Vec<FileView>,
    /// Give it as `cursor` for the next page; null on the last. A page by prefix may
    /// be short, or empty, although there are more.
    pub next_cursor: Option<String>,
}

/// A part of a file and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartView {
    /// From 1.
    pub number: u32,
    /// Where in the file it begins.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
    /// Whether it is there. It may be put again.
    pub stored: bool,
    /// Where to put it, by HTTP PUT of exactly these bytes; good for an hour.
    pub url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartPage {
    pub parts: Vec<PartView>,
    /// Give it as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

impl From<File> for FileView {
    fn from(file: File) -> Self {
        let upload = file.upload_id.as_ref().map(|_| UploadView {
            part_size: limits::FILE_PART_BYTES,
            part_count: part_count(file.size),
            expires_at: file.due,
        });
        Self {
            id: file.id,
            size: file.size,
            checksum: file.checksum.to_string(),
            status: match file.status {
                FileStatus::Pending => "pending",
                FileStatus::Ready => "ready",
                FileStatus::Deleting => "deleting",
            }
            .to_owned(),
            name: file.name.into(),
            content_type: file.content_type.into(),
            created_at: file.created_at,
            upload,
        }
    }
}
