//! `/agent/sessions/{id}/…` over HTTP.

mod append;
mod control;
mod events;
mod messages;
mod outputs;
mod queue;
mod ticket;
mod workspace;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use domain::limits;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::Common;

use crate::Deps;
pub(crate) use messages::check as check_message;

#[derive(OpenApi)]
#[openapi(modifiers(&Common), components(schemas(wire::error::ErrorBody, domain::Event)))]
struct Document;

/// The routes and their document. The runner's own routes are not part of the API.
pub fn routes() -> (Router<Deps>, utoipa::openapi::OpenApi) {
    let (router, document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(messages::list_messages, messages::send_message))
        .routes(routes!(queue::edit_message, queue::cancel_message))
        .routes(routes!(events::follow_events))
        .routes(routes!(events::get_event))
        .routes(routes!(outputs::get_output))
        .routes(routes!(workspace::look_into_workspace))
        .routes(routes!(workspace::download_workspace))
        .routes(routes!(workspace::get_turn_diff))
        .routes(routes!(ticket::create_ticket))
        .routes(routes!(control::abort_turn))
        .routes(routes!(control::answer_permission))
        .routes(routes!(control::answer_question))
        .split_for_parts();
    let append = axum::routing::post(append::append).layer(DefaultBodyLimit::max(limits::APPEND_BYTES_MAX));
    let outputs = axum::routing::post(outputs::keep_output);
    let router = router.route("/agent/sessions/{id}/append", append).route("/agent/sessions/{id}/outputs", outputs);
    (router, document)
}
