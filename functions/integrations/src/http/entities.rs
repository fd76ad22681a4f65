//! Lists, searches and shows what was read from the services.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::search::Query as Search;
use domain::{EntityId, Kind, Service};
use jiff::Timestamp;
use serde::Deserialize;
use store::{EntityFilter, EntityPosition};
use utoipa::IntoParams;
use web::{ApiError, Caller, Path, Query, page, scope};
use wire::entities::{EntityDetail, EntityPage, EntityView};
use wire::error::ErrorBody;

use crate::Deps;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EntityQuery {
    /// Entries of a page: 1 to 100, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = Option<String>)]
    kind: Option<Kind>,
    #[param(value_type = Option<String>)]
    provider: Option<Service>,
    /// In the service's own words, such as `open`.
    state: Option<String>,
    /// Events that start, or all else that changed, at this time or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// … before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Words that all have to be there, each as the beginning of one.
    text: Option<String>,
}

#[utoipa::path(get, path = "/api/entities", tag = "entities", security(("bearer" = ["integrations:read"])), params(EntityQuery),
    responses((status = 200, body = EntityPage), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub(crate) async fn list_entities(
    State(deps): State<Deps>,
    caller: Caller<scope::IntegrationsRead>,
    Query(query): Query<EntityQuery>,
) -> Result<Json<EntityPage>, ApiError> {
    let limit = page::limit(query.limit)?;
    let after: Option<EntityPosition> = page::cursor(query.cursor.as_deref())?;
    let search = Search::new(
        query.text.as_deref().unwrap_or_default(),
        query.kind.clone(),
        query.provider.clone(),
        query.state.clone(),
    );
    let (entities, next) = if query.text.is_none() {
        let kinds = match query.kind {
            Some(kind) => vec![kind],
            None => deps.providers().await?.kinds(),
        };
        let filter =
            EntityFilter { kinds, provider: query.provider, state: query.state, from: query.from, until: query.to };
        deps.store.entities(caller.user_id, &filter, after, limit).await?
    } else if search.is_empty() {
        return Err(ApiError::bad_request("invalid_query", "text has no word to look for"));
    } else {
        deps.store.search(caller.user_id, &search, query.from, query.to, after, limit).await?
    };
    Ok(Json(EntityPage {
        entities: entities.into_iter().map(EntityView::from).collect(),
        next_cursor: next.map(|position| position.to_string()),
    }))
}

#[utoipa::path(get, path = "/api/entities/{id}", tag = "entities", security(("bearer" = ["integrations:read"])),
    params(("id" = EntityId, Path)),
    responses((status = 200, body = EntityDetail), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn get_entity(
    State(deps): State<Deps>,
    caller: Caller<scope::IntegrationsRead>,
    Path(id): Path<EntityId>,
) -> Result<Json<EntityDetail>, ApiError> {
    let entity = deps
        .store
        .entity(caller.user_id, id)
        .await?
        .ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "entity_not_found", "there is no entity of this id"))?;
    let raw = deps.store.raw(&entity).await?;
    let raw = raw.and_then(|raw| serde_json::from_slice(&raw).ok()).unwrap_or_default();
    Ok(Json(EntityDetail { entity: entity.into(), raw }))
}
