//! A runner's snapshots: where to put them, when they count, and its leave.

use domain::RunnerClaim;
use domain::session::Fenced;
use wire::runner::ToRunner;

use crate::transition::{Outcome, Reads, settle, transition, turn_in_hand};
use crate::{AgentError, Deps};

/// An address for the next snapshot.
pub async fn ready(deps: &Deps, claim: RunnerClaim, bytes: u64) -> Result<ToRunner, AgentError> {
    let session = deps.store.session(claim.user_id, claim.session_id).await?.ok_or(AgentError::NoSession)?;
    session.fence(claim.epoch)?;
    let upload = deps.store.snapshot_upload(&session, claim.epoch, bytes).await?;
    Ok(ToRunner::SnapshotUpload { version: upload.version, url: upload.url, headers: upload.headers })
}

/// Makes a snapshot that is in the bucket the one that counts, and deletes the
/// one it replaces. Until then the earlier one counts.
pub async fn stored(deps: &Deps, claim: RunnerClaim, version: u64, bytes: u64) -> Result<ToRunner, AgentError> {
    let now = web::now();
    let RunnerClaim { user_id, session_id, epoch } = claim;
    let session = deps.store.session(user_id, session_id).await?.ok_or(AgentError::NoSession)?;
    let Some(snapshot) = deps.store.stored_snapshot(&session, epoch, version, bytes, now).await? else {
        return Err(AgentError::NoSnapshot);
    };
    let outcome = transition(&deps.store, user_id, session_id, now, Reads::Nothing, |at| {
        Ok(at.session.snapshot_taken(epoch, snapshot.clone(), now)?.map(Into::into))
    })
    .await?;
    if let (Outcome::Done { .. }, Some(replaced)) = (outcome, session.snapshot)
        && replaced.key != snapshot.key
        && let Err(error) = deps.store.delete_snapshot(&replaced).await
    {
        tracing::warn!(%error, session.id = %session_id, "a replaced snapshot was not deleted");
    }
    Ok(ToRunner::SnapshotCommitted { version })
}

/// Lets an idle runner go, unless a turn came in between.
pub async fn leave(deps: &Deps, claim: RunnerClaim) -> Result<ToRunner, AgentError> {
    let now = web::now();
    let outcome = transition(&deps.store, claim.user_id, claim.session_id, now, Reads::Nothing, |at| {
        Ok(at.session.runner_leaves(claim.epoch, now)?.map(Into::into))
    })
    .await?;
    match outcome {
        Outcome::Done { change, committed, .. } => {
            settle(deps, &change, &committed).await;
            Ok(ToRunner::Stop { reason: "idle".to_owned() })
        }
        Outcome::Unchanged { session, .. } => match turn_in_hand(&deps.store, &session).await? {
            Some(turn) => Ok(ToRunner::Turn(turn)),
            None => Err(Fenced::StaleEpoch.into()),
        },
        Outcome::Repeated => Err(AgentError::Busy),
    }
}
