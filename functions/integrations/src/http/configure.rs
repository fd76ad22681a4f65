//! Says what is to be synchronised, and when: now.

use axum::extract::State;
use axum::http::StatusCode;
use domain::integration::{Config, Connection};
use domain::session::Policy;
use domain::sync::Reason;
use domain::{Integration, IntegrationId, UserId, limits};
use web::{ApiError, Caller, Json, Path, scope};
use wire::bus::SyncRequested;
use wire::error::ErrorBody;
use wire::integrations::{ConfigureIntegration, IntegrationView};

use super::{integration, provider, view};
use crate::Deps;
use crate::providers::Provider;

#[utoipa::path(post, path = "/api/integrations/{id}/configure", tag = "integrations",
    security(("bearer" = ["integrations:write"])), params(("id" = String, Path, description = "The service")), request_body = ConfigureIntegration,
    responses((status = 200, body = IntegrationView, description = "Changed; the same answer when repeated"),
        (status = 201, body = IntegrationView, description = "Waits for an account"), (status = 400, body = ErrorBody),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn configure_integration(
    State(deps): State<Deps>,
    caller: Caller<scope::IntegrationsWrite>,
    Path(service): Path<String>,
    Json(body): Json<ConfigureIntegration>,
) -> Result<(StatusCode, axum::Json<IntegrationView>), ApiError> {
    let provider = provider(&deps, &service).await?;
    let ConfigureIntegration { config, actions, integration_id } = body;
    let size = serde_json::to_vec(&config).map_err(ApiError::internal)?.len();
    if size > limits::CONFIG_BYTES_MAX {
        return Err(invalid(format!("config is at most {} bytes of JSON", limits::CONFIG_BYTES_MAX)));
    }
    let config = config.map(|config| provider.check_config(config).map_err(invalid)).transpose()?;
    for _ in 0..limits::RACE_RETRIES_MAX {
        let Some(current) = meant(&deps, caller.user_id, provider, integration_id).await? else {
            let service = provider.about().service.clone();
            let config = match config {
                Some(config) => config,
                None => provider.check_config(Config::new()).map_err(invalid)?,
            };
            let new = Integration::new(caller.user_id, service, config, web::now());
            let new = Integration { actions: actions.unwrap_or(new.actions), ..new };
            deps.store.create_integration(&new).await?;
            return Ok((StatusCode::CREATED, axum::Json(view(&deps, new).await?)));
        };
        if let Some(changed) = change(&deps, current, config.clone(), actions).await? {
            return Ok((StatusCode::OK, axum::Json(view(&deps, changed).await?)));
        }
    }
    Err(ApiError::unavailable())
}

fn invalid(message: String) -> ApiError {
    ApiError::bad_request("invalid_config", message)
}

/// The integration that is to be configured: the one named, or the only one of its service.
async fn meant(
    deps: &Deps,
    owner: UserId,
    provider: &dyn Provider,
    named: Option<IntegrationId>,
) -> Result<Option<Integration>, ApiError> {
    let service = &provider.about().service;
    if let Some(id) = named {
        let found = integration(deps, owner, id).await?;
        return if found.service == *service { Ok(Some(found)) } else { Err(super::integration_not_found()) };
    }
    let mut all = deps.store.all_integrations(owner).await?;
    all.retain(|each| each.service == *service && each.connection != Connection::Disconnecting);
    if all.len() > 1 {
        let message = "there are several integrations of this service; say which with integration_id";
        return Err(ApiError::new(StatusCode::CONFLICT, "integration_ambiguous", message));
    }
    Ok(all.pop())
}

/// Writes another configuration and has it carried out; `None` when the integration was
/// changed meanwhile.
async fn change(
    deps: &Deps,
    current: Integration,
    config: Option<Config>,
    actions: Option<Policy>,
) -> Result<Option<Integration>, ApiError> {
    let config = config.unwrap_or_else(|| current.config.clone());
    let actions = actions.unwrap_or(current.actions);
    let integration = if (&current.config, current.actions) == (&config, actions) {
        current
    } else {
        let changed = current.configure(config, actions, web::now());
        if !deps.store.change_integration(&changed).await? {
            return Ok(None);
        }
        changed
    };
    if integration.connection == Connection::Connected {
        // Even when nothing changed: a first attempt may have died right here.
        ask(deps, &integration, Reason::Connected).await?;
    }
    Ok(Some(integration))
}

async fn ask(deps: &Deps, integration: &Integration, reason: Reason) -> Result<(), ApiError> {
    let request = SyncRequested { user_id: integration.owner, integration_id: integration.id, resource: None, reason };
    Ok(deps.outbox.sync(&[request]).await?)
}

#[utoipa::path(post, path = "/api/integrations/{id}/sync", tag = "integrations", security(("bearer" = ["integrations:write"])),
    params(("id" = IntegrationId, Path)),
    responses((status = 202, body = IntegrationView, description = "It begins in a moment"),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn sync_integration(
    State(deps): State<Deps>,
    caller: Caller<scope::IntegrationsWrite>,
    Path(id): Path<IntegrationId>,
) -> Result<(StatusCode, axum::Json<IntegrationView>), ApiError> {
    let integration = integration(&deps, caller.user_id, id).await?;
    let refused = |code, message: &str| Err(ApiError::new(StatusCode::CONFLICT, code, message));
    match integration.connection {
        Connection::Connected => {}
        Connection::NotConnected => return refused("not_connected", "connect an account first"),
        Connection::NeedsReauth => return refused("needs_reauth", "connect the account again first"),
        Connection::Disconnecting => return refused("disconnecting", "the integration is being disconnected"),
    }
    ask(&deps, &integration, Reason::Manual).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(view(&deps, integration).await?)))
}
