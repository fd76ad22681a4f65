//! `/api/sessions`, accounts with their sign-ins and tokens, `/health` and the OpenAPI document.

pub mod account;
mod admin;
mod audit;
mod change;
mod check;
mod create;
mod deps;
mod document;
mod health;
mod logins;
mod me;
mod read;
mod revoke;
mod signin;
mod terminate;
mod tokens;
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
        .routes(routes!(signin::list_signin_providers))
        .routes(routes!(signin::start_signin))
        .routes(routes!(signin::finish_signin))
        .routes(routes!(logins::sign_out))
        .routes(routes!(logins::sign_out_everywhere))
        .routes(routes!(me::get_me))
        .routes(routes!(logins::list_logins))
        .routes(routes!(logins::delete_login))
        .routes(routes!(tokens::list_tokens, tokens::create_token))
        .routes(routes!(tokens::rename_token, tokens::revoke_token))
        .routes(routes!(health::deployment_health))
        .routes(routes!(admin::list_limits))
        .routes(routes!(admin::list_users))
        .routes(routes!(admin::get_signup, admin::set_signup))
        .routes(routes!(audit::list_all_audit))
        .routes(routes!(audit::export_user_audit))
        .split_for_parts()
}
