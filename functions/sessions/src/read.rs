//! Lists sessions and shows one.

use axum::Json;
use axum::extract::State;
use domain::SessionId;
use web::page::{self, PageQuery};
use web::{ApiError, Caller, Path, Query, scope};
use wire::error::ErrorBody;
use wire::sessions::{SessionPage, SessionView};

use crate::Deps;

#[utoipa::path(get, path = "/api/sessions", tag = "sessions", security(("bearer" = ["sessions:read"])), params(PageQuery),
    responses((status = 200, body = SessionPage, description = "Newest first"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub(crate) async fn list_sessions(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsRead>,
    Query(query): Query<PageQuery>,
) -> Result<Json<SessionPage>, ApiError> {
    let limit = page::limit(query.limit)?;
    let after = page::cursor(query.cursor.as_deref())?;
    let (sessions, more) = deps.store.sessions(caller.user_id, after, limit).await?;
    let next_cursor = sessions.last().filter(|_| more).map(|session| session.id.to_string());
    Ok(Json(SessionPage { sessions: sessions.into_iter().map(SessionView::from).collect(), next_cursor }))
}

#[utoipa::path(get, path = "/api/sessions/{id}", tag = "sessions", security(("bearer" = ["sessions:read"])),
    params(("id" = SessionId, Path)),
    responses((status = 200, body = SessionView), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn get_session(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsRead>,
    Path(id): Path<SessionId>,
) -> Result<Json<SessionView>, ApiError> {
    let session = deps.store.session(caller.user_id, id).await?.ok_or_else(ApiError::session_not_found)?;
    Ok(Json(session.into()))
}
