//! `POST /api/files`: three bodies, one route.

use axum::Json as Answer;
use axum::RequestExt;
use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use domain::file::{ContentType, FileName};
use domain::limits::FILE_DIRECT_BYTES_MAX;
use serde::Deserialize;
use store::Store;
use utoipa::IntoParams;
use web::idempotency::IdempotencyKey;
use web::{ApiError, Caller, Json, Query, scope};
use wire::error::ErrorBody;
use wire::files::{BeginUpload, FileView, UploadForm};

use crate::FilesError;
use crate::begin::begin;
use crate::direct::{DirectUpload, put};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UploadQuery {
    /// Of a file that comes as `application/octet-stream`.
    name: Option<String>,
    /// What that file is; `application/octet-stream` when absent.
    content_type: Option<String>,
    /// `sha256:<64 hex digits>` of a file that comes with the request, to be checked.
    checksum: Option<String>,
}

/// What the body is.
enum Body {
    Json,
    Form,
    Bytes,
}

#[utoipa::path(post, path = "/api/files", tag = "files", security(("bearer" = ["files:write"])),
    params(UploadQuery, ("Idempotency-Key" = Option<String>, Header, description = "A repeat gets the first answer")),
    request_body(description = "A file of up to 4 MiB as a form or as it is; or what is to come in parts",
        content((UploadForm = "multipart/form-data"), (String = "application/octet-stream"), (BeginUpload = "application/json"))),
    responses((status = 201, body = FileView, description = "`ready`; or `pending`, when its parts are to come"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 413, body = ErrorBody), (status = 415, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn upload_file(
    State(store): State<Store>,
    caller: Caller<scope::FilesWrite>,
    key: IdempotencyKey,
    Query(query): Query<UploadQuery>,
    request: Request,
) -> Result<(StatusCode, Answer<FileView>), ApiError> {
    let key = key.checked()?;
    let file = match body_of(&request)? {
        Body::Json => {
            let Json(body) = Json::<BeginUpload>::from_request(request, &store).await?;
            begin(&store, caller.user_id, body, key).await?
        }
        Body::Form => put(&store, caller.user_id, from_form(request).await?, key).await?,
        Body::Bytes => put(&store, caller.user_id, from_bytes(request, query).await?, key).await?,
    };
    Ok((StatusCode::CREATED, Answer(file.into())))
}

fn body_of(request: &Request) -> Result<Body, FilesError> {
    let header = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = header.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => Ok(Body::Json),
        "multipart/form-data" => Ok(Body::Form),
        "application/octet-stream" => Ok(Body::Bytes),
        // The gateway would have taken the bytes of any other type for text, and broken them.
        _ => Err(FilesError::UnsupportedType),
    }
}

async fn from_bytes(request: Request, query: UploadQuery) -> Result<DirectUpload, FilesError> {
    let name = FileName::parse(&query.name.ok_or_else(|| FilesError::Form("the query has no name".to_owned()))?)?;
    let content_type = query.content_type.as_deref().map(ContentType::parse).transpose()?.unwrap_or_default();
    let checksum = query.checksum.as_deref().map(str::parse).transpose()?;
    let content: Bytes = request.with_limited_body().extract().await.map_err(|_| too_large())?;
    Ok(DirectUpload { name, content_type, checksum, content })
}

async fn from_form(request: Request) -> Result<DirectUpload, FilesError> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|error| FilesError::Form(format!("the body is no form: {}", error.body_text())))?;
    let (mut file, mut name, mut checksum) = (None, None, None);
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        match field.name() {
            Some("file") => file = Some(from_field(field).await?),
            Some("name") => name = Some(field.text().await.map_err(unreadable)?),
            Some("checksum") => checksum = Some(field.text().await.map_err(unreadable)?),
            _ => return Err(FilesError::Form("the form has the fields file, name and checksum".to_owned())),
        }
    }
    let (given, content_type, content) =
        file.ok_or_else(|| FilesError::Form("the form has no field named file".to_owned()))?;
    let name = name.or(given).ok_or_else(|| FilesError::Form("the file has no name".to_owned()))?;
    Ok(DirectUpload {
        name: FileName::parse(&name)?,
        content_type,
        checksum: checksum.as_deref().map(str::parse).transpose()?,
        content,
    })
}

async fn from_field(field: Field<'_>) -> Result<(Option<String>, ContentType, Bytes), FilesError> {
    let name = field.file_name().map(str::to_owned);
    let content_type = field.content_type().map(ContentType::parse).transpose()?.unwrap_or_default();
    Ok((name, content_type, field.bytes().await.map_err(unreadable)?))
}

fn unreadable(error: MultipartError) -> FilesError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => FilesError::Form(format!("the form could not be read: {}", error.body_text())),
    }
}

fn too_large() -> FilesError {
    FilesError::TooLarge { bytes_max: FILE_DIRECT_BYTES_MAX }
}
