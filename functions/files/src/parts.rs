//! What of an upload is there, and where the rest is to be put. Asking again after an
//! interruption is all that it takes to resume.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use domain::file::{FileStatus, part_count, part_range};
use domain::{File, FileId};
use store::Store;
use web::page::{self, PageQuery};
use web::{ApiError, Caller, Path, Query, scope};
use wire::error::ErrorBody;
use wire::files::{PartPage, PartView};

use crate::FilesError;

#[utoipa::path(get, path = "/api/files/{id}/parts", tag = "files", security(("bearer" = ["files:write"])),
    params(("id" = FileId, Path), PageQuery),
    responses((status = 200, body = PartPage, description = "In order, with what is there and where each is to be put"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The file does not come in parts, or is ready"),
        (status = 410, body = ErrorBody)))]
pub(crate) async fn list_parts(
    State(store): State<Store>,
    caller: Caller<scope::FilesWrite>,
    Path(id): Path<FileId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<PartPage>, ApiError> {
    let limit = page::limit(query.limit)?;
    let after: u32 = page::cursor(query.cursor.as_deref())?.unwrap_or(0);
    let file = store.file(caller.user_id, id).await?.ok_or(FilesError::NoFile)?;
    Ok(Json(parts(&store, &file, after, limit).await?))
}

async fn parts(store: &Store, file: &File, after: u32, limit: u32) -> Result<PartPage, FilesError> {
    let upload_id = match (&file.status, &file.upload_id) {
        (FileStatus::Pending, Some(upload_id)) => upload_id,
        _ => return Err(FilesError::NotInParts),
    };
    let stored = store.stored_parts(file, upload_id).await?.ok_or(FilesError::UploadGone)?;
    let stored: BTreeSet<(u32, u64)> = stored.into_iter().map(|part| (part.number, part.size)).collect();
    let last = after.saturating_add(limit).min(part_count(file.size));
    let mut parts = Vec::new();
    for number in after.saturating_add(1)..=last {
        let Some(range) = part_range(file.size, number) else { break };
        parts.push(PartView {
            number,
            offset: range.offset,
            size: range.size,
            stored: stored.contains(&(number, range.size)),
            url: store.part_upload(file, upload_id, range).await?.url,
        });
    }
    let next_cursor = (last < part_count(file.size)).then(|| last.to_string());
    Ok(PartPage { parts, next_cursor })
}
