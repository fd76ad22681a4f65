//! `/api/sessions`, `/health` and the OpenAPI document.

pub mod account;
mod audit;
mod change;
mod check;
mod create;
mod deps;
mod document;
mod health;
mod read;
mod terminate;
mod update;

use axum::Router;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::Common;

pub use deps::Deps;

#[derive(OpenApi)]
#[openapi(modifiers(&Common), components(schemas(wire::error::ErrorBody)))]
struct Document;

/// The routes and their document.
pub fn routes() -> (Router<Deps>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(health::health))
        .routes(routes!(document::openapi))
        .routes(routes!(read::list_sessions, create::create_session))
        .routes(routes!(read::get_session, update::update_session, terminate::delete_session))
        .routes(routes!(account::usage::get_usage))
        .routes(routes!(account::export::create_export))
        .routes(routes!(account::export::get_export))
        .routes(routes!(account::erase::delete_account))
        .routes(routes!(audit::list_audit))
        .routes(routes!(audit::export_audit))
        .split_for_parts()
}
