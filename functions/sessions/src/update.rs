//! Changes what a user says of a session: title, notes, permissions.

use axum::extract::State;
use domain::SessionId;
use web::{ApiError, Caller, Json, Path, scope};
use wire::error::ErrorBody;
use wire::sessions::{SessionView, UpdateSession};

use crate::change::change;
use crate::{Deps, check};

#[utoipa::path(patch, path = "/api/sessions/{id}", tag = "sessions", security(("bearer" = ["sessions:write"])),
    params(("id" = SessionId, Path)), request_body = UpdateSession,
    responses((status = 200, body = SessionView), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn update_session(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsWrite>,
    Path(id): Path<SessionId>,
    Json(body): Json<UpdateSession>,
) -> Result<axum::Json<SessionView>, ApiError> {
    body.title.as_deref().map(check::title).transpose()?;
    body.metadata.as_ref().map(check::metadata).transpose()?;
    body.permissions.as_ref().map(check::permissions).transpose()?;
    let session = change(&deps, caller.user_id, id, |session| {
        let UpdateSession { title, metadata, permissions } = body.clone();
        let change = session.update(title, metadata, permissions, web::now());
        std::future::ready(change.map(Some).ok_or_else(ApiError::session_terminated))
    })
    .await?;
    Ok(axum::Json(session.into()))
}
