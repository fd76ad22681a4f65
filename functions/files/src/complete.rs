//! Puts a file's parts together. S3 compares the checksum of the whole; only then is
//! there an object. Whatever dies on the way, the same request again goes on.

use axum::Json;
use axum::extract::State;
use domain::file::{FileStatus, Incomplete, whole};
use domain::{File, FileId, UserId};
use store::{NotCompleted, Store};
use web::{ApiError, Caller, Path, scope};
use wire::error::ErrorBody;
use wire::files::FileView;

use crate::FilesError;
use crate::direct::finish;

#[utoipa::path(post, path = "/api/files/{id}/complete", tag = "files", security(("bearer" = ["files:write"])),
    params(("id" = FileId, Path)),
    responses((status = 200, body = FileView, description = "`ready`; the same answer when repeated"),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "Parts are missing"), (status = 410, body = ErrorBody),
        (status = 422, body = ErrorBody, description = "The parts make another content; put the right ones and repeat")))]
pub(crate) async fn complete_file(
    State(store): State<Store>,
    caller: Caller<scope::FilesWrite>,
    Path(id): Path<FileId>,
) -> Result<Json<FileView>, ApiError> {
    Ok(Json(complete(&store, caller.user_id, id).await?.into()))
}

async fn complete(store: &Store, owner: UserId, id: FileId) -> Result<File, FilesError> {
    let file = store.file(owner, id).await?.ok_or(FilesError::NoFile)?;
    if file.status == FileStatus::Ready {
        return Ok(file);
    }
    let upload_id = file.upload_id.as_deref().ok_or(FilesError::NotInParts)?;
    // No upload: an attempt before, or another at this moment, has put it together.
    if let Some(parts) = store.stored_parts(&file, upload_id).await? {
        let parts = whole(file.size, parts)?;
        let numbers = parts.iter().map(|part| part.number).collect();
        match store.complete_upload(&file, upload_id, parts).await {
            Ok(()) | Err(NotCompleted::NoUpload) => {}
            Err(NotCompleted::OtherContent) => return Err(FilesError::OtherContent),
            Err(NotCompleted::PartChanged) => return Err(Incomplete { missing: numbers }.into()),
            Err(NotCompleted::Store(error)) => return Err(error.into()),
        }
    }
    match store.stored_size(&file).await? {
        Some(size) if size == file.size => finish(store, &file).await,
        Some(_) => Err(FilesError::OtherContent),
        // Gone with the upload, or ready and deleted meanwhile.
        None if store.file(owner, id).await?.is_none() => Err(FilesError::NoFile),
        None => Err(FilesError::UploadGone),
    }
}
