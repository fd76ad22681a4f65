//! Ends what a user acts by, and has the agent function close its sockets.

use axum::http::HeaderMap;
use domain::{Actor, BearerToken, Principal, UserId};
use web::{ApiError, cookie};
use wire::bus::{CallerRevoked, SOURCE};

use crate::Deps;

/// Ends a token or signs a browser out; whether the user had it.
pub(crate) async fn actor(deps: &Deps, owner: UserId, actor: Actor) -> Result<bool, ApiError> {
    if !deps.store.revoke(owner, actor, web::now()).await? {
        return Ok(false);
    }
    // Sooner than the sweeper, which finds it in any case.
    let revoked = CallerRevoked { user_id: owner, actor };
    if let Err(error) = deps.tell(SOURCE, CallerRevoked::DETAIL_TYPE, &revoked).await {
        error.log();
    }
    Ok(true)
}

/// Signs the browser out that sent the request; who it was, if it was signed in.
pub(crate) async fn browser(deps: &Deps, headers: &HeaderMap) -> Result<Option<Principal>, ApiError> {
    let Some(cookie) = cookie::read(headers, cookie::LOGIN) else { return Ok(None) };
    let hash = BearerToken::from_text(cookie).hash();
    let principal = deps.store.authenticate_browser(&hash, web::now()).await?;
    if let Some(principal) = &principal {
        actor(deps, principal.user_id, principal.actor).await?;
    }
    Ok(principal)
}
