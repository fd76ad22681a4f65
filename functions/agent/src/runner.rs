//! What a runner says besides its events: that it is there, and that it still is.

use domain::session::Runner;
use domain::{RunnerClaim, Seq, Session, limits};
use jiff::Timestamp;
use wire::runner::{Alive, SessionSetup, SnapshotSource, Welcome};

use crate::transition::{Outcome, Reads, settle, transition, turn_in_hand};
use crate::{AgentError, Deps};

/// Takes note of a runner's socket and tells it what to do.
pub async fn hello(deps: &Deps, claim: RunnerClaim, connection_id: &str) -> Result<Welcome, AgentError> {
    let now = web::now();
    let RunnerClaim { user_id, session_id, epoch } = claim;
    deps.store.heartbeat(user_id, session_id, epoch, now).await?;
    let (session, head) = connected(deps, claim, connection_id, now).await?;
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
        head,
        last_batch: deps.store.last_batch(&session, epoch).await?,
        turn: turn_in_hand(&deps.store, &session).await?,
        heartbeat_seconds: limits::HEARTBEAT_SECONDS.unsigned_abs(),
        session: SessionSetup {
            id: session.id,
            title: session.title,
            workspace: session.workspace,
            repository: session.repository,
            model: session.model,
            permissions: session.permissions,
        },
    })
}

/// Notes which socket is the runner's; the session then, and its log's head.
async fn connected(
    deps: &Deps,
    claim: RunnerClaim,
    connection_id: &str,
    now: Timestamp,
) -> Result<(Session, Seq), AgentError> {
    let outcome = transition(&deps.store, claim.user_id, claim.session_id, now, Reads::Nothing, |at| {
        Ok(Some(at.session.runner_connected(claim.epoch, connection_id, now)?.into()))
    })
    .await?;
    let Outcome::Done { change, committed, .. } = outcome else {
        return Err(AgentError::Busy);
    };
    settle(deps, &change, &committed).await;
    Ok((change.session, committed.head))
}

/// Notes a sign of life; brings what a lost frame should have. The socket that it comes by is the
/// runner's, even if a late frame of an earlier one has said otherwise.
pub async fn heartbeat(deps: &Deps, claim: RunnerClaim, connection_id: &str) -> Result<Alive, AgentError> {
    let RunnerClaim { user_id, session_id, epoch } = claim;
    let now = web::now();
    let mut session = deps.store.session(user_id, session_id).await?.ok_or(AgentError::NoSession)?;
    session.fence(epoch)?;
    deps.store.heartbeat(user_id, session_id, epoch, now).await?;
    if !matches!(&session.runner, Runner::Connected { connection_id: known, .. } if known == connection_id) {
        session = connected(deps, claim, connection_id, now).await?.0;
    }
    Ok(Alive { turn: turn_in_hand(&deps.store, &session).await? })
}
