//! Closes the sockets of callers that were revoked, or whose time is over.
//!
//! The bus tells at once. What it does not tell, because the function died that
//! should have, the schedule finds, as well as a socket that was being opened and
//! a token that has expired.

use domain::{Actor, UserId, limits};
use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::{AgentError, Deps};

/// Closes every socket that this token or browser has opened.
pub(crate) async fn close_sockets(deps: &Deps, owner: UserId, actor: Actor) -> Result<(), AgentError> {
    let open = deps.store.sockets_of(owner, actor).await?;
    let closed = join_all(open.iter().map(|id| close(deps, id))).await;
    closed.into_iter().collect()
}

async fn close(deps: &Deps, id: &str) -> Result<(), AgentError> {
    // Nothing is sent to it from here on, and no frame of it is carried out.
    if let Some(connection) = deps.store.connection(id).await? {
        deps.store.remove_viewer(connection.owner, connection.session, id).await?;
    }
    // Its end forgets the rest.
    deps.sockets.close(id).await;
    Ok(())
}

/// Looks after all that were revoked lately.
pub(crate) async fn sweep(deps: &Deps) {
    if let Err(error) = sweep_all(deps).await {
        tracing::error!(%error, "revoked callers were not looked after; the next sweep will");
    }
}

async fn sweep_all(deps: &Deps) -> Result<(), AgentError> {
    let now = web::now();
    for revoked in deps.store.revoked().await? {
        if revoked.at > now {
            continue;
        }
        close_sockets(deps, revoked.user_id, revoked.actor).await?;
        if revoked.at + SignedDuration::from_mins(limits::REVOKED_MINUTES) <= now {
            deps.store.forget_revoked(revoked.actor).await?;
        }
    }
    Ok(())
}
