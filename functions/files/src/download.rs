//! `GET /api/files/{id}`: the content.
//!
//! A file that streams at full speed comes through the function, so that a plain
//! request with a token is all that it takes. API Gateway throttles a stream after
//! its first 10 MB and ends it after 15 minutes, so a larger file is a redirect to
//! the bucket, which any client follows (`curl -L`).

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::file::FileStatus;
use domain::limits::FILE_STREAM_BYTES_MAX;
use domain::{File, FileId};
use store::{Content, Download, Store};
use web::{ApiError, Caller, Path, attachment, scope};
use wire::error::ErrorBody;

use crate::FilesError;

#[utoipa::path(get, path = "/api/files/{id}", tag = "files", security(("bearer" = ["files:read"])),
    params(("id" = FileId, Path), ("Range" = Option<String>, Header, description = "Such as `bytes=0-99`")),
    responses((status = 200, description = "The content, to be saved", content_type = "application/octet-stream", body = String),
        (status = 206, description = "A range of it"),
        (status = 302, description = "Where a file of more than 10 MiB is to be got, for an hour"),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "Its content is not there yet"), (status = 416, body = ErrorBody)))]
pub(crate) async fn download_file(
    State(store): State<Store>,
    caller: Caller<scope::FilesRead>,
    Path(id): Path<FileId>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let file = store.file(caller.user_id, id).await?.ok_or(FilesError::NoFile)?;
    if file.status != FileStatus::Ready {
        return Err(FilesError::NotReady.into());
    }
    if file.size > FILE_STREAM_BYTES_MAX {
        let url = store.content_url(&file, &attachment::disposition(file.name.last())).await?;
        let cache = (header::CACHE_CONTROL, "no-store".to_owned());
        return Ok((StatusCode::FOUND, [(header::LOCATION, url), cache]).into_response());
    }
    // S3 takes an empty object's only range for a mistake, and so do we what is no range of bytes.
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    match store.content(&file, range.filter(|range| range.starts_with("bytes="))).await? {
        Download::Content(content) => Ok(answer(&file, content)),
        Download::NoSuchRange => Err(FilesError::NoSuchRange.into()),
        // Deleted since it was read.
        Download::Gone => Err(FilesError::NoFile.into()),
    }
}

fn answer(file: &File, content: Content) -> Response {
    let range = content.range.as_deref().and_then(|range| HeaderValue::from_str(range).ok());
    let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let length = content.length;
    let mut response = (status, Body::from_stream(content.into_stream())).into_response();
    let headers = response.headers_mut();
    headers.extend(attachment::headers(file.name.last(), file.content_type.as_str()));
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    range.into_iter().for_each(|range| drop(headers.insert(header::CONTENT_RANGE, range)));
    response
}
