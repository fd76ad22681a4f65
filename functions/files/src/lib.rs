//! `/api/files`: a user's files. Small ones come with their request; large ones
//! come in parts straight to the bucket. Nothing here runs longer than a request,
//! so what a request leaves behind when it dies is the sweeper's to remove.

mod begin;
mod complete;
mod delete;
mod direct;
mod download;
mod error;
mod list;
mod parts;
mod sweep;
mod upload;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use domain::limits::{FILE_DIRECT_BYTES_MAX, FILE_FORM_BYTES_MAX};
use store::Store;
use utoipa::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;
use web::openapi::Common;

pub use direct::{DirectUpload, put};
pub use error::FilesError;
pub use sweep::sweep;

/// Bytes of a request that brings a file.
const UPLOAD_BYTES_MAX: u64 = FILE_DIRECT_BYTES_MAX + FILE_FORM_BYTES_MAX;

#[derive(OpenApi)]
#[openapi(modifiers(&Common), components(schemas(wire::error::ErrorBody)))]
struct Document;

/// The routes and their document.
pub fn routes() -> (Router<Store>, utoipa::openapi::OpenApi) {
    let upload = DefaultBodyLimit::max(usize::try_from(UPLOAD_BYTES_MAX).unwrap_or(usize::MAX));
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(upload::upload_file).layer(upload))
        .routes(routes!(list::list_files))
        .routes(routes!(download::download_file, delete::delete_file))
        .routes(routes!(list::get_file))
        .routes(routes!(parts::list_parts))
        .routes(routes!(complete::complete_file))
        .split_for_parts()
}
