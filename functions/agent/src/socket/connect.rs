//! Who may open a socket, and as what.
//!
//! A browser brings a single-use ticket, a program its API token, a runner the
//! token of its session and epoch.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use domain::{BearerToken, Principal, Scope, SessionId, UserId};
use store::{Connection, Peer};
use web::ApiError;
use web::auth::{authenticate, bearer, require};
use wire::error::ErrorBody;

use crate::socket::{SocketEvent, SocketReply};
use crate::{AgentError, Deps};

pub(crate) async fn connect(deps: &Deps, event: &SocketEvent) -> SocketReply {
    match admit(deps, event).await {
        Ok(()) => SocketReply::ok(),
        Err(error) => {
            error.log();
            let body = ErrorBody { error: error.detail(&event.request_context.request_id) };
            SocketReply::refused(error.status().as_u16(), serde_json::to_string(&body).unwrap_or_default())
        }
    }
}

async fn admit(deps: &Deps, event: &SocketEvent) -> Result<(), ApiError> {
    let connection = identify(deps, event).await?;
    let session = deps.store.session(connection.owner, connection.session).await?;
    let session = session.ok_or(AgentError::NoSession)?;
    match connection.peer {
        Peer::Runner { epoch } => session.fence(epoch).map_err(AgentError::from)?,
        Peer::Viewer { .. } => {}
    }
    deps.store.put_connection(&event.request_context.connection_id, &connection).await?;
    Ok(())
}

async fn identify(deps: &Deps, event: &SocketEvent) -> Result<Connection, ApiError> {
    let asked: SessionId = match event.query("session").map(str::parse) {
        Some(Ok(id)) => id,
        Some(Err(error)) => return Err(ApiError::bad_request("invalid_id", error.to_string())),
        None => return Err(ApiError::bad_request("invalid_id", "the address names no session")),
    };
    let now = web::now();
    let (owner, session, peer) = if let Some(ticket) = event.query("ticket") {
        let ticket = deps.store.take_ticket(&BearerToken::from_text(ticket).hash(), now).await?;
        let useless = || {
            let message = "the ticket is unknown, used or expired; get a new one";
            ApiError::new(StatusCode::UNAUTHORIZED, "invalid_ticket", message)
        };
        let ticket = ticket.ok_or_else(useless)?;
        if ticket.principal.has_expired(now) || deps.store.is_revoked(ticket.principal.actor, now).await? {
            return Err(useless());
        }
        viewer(ticket.principal, ticket.session)
    } else {
        let token = bearer(&authorization(event))?;
        if token.is_runner() {
            let key = deps.signing_key().await.map_err(AgentError::from)?;
            let claim = token.runner_claim(key).ok_or_else(|| {
                ApiError::new(StatusCode::UNAUTHORIZED, "invalid_token", "the token's signature does not hold")
            })?;
            (claim.user_id, claim.session_id, Peer::Runner { epoch: claim.epoch })
        } else {
            let principal = authenticate(&deps.store, &token).await?;
            require(&principal, Scope::SessionsRead)?;
            viewer(principal, asked)
        }
    };
    if session != asked {
        return Err(ApiError::session_not_found());
    }
    Ok(Connection { owner, session, peer, connected_at: now })
}

fn viewer(principal: Principal, session: SessionId) -> (UserId, SessionId, Peer) {
    let Principal { user_id, actor, scopes, expires_at } = principal;
    (user_id, session, Peer::Viewer { actor, scopes, expires_at })
}

fn authorization(event: &SocketEvent) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(Ok(value)) = event.header("authorization").map(HeaderValue::from_str) {
        headers.insert(header::AUTHORIZATION, value);
    }
    headers
}
