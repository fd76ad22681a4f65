//! What a runner says besides its events: that it is there, and that it still is.

use domain::{RunnerClaim, limits};
use wire::runner::{Alive, SessionSetup, SnapshotSource, Welcome};

use crate::transition::{Outcome, Reads, settle, transition, turn_in_hand};
use crate::{AgentError, Deps};

/// Takes note of a runner's socket and tells it what to do.
pub async fn hello(deps: &Deps, claim: RunnerClaim, connection_id: &str) -> Result<Welcome, AgentError> {
    let now = web::now();
    let RunnerClaim { user_id, session_id, epoch } = claim;
    deps.store.heartbeat(user_id, session_id, epoch, now).await?;
    let outcome = transition(&deps.store, user_id, session_id, now, Reads::Nothing, |at| {
        Ok(Some(at.session.runner_connected(epoch, connection_id, now)?.into()))
    })
    .await?;
    let Outcome::Done { change, committed, .. } = outcome else {
        return Err(AgentError::Busy);
    };
    settle(deps, &change, &committed).await;
    let session = change.session;
    let snapshot = match &session.snapshot {
        Some(known) => Some(SnapshotSource {
            version: known.version,
            url: deps.store.snapshot_url(known).await?,
            bytes: known.bytes,
        }),
        None => None,
    };
    Ok(Welcome {
        snapshot,
        idle_stop_seconds: deps.idle_stop_seconds,
        head: committed.head,
        last_batch: deps.store.last_batch(&session, epoch).await?,
        turn: turn_in_hand(&deps.store, &session).await?,
        heartbeat_seconds: limits::HEARTBEAT_SECONDS.unsigned_abs(),
        session: SessionSetup {
            id: session.id,
            title: session.title,
            workspace: session.workspace,
            model: session.model,
            permissions: session.permissions,
        },
    })
}

/// Notes a sign of life; brings what a lost frame should have.
pub async fn heartbeat(deps: &Deps, claim: RunnerClaim) -> Result<Alive, AgentError> {
    let RunnerClaim { user_id, session_id, epoch } = claim;
    let session = deps.store.session(user_id, session_id).await?.ok_or(AgentError::NoSession)?;
    session.fence(epoch)?;
    deps.store.heartbeat(user_id, session_id, epoch, web::now()).await?;
    Ok(Alive { turn: turn_in_hand(&deps.store, &session).await? })
}
