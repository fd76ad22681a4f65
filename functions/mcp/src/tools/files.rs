//! The user's files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use domain::FileId;
use domain::file::{ContentType, FileName, FileStatus};
use domain::limits::{FILE_DIRECT_BYTES_MAX, MCP_READ_BYTES_MAX};
use files::{DirectUpload, FilesError};
use futures_util::TryStreamExt;
use rmcp::model::{CallToolResult, JsonObject};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Download, FileFilter};
use wire::files::FileView;

use super::limit;
use crate::result::{ours, theirs};
use crate::tool::{Effect, Failed, Spec, Visit, arguments, parsed, schema};

pub(super) static LIST: Spec = Spec {
    name: "list_files",
    title: "List files",
    description: "Lists the user's stored files, newest first: id, name, size and type. These are apart from the \
        workspace that an agent works in.",
    effect: Effect::Reads,
    schema: schema::<List>,
    call: |visit, arguments| Box::pin(list(visit, arguments)),
};

pub(super) static READ: Spec = Spec {
    name: "read_file",
    title: "Read a file",
    description: "Reads a stored file by its id, 48 KiB at a time. Text comes as text, anything else as base64.",
    effect: Effect::Reads,
    schema: schema::<Read>,
    call: |visit, arguments| Box::pin(read(visit, arguments)),
};

pub(super) static WRITE: Spec = Spec {
    name: "write_file",
    title: "Write a file",
    description: "Stores a new file for the user, 4 MiB at most. It replaces none: two files may have one name.",
    effect: Effect::Adds,
    schema: schema::<Write>,
    call: |visit, arguments| Box::pin(write(visit, arguments)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct List {
    /// What the name begins with, such as a folder.
    prefix: Option<String>,
    /// Files of a page: 1 to 50, 20 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

async fn list(visit: Visit<'_>, given: JsonObject) -> Result<CallToolResult, Failed> {
    let List { prefix, limit: asked, cursor } = arguments(given)?;
    let after = cursor.as_deref().map(|text| parsed("cursor", text)).transpose()?;
    let filter = FileFilter { status: FileStatus::Ready, prefix: prefix.filter(|prefix| !prefix.is_empty()) };
    let (files, next) = visit.deps.store.files(visit.visitor.owner, &filter, after, limit(asked)?).await?;
    let files: Vec<Value> = files.into_iter().map(row).collect();
    Ok(ours(json!({ "files": files, "next_cursor": next.map(|id| id.to_string()) })))
}

fn row(file: domain::File) -> Value {
    let FileView { id, name, size, content_type, created_at, .. } = file.into();
    json!({ "id": id, "name": name, "size": size, "content_type": content_type, "created_at": created_at })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Read {
    /// As `list_files` gives it: `fil_…`.
    id: String,
    /// Bytes before what is wanted: `next_offset` of the part before; 0 when absent.
    offset: Option<u64>,
}

async fn read(visit: Visit<'_>, given: JsonObject) -> Result<CallToolResult, Failed> {
    let Read { id, offset } = arguments(given)?;
    let (id, offset) = (parsed::<FileId>("id", &id)?, offset.unwrap_or(0));
    let file = visit.deps.store.file(visit.visitor.owner, id).await?;
    let file = file.filter(|file| file.status == FileStatus::Ready).ok_or(FilesError::NoFile)?;
    if offset > 0 && offset >= file.size {
        return Err(FilesError::NoSuchRange.into());
    }
    let bytes = match file.size {
        0 => Bytes::new(),
        size => {
            let last = (offset + MCP_READ_BYTES_MAX).min(size) - 1;
            match visit.deps.store.content(&file, Some(&format!("bytes={offset}-{last}"))).await? {
                Download::Content(content) => content.into_stream().try_collect::<BytesMut>().await?.freeze(),
                Download::NoSuchRange => return Err(FilesError::NoSuchRange.into()),
                Download::Gone => return Err(FilesError::NoFile.into()),
            }
        }
    };
    let (content, encoding, read) = text(&bytes, offset + (bytes.len() as u64) < file.size);
    let end = offset + read as u64;
    let next_offset = (end < file.size).then_some(end);
    let source = format!("the user's file {}", file.name.as_str());
    let part = json!({
        "id": id, "name": file.name.as_str(), "size": file.size, "content_type": file.content_type.as_str(),
        "offset": offset, "next_offset": next_offset, "encoding": encoding, "content": content,
    });
    Ok(theirs(&source, part))
}

/// Bytes as an agent reads them, and how many of them. A character that the end of a part
/// cuts is left to the next one.
fn text(bytes: &[u8], is_more: bool) -> (String, &'static str, usize) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), "text", bytes.len()),
        Err(error) if is_more && error.error_len().is_none() && error.valid_up_to() > 0 => {
            let text = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
            (text, "text", error.valid_up_to())
        }
        Err(_) => (STANDARD.encode(bytes), "base64", bytes.len()),
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Write {
    /// In any language, with folders, such as `reports/summary.md`.
    name: String,
    content: String,
    /// `text` (when absent) or `base64`.
    #[serde(default)]
    encoding: Encoding,
    /// Such as `text/markdown`; `text/plain` when absent.
    content_type: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Encoding {
    #[default]
    Text,
    Base64,
}

async fn write(visit: Visit<'_>, given: JsonObject) -> Result<CallToolResult, Failed> {
    let Write { name, content, encoding, content_type } = arguments(given)?;
    let content = match encoding {
        Encoding::Text => Bytes::from(content),
        Encoding::Base64 => {
            let decoded = STANDARD.decode(content).map_err(|error| Failed::Arguments(format!("content: {error}")))?;
            Bytes::from(decoded)
        }
    };
    if content.len() as u64 > FILE_DIRECT_BYTES_MAX {
        return Err(FilesError::TooLarge { bytes_max: FILE_DIRECT_BYTES_MAX }.into());
    }
    let content_type = content_type.as_deref().unwrap_or("text/plain");
    let upload = DirectUpload {
        name: FileName::parse(&name).map_err(FilesError::from)?,
        content_type: ContentType::parse(content_type).map_err(FilesError::from)?,
        checksum: None,
        content,
    };
    let file = files::put(&visit.deps.store, visit.visitor.owner, upload, None).await?;
    Ok(ours(json!({ "file": row(file) })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_is_cut_waits_for_the_next_part() {
        let bytes = "aü".as_bytes();
        assert_eq!(text(bytes, false), ("aü".to_owned(), "text", 3));
        assert_eq!(text(&bytes[..2], true), ("a".to_owned(), "text", 1));
        assert_eq!(text(&bytes[..2], false), ("YcM=".to_owned(), "base64", 2));
        assert_eq!(text(&[0xff, 0x00], true).1, "base64");
    }
}
