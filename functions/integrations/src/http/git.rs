//! What opens a session's repository, for the session's runner alone.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::integration::Connection;
use domain::{Integration, Repository, SessionId, limits};
use web::auth::bearer;
use web::{ApiError, Path};
use wire::runner::GitAccess;

use crate::providers::Failure;
use crate::sync::{Access, ask};
use crate::{Deps, WorkError};

pub(crate) async fn open_repository(
    State(deps): State<Deps>,
    Path(id): Path<SessionId>,
    headers: HeaderMap,
) -> Result<Json<GitAccess>, ApiError> {
    let refused =
        || ApiError::new(StatusCode::UNAUTHORIZED, "invalid_token", "this takes the token of the session's runner");
    let key = deps.secret().value("ENCRYPTION_KEY").await?.as_bytes();
    let claim = bearer(&headers)?.runner_claim(key).filter(|claim| claim.session_id == id).ok_or_else(refused)?;
    let session = deps.store.session(claim.user_id, id).await?.ok_or_else(ApiError::session_not_found)?;
    session.fence(claim.epoch).map_err(|_| refused())?;
    let repository = session
        .repository
        .ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "not_found", "the session has no repository"))?;
    let (integrations, _) = deps.store.integrations(claim.user_id, None, limits::PAGE_MAX).await?;
    let connected = integrations.into_iter().filter(|known| known.connection == Connection::Connected);
    let mut why = None;
    for integration in connected {
        match access(&deps, &integration, &repository).await {
            Ok(Some(access)) => return Ok(Json(access)),
            Ok(None) => {}
            Err(error) => why = Some(error),
        }
    }
    match why {
        Some(error) => Err(error.into()),
        None => Err(ApiError::new(
            StatusCode::CONFLICT,
            "not_connected",
            "connect a GitHub account to work on its repositories",
        )),
    }
}

/// `None`: the service has no repositories.
async fn access(
    deps: &Deps,
    integration: &Integration,
    repository: &Repository,
) -> Result<Option<GitAccess>, WorkError> {
    let provider = deps.providers().await?.get(&integration.service);
    let provider = provider.ok_or_else(|| Failure::bug("This deployment does not know the service."))?;
    if !provider.has_repositories() {
        return Ok(None);
    }
    let mut access = Access::open(deps, provider, integration).await?;
    ask!(access, |call| provider.open_repository(call, repository)).map(Some)
}
