//! Lists files and describes one.

use axum::Json;
use axum::extract::State;
use domain::FileId;
use domain::file::FileStatus;
use serde::Deserialize;
use store::{FileFilter, Store};
use utoipa::IntoParams;
use web::{ApiError, Caller, Path, Query, page, scope};
use wire::error::ErrorBody;
use wire::files::{FilePage, FileView};

use crate::FilesError;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Entries of a page: 1 to 100, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// What the name begins with, such as a folder.
    prefix: Option<String>,
    /// `ready` (when absent), or `pending` for uploads to resume.
    #[param(inline)]
    status: Option<Wanted>,
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Ready,
    Pending,
}

#[utoipa::path(get, path = "/api/files", tag = "files", security(("bearer" = ["files:read"])), params(ListQuery),
    responses((status = 200, body = FilePage, description = "Newest first"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub(crate) async fn list_files(
    State(store): State<Store>,
    caller: Caller<scope::FilesRead>,
    Query(query): Query<ListQuery>,
) -> Result<Json<FilePage>, ApiError> {
    let limit = page::limit(query.limit)?;
    let after = page::cursor(query.cursor.as_deref())?;
    let status = match query.status {
        Some(Wanted::Pending) => FileStatus::Pending,
        Some(Wanted::Ready) | None => FileStatus::Ready,
    };
    // An empty prefix is one that all names have; DynamoDB takes no empty text for one.
    let filter = FileFilter { status, prefix: query.prefix.filter(|prefix| !prefix.is_empty()) };
    let (files, next) = store.files(caller.user_id, &filter, after, limit).await?;
    let files = files.into_iter().map(FileView::from).collect();
    Ok(Json(FilePage { files, next_cursor: next.map(|id| id.to_string()) }))
}

#[utoipa::path(get, path = "/api/files/{id}/meta", tag = "files", security(("bearer" = ["files:read"])),
    params(("id" = FileId, Path)),
    responses((status = 200, body = FileView), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn get_file(
    State(store): State<Store>,
    caller: Caller<scope::FilesRead>,
    Path(id): Path<FileId>,
) -> Result<Json<FileView>, ApiError> {
    let file = store.file(caller.user_id, id).await?.ok_or(FilesError::NoFile)?;
    Ok(Json(file.into()))
}
