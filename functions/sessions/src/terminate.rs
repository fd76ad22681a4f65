//! Terminates a session: at once and for good in the table; its task and its
//! viewers follow when the bus has told the agent function, or the sweeper has.

use axum::extract::State;
use domain::{Session, SessionId, UserId, limits};
use web::{ApiError, Caller, Path, scope};
use wire::error::ErrorBody;
use wire::sessions::SessionView;

use crate::Deps;
use crate::change::change;

#[utoipa::path(delete, path = "/api/sessions/{id}", tag = "sessions", security(("bearer" = ["sessions:write"])),
    params(("id" = SessionId, Path)),
    responses((status = 200, body = SessionView, description = "Terminated; the same answer when repeated"),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn delete_session(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsWrite>,
    Path(id): Path<SessionId>,
) -> Result<axum::Json<SessionView>, ApiError> {
    Ok(axum::Json(terminate(&deps, caller.user_id, id).await?.into()))
}

async fn terminate(deps: &Deps, owner: UserId, id: SessionId) -> Result<Session, ApiError> {
    change(deps, owner, id, |session| {
        let (deps, session) = (deps.clone(), session.clone());
        async move {
            let parts = deps.store.parts_so_far(&session).await.map_err(ApiError::internal)?;
            Ok(session.terminate(parts, web::now()))
        }
    })
    .await
}

/// Terminates all sessions of a user.
pub(crate) async fn all(deps: &Deps, owner: UserId) -> Result<(), ApiError> {
    let mut after = None;
    loop {
        let (sessions, more) = deps.store.sessions(owner, after, limits::PAGE_MAX).await?;
        after = sessions.last().map(|session| session.id);
        for session in sessions.into_iter().filter(|session| session.terminated_at.is_none()) {
            terminate(deps, owner, session.id).await?;
        }
        if !more {
            return Ok(());
        }
    }
}
