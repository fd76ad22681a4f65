//! `/api/sessions`, `/health` and the OpenAPI document.

mod change;
mod check;
mod create;
mod document;
mod health;
mod read;
mod terminate;
mod update;

use axum::Router;
use axum::extract::FromRef;
use store::Store;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::Common;

/// What the handlers work with.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub bus: aws_sdk_eventbridge::Client,
    /// Name of the event bus.
    pub bus_name: String,
    /// `development` or `production`.
    pub environment: String,
}

impl FromRef<Deps> for Store {
    fn from_ref(deps: &Deps) -> Self {
        deps.store.clone()
    }
}

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
        .split_for_parts()
}
