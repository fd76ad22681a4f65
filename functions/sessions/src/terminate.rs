//! Terminates a session: at once and for good in the table; its task and its
//! viewers follow when the bus has told the agent function, or the sweeper has.

use axum::extract::State;
use domain::SessionId;
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
    let session = change(&deps, caller.user_id, id, |session| {
        let (deps, session) = (deps.clone(), session.clone());
        async move {
            let parts = deps.store.parts_so_far(&session).await.map_err(ApiError::internal)?;
            Ok(session.terminate(parts, web::now()))
        }
    })
    .await?;
    Ok(axum::Json(session.into()))
}
