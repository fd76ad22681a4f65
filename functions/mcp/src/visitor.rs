//! Who calls a tool: a session's agent, or a user's own program.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::{SessionId, UserId};
use web::auth::bearer;
use web::{ApiError, Caller, limit, scope};

use crate::Deps;

/// Whose things the tools are about.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) owner: UserId,
    /// The session whose agent it is.
    pub(crate) session: Option<SessionId>,
}

impl FromRequestParts<Deps> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, deps: &Deps) -> Result<Self, ApiError> {
        match bearer(&parts.headers) {
            Ok(token) if token.is_runner() => agent(deps, &token).await,
            _ => {
                let caller = Caller::<scope::Mcp>::from_request_parts(parts, deps).await?;
                Ok(Self { owner: caller.user_id, session: None })
            }
        }
    }
}

/// The token of a session's runner, as long as it is the session's.
async fn agent(deps: &Deps, token: &domain::BearerToken) -> Result<Visitor, ApiError> {
    let refused = || {
        let message = "the token is not that of a session's present runner";
        ApiError::new(StatusCode::UNAUTHORIZED, "invalid_token", message)
    };
    let claim = token.runner_claim(deps.signing_key().await?).ok_or_else(refused)?;
    let session = deps.store.session(claim.user_id, claim.session_id).await?.ok_or_else(refused)?;
    session.fence(claim.epoch).map_err(|_| refused())?;
    limit::request(&deps.store, claim.user_id, &claim.session_id.to_string()).await?;
    Ok(Visitor { owner: claim.user_id, session: Some(claim.session_id) })
}
