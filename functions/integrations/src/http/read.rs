//! Shows what can be connected, what is, and how far it is synchronised.

use axum::Json;
use axum::extract::State;
use domain::IntegrationId;
use futures_util::future::try_join_all;
use web::page::{self, PageQuery};
use web::{ApiError, Caller, Path, Query, scope};
use wire::error::ErrorBody;
use wire::integrations::{
    AvailableIntegration, AvailableIntegrations, ChoiceView, ChoicesView, IntegrationPage, IntegrationView, SyncLogPage,
};

use super::{integration, provider, view};
use crate::Deps;
use crate::sync::{Access, ask};

#[utoipa::path(get, path = "/api/integrations/available", tag = "integrations", security(("bearer" = ["integrations:read"])),
    responses((status = 200, body = AvailableIntegrations), (status = 401, body = ErrorBody)))]
pub(crate) async fn list_available(
    State(deps): State<Deps>,
    _caller: Caller<scope::IntegrationsRead>,
) -> Result<Json<AvailableIntegrations>, ApiError> {
    let available = |provider: &dyn crate::providers::Provider| {
        let about = provider.about().clone();
        AvailableIntegration {
            service: about.service,
            name: about.name,
            description: about.description,
            kinds: about.kinds,
            scopes: about.scopes,
            configured: provider.configured(),
            config_schema: about.config_schema,
        }
    };
    let integrations = deps.providers().await?.iter().map(available).collect();
    Ok(Json(AvailableIntegrations { integrations, next_cursor: None }))
}

#[utoipa::path(get, path = "/api/integrations", tag = "integrations", security(("bearer" = ["integrations:read"])), params(PageQuery),
    responses((status = 200, body = IntegrationPage, description = "Newest first"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub(crate) async fn list_integrations(
    State(deps): State<Deps>,
    caller: Caller<scope::IntegrationsRead>,
    Query(query): Query<PageQuery>,
) -> Result<Json<IntegrationPage>, ApiError> {
    let limit = page::limit(query.limit)?;
    let after = page::cursor(query.cursor.as_deref())?;
    let (integrations, more) = deps.store.integrations(caller.user_id, after, limit).await?;
    let next_cursor = integrations.last().filter(|_| more).map(|integration| integration.id.to_string());
    let views = integrations.into_iter().map(|integration| view(&deps, integration));
    Ok(Json(IntegrationPage { integrations: try_join_all(views).await?, next_cursor }))
}

#[utoipa::path(get, path = "/api/integrations/{id}", tag = "integrations", security(("bearer" = ["integrations:read"])),
    params(("id" = IntegrationId, Path)),
    responses((status = 200, body = IntegrationView), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn get_integration(
    State(deps): State<Deps>,
    caller: Caller<scope::IntegrationsRead>,
    Path(id): Path<IntegrationId>,
) -> Result<Json<IntegrationView>, ApiError> {
    let integration = integration(&deps, caller.user_id, id).await?;
    Ok(Json(view(&deps, integration).await?))
}

#[utoipa::path(get, path = "/api/integrations/{id}/logs", tag = "integrations", security(("bearer" = ["integrations:read"])),
    params(("id" = IntegrationId, Path), PageQuery),
    responses((status = 200, body = SyncLogPage, description = "Newest first"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn list_sync_logs(
    State(deps): State<Deps>,
    caller: Caller<scope::IntegrationsRead>,
    Path(id): Path<IntegrationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<SyncLogPage>, ApiError> {
    let limit = page::limit(query.limit)?;
    let after = page::cursor(query.cursor.as_deref())?;
    integration(&deps, caller.user_id, id).await?;
    let (logs, more) = deps.store.runs(caller.user_id, id, after, limit).await?;
    let next_cursor = logs.last().filter(|_| more).map(|run| run.id.to_string());
    Ok(Json(SyncLogPage { logs, next_cursor }))
}

#[utoipa::path(get, path = "/api/integrations/{id}/choices", tag = "integrations", security(("bearer" = ["integrations:read"])),
    params(("id" = IntegrationId, Path)),
    responses((status = 200, body = ChoicesView, description = "What the account offers to synchronise"),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 502, body = ErrorBody)))]
pub(crate) async fn list_choices(
    State(deps): State<Deps>,
    caller: Caller<scope::IntegrationsRead>,
    Path(id): Path<IntegrationId>,
) -> Result<Json<ChoicesView>, ApiError> {
    let integration = integration(&deps, caller.user_id, id).await?;
    let provider = provider(&deps, integration.service.as_str()).await?;
    let mut access = Access::open(&deps, provider, &integration).await?;
    let choices = ask!(access, |call| provider.choices(call))?;
    let choices = choices.into_iter().map(|(field, choices)| {
        (field, choices.into_iter().map(|choice| ChoiceView { id: choice.id, name: choice.name }).collect())
    });
    Ok(Json(ChoicesView { choices: choices.collect() }))
}
