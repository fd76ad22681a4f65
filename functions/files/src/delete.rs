//! Deletes a file: off the list first, then its content, then its share of the quota.
//! The sweeper goes on from wherever this dies.

use axum::extract::State;
use axum::http::StatusCode;
use domain::{FileId, UserId, limits};
use store::Store;
use web::{ApiError, Caller, Path, scope};
use wire::error::ErrorBody;

use crate::FilesError;

#[utoipa::path(delete, path = "/api/files/{id}", tag = "files", security(("bearer" = ["files:write"])),
    params(("id" = FileId, Path)),
    responses((status = 204, description = "Gone; an upload on its way is given up"), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn delete_file(
    State(store): State<Store>,
    caller: Caller<scope::FilesWrite>,
    Path(id): Path<FileId>,
) -> Result<StatusCode, ApiError> {
    delete(&store, caller.user_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete(store: &Store, owner: UserId, id: FileId) -> Result<(), FilesError> {
    for _ in 0..limits::RACE_RETRIES_MAX {
        let file = store.file(owner, id).await?.ok_or(FilesError::NoFile)?;
        let now = web::now();
        let deleting = file.deleting(now);
        if !store.doom_file(&file, &deleting).await? {
            // It became ready, or another request was faster.
            continue;
        }
        if deleting.due <= Some(now) {
            store.delete_content(&deleting).await?;
            store.forget_file(&deleting).await?;
        }
        return Ok(());
    }
    Err(FilesError::Busy)
}
