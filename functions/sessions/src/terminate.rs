//! Terminates a session: at once and for good in the table; its task and its
//! viewers follow when the bus has told the agent function, or the sweeper has.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use axum::extract::State;
use domain::{Seq, Session, SessionId, limits};
use store::{Commit, CommitError};
use web::{ApiError, Authenticated, Path};
use wire::bus::{SOURCE, SessionTerminated};
use wire::error::ErrorBody;
use wire::sessions::SessionView;

use crate::Deps;

#[utoipa::path(delete, path = "/api/sessions/{id}", tag = "sessions", security(("bearer" = [])),
    params(("id" = SessionId, Path)),
    responses((status = 200, body = SessionView, description = "Terminated; the same answer when repeated"),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn delete_session(
    State(deps): State<Deps>,
    caller: Authenticated,
    Path(id): Path<SessionId>,
) -> Result<axum::Json<SessionView>, ApiError> {
    for _ in 0..limits::RACE_RETRIES_MAX {
        let (session, head) =
            deps.store.session_and_head(caller.user_id, id).await?.ok_or_else(ApiError::session_not_found)?;
        if let Some(terminated) = terminate(&deps, session, head).await? {
            tell_agent(&deps, &terminated).await?;
            return Ok(axum::Json(terminated.into()));
        }
    }
    Err(ApiError::unavailable())
}

/// The terminated session, or `None` after a lost race.
async fn terminate(deps: &Deps, session: Session, head: Seq) -> Result<Option<Session>, ApiError> {
    let now = web::now();
    let parts = deps.store.parts_so_far(&session).await.map_err(ApiError::internal)?;
    let Some(change) = session.terminate(parts, now) else {
        return Ok(Some(session));
    };
    let commit = Commit { change: &change, head, leading: Vec::new(), batch: 0, idempotency: None, now };
    match deps.store.commit(commit).await {
        Ok(_) => Ok(Some(change.session)),
        Err(CommitError::Raced | CommitError::Repeated) => Ok(None),
        Err(CommitError::Store(error)) => Err(error.into()),
    }
}

async fn tell_agent(deps: &Deps, session: &Session) -> Result<(), ApiError> {
    let detail = SessionTerminated { user_id: session.owner, session_id: session.id };
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(&deps.bus_name)
        .source(SOURCE)
        .detail_type(SessionTerminated::DETAIL_TYPE)
        .detail(serde_json::to_string(&detail).map_err(ApiError::internal)?)
        .build();
    deps.bus.put_events().entries(entry).send().await.map_err(ApiError::internal)?;
    Ok(())
}
