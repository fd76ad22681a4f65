//! Changes what a user says of a session: title, notes, permissions.

use axum::extract::State;
use domain::{SessionId, limits};
use store::{Commit, CommitError};
use web::{ApiError, Authenticated, Json, Path};
use wire::error::ErrorBody;
use wire::sessions::{SessionView, UpdateSession};

use crate::{Deps, check};

#[utoipa::path(patch, path = "/api/sessions/{id}", tag = "sessions", security(("bearer" = [])),
    params(("id" = SessionId, Path)), request_body = UpdateSession,
    responses((status = 200, body = SessionView), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn update_session(
    State(deps): State<Deps>,
    caller: Authenticated,
    Path(id): Path<SessionId>,
    Json(body): Json<UpdateSession>,
) -> Result<axum::Json<SessionView>, ApiError> {
    body.title.as_deref().map(check::title).transpose()?;
    body.metadata.as_ref().map(check::metadata).transpose()?;
    body.permissions.as_ref().map(check::permissions).transpose()?;
    let now = web::now();
    for _ in 0..limits::RACE_RETRIES_MAX {
        let (session, head) =
            deps.store.session_and_head(caller.user_id, id).await?.ok_or_else(ApiError::session_not_found)?;
        let UpdateSession { title, metadata, permissions } = body.clone();
        let change = session.update(title, metadata, permissions, now).ok_or_else(ApiError::session_terminated)?;
        let commit = Commit { change: &change, head, leading: Vec::new(), batch: 0, idempotency: None, now };
        match deps.store.commit(commit).await {
            Ok(_) => return Ok(axum::Json(change.session.into())),
            Err(CommitError::Raced | CommitError::Repeated) => {}
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
    }
    Err(ApiError::unavailable())
}
