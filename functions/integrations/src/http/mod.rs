//! `/api/integrations`, `/api/entities` and `/webhooks`.

mod authorize;
mod configure;
mod entities;
mod git;
mod origin;
mod read;
mod remove;
mod webhook;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use domain::integration::Connection;
use domain::session::Policy;
use domain::{Integration, IntegrationId, Service, UserId, limits};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::ApiError;
use web::openapi::Common;
use wire::integrations::IntegrationView;

use crate::providers::Provider;
use crate::{Deps, WorkError};

#[derive(OpenApi)]
#[openapi(modifiers(&Common), components(schemas(wire::error::ErrorBody)))]
struct Document;

/// The routes and their document. The runner's own route is not part of the API.
pub fn routes() -> (Router<Deps>, utoipa::openapi::OpenApi) {
    let (router, document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(read::list_available))
        .routes(routes!(read::list_integrations))
        .routes(routes!(authorize::complete))
        .routes(routes!(read::get_integration, remove::delete_integration))
        .routes(routes!(read::list_sync_logs))
        .routes(routes!(read::list_choices))
        .routes(routes!(configure::sync_integration))
        .routes(routes!(configure::configure_integration))
        .routes(routes!(authorize::start))
        .routes(routes!(authorize::come_back))
        .routes(routes!(entities::list_entities))
        .routes(routes!(entities::get_entity))
        .merge(webhooks())
        .split_for_parts();
    (router.route("/agent/sessions/{id}/git", axum::routing::post(git::open_repository)), document)
}

/// Larger bodies than those of the API.
fn webhooks() -> OpenApiRouter<Deps> {
    OpenApiRouter::new().routes(routes!(webhook::receive)).layer(DefaultBodyLimit::max(limits::WEBHOOK_BYTES_MAX))
}

/// The provider of a service that a path names.
async fn provider<'a>(deps: &'a Deps, service: &str) -> Result<&'a dyn Provider, ApiError> {
    let providers = deps.providers().await?;
    let found = service.parse::<Service>().ok().and_then(|service| providers.get(&service));
    found.ok_or_else(|| {
        let message = "there is no such service; GET /api/integrations/available lists them";
        ApiError::new(StatusCode::NOT_FOUND, "service_not_found", message)
    })
}

async fn integration(deps: &Deps, owner: UserId, id: IntegrationId) -> Result<Integration, ApiError> {
    deps.store.integration(owner, id).await?.ok_or_else(integration_not_found)
}

fn integration_not_found() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "integration_not_found", "there is no integration of this id")
}

async fn view(deps: &Deps, integration: Integration) -> Result<IntegrationView, ApiError> {
    let cursors = deps.store.cursors(integration.owner, integration.id).await?;
    let provider = deps.providers().await?.get(&integration.service);
    let missing = provider.map(|provider| missing_scopes(provider, &integration)).unwrap_or_default();
    Ok(IntegrationView::of(integration, cursors, missing, web::now()))
}

/// What actions need that are on, and the account's owner has not granted.
fn missing_scopes(provider: &dyn Provider, integration: &Integration) -> Vec<String> {
    let is_on = integration.actions != Policy::Deny && integration.connection == Connection::Connected;
    let wanted = provider.action_scope().filter(|_| is_on).map(str::to_owned);
    wanted.into_iter().filter(|scope| !integration.scopes.contains(scope)).collect()
}

impl From<WorkError> for ApiError {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Provider(failure) => {
                let (message, next) = (failure.to_string(), failure.class.next_step());
                let code = match failure.class {
                    domain::integration::ErrorClass::Reauth => "needs_reauth",
                    _ => "provider_failed",
                };
                let status = if code == "needs_reauth" { StatusCode::CONFLICT } else { StatusCode::BAD_GATEWAY };
                Self::new(status, code, format!("{message}. {next}")).caused_by(failure)
            }
            WorkError::Store(error) => error.into(),
            WorkError::Fenced => Self::unavailable(),
            WorkError::Secret(_) | WorkError::Seal(_) | WorkError::Outbox(_) => Self::internal(error),
        }
    }
}

impl From<crate::outbox::OutboxError> for ApiError {
    fn from(error: crate::outbox::OutboxError) -> Self {
        Self::internal(error)
    }
}
