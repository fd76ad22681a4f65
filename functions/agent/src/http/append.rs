//! A runner's batch that is too large for a socket frame.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::{RunnerClaim, SessionId};
use web::auth::bearer;
use web::{ApiError, Json, Path};
use wire::runner::{Append, ToRunner};

use crate::append::append as append_batch;
use crate::{AgentError, Deps};

pub(crate) async fn append(
    State(deps): State<Deps>,
    Path(id): Path<SessionId>,
    headers: HeaderMap,
    Json(frame): Json<Append>,
) -> Result<axum::Json<ToRunner>, ApiError> {
    let claim = authenticate(&deps, &headers, id).await?;
    let appended = append_batch(&deps, claim, frame).await?;
    appended.deliver(&deps, claim).await;
    Ok(axum::Json(ToRunner::Ack(appended.ack)))
}

pub(crate) async fn authenticate(deps: &Deps, headers: &HeaderMap, id: SessionId) -> Result<RunnerClaim, ApiError> {
    let key = deps.signing_key().await.map_err(AgentError::from)?;
    bearer(headers)?.runner_claim(key).filter(|claim| claim.session_id == id).ok_or_else(|| {
        ApiError::new(StatusCode::UNAUTHORIZED, "invalid_token", "this takes the token of the session's runner")
    })
}
