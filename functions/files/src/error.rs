//! What can go wrong with a file, in the caller's language.

use axum::http::StatusCode;
use domain::file::{Incomplete, InvalidChecksum, InvalidContentType, InvalidName};
use domain::limits;
use web::ApiError;

#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error("there is no file of this id")]
    NoFile,
    #[error(transparent)]
    Name(#[from] InvalidName),
    #[error(transparent)]
    ContentType(#[from] InvalidContentType),
    #[error(transparent)]
    Checksum(#[from] InvalidChecksum),
    /// A checksum of another kind than this way of uploading is checked by.
    #[error("{0}")]
    ChecksumKind(&'static str),
    #[error("the content does not have the checksum that was announced")]
    OtherContent,
    #[error("the file is too large")]
    TooLarge { bytes_max: u64 },
    #[error("the user has no room for the file")]
    OverQuota,
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The content is not there yet.
    #[error("the file is not ready")]
    NotReady,
    /// There are no parts to put: the file is ready, or comes with its request.
    #[error("no parts are wanted")]
    NotInParts,
    #[error(transparent)]
    Incomplete(#[from] Incomplete),
    /// The upload was abandoned for so long that it is gone.
    #[error("the upload is gone")]
    UploadGone,
    #[error("the range is not in the file")]
    NoSuchRange,
    #[error("bodies of this type are not taken")]
    UnsupportedType,
    #[error("{0}")]
    Form(String),
    /// Lost every race for the write.
    #[error("the file is too busy")]
    Busy,
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<FilesError> for ApiError {
    fn from(error: FilesError) -> Self {
        let message = error.to_string();
        match error {
            FilesError::NoFile => Self::new(StatusCode::NOT_FOUND, "file_not_found", message),
            FilesError::Name(_) => Self::bad_request("invalid_name", message),
            FilesError::ContentType(_) | FilesError::Form(_) => Self::bad_request("invalid_body", message),
            FilesError::Checksum(_) | FilesError::ChecksumKind(_) => Self::bad_request("invalid_checksum", message),
            FilesError::OtherContent => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "checksum_mismatch", message),
            FilesError::TooLarge { bytes_max } => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "file_too_large",
                format!(
                    "a file has at most {bytes_max} bytes this way; a larger one, up to {} bytes, is uploaded in parts: POST its name, size and checksum as JSON",
                    limits::FILE_BYTES_MAX
                ),
            ),
            FilesError::OverQuota => Self::new(
                StatusCode::CONFLICT,
                "quota_exceeded",
                format!(
                    "all your files together have at most {} bytes, uploads included; delete some",
                    web::limit::bounds().storage_bytes
                ),
            ),
            FilesError::KeyReused => Self::client_id_reused(),
            FilesError::NotReady => {
                Self::new(StatusCode::CONFLICT, "upload_incomplete", "the file's content is not there yet")
            }
            FilesError::NotInParts => {
                Self::new(StatusCode::CONFLICT, "no_upload", "the file is ready, or does not come in parts")
            }
            FilesError::Incomplete(Incomplete { missing }) => {
                let some: Vec<String> = missing.iter().take(20).map(u32::to_string).collect();
                let message = format!("{} parts are missing or not of their size: {}", missing.len(), some.join(", "));
                Self::new(StatusCode::CONFLICT, "upload_incomplete", message)
            }
            FilesError::UploadGone => {
                Self::new(StatusCode::GONE, "upload_expired", "the upload is gone; begin a new one")
            }
            FilesError::NoSuchRange => Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "invalid_range", message),
            FilesError::UnsupportedType => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "send a file as multipart/form-data or application/octet-stream (with ?name=), or begin an upload in parts with application/json",
            ),
            FilesError::Busy => Self::unavailable(),
            FilesError::Store(error) => error.into(),
        }
    }
}
