//! Interventions: stop a turn, answer the agent, give a runner up, clear up after
//! a session's end.

use domain::message::TurnError;
use domain::{RunnerClaim, Session, SessionId, UserId};
use wire::runner::ToRunner;

use crate::sockets::Sent;
use crate::transition::{Outcome, Reads, close_viewers, make_up, settle, stop_task, tell_runner, transition};
use crate::{AgentError, Deps};

/// Asks for the turn in hand to be stopped; whether it is over already.
pub async fn abort(deps: &Deps, owner: UserId, id: SessionId) -> Result<bool, AgentError> {
    let now = web::now();
    let outcome = transition(&deps.store, owner, id, now, Reads::Next, |at| {
        Ok(at.session.abort(at.next.as_ref(), now).map(Into::into))
    })
    .await?;
    match outcome {
        Outcome::Done { change, committed, .. } => {
            settle(deps, &change, &committed).await;
            Ok(change.session.turn.is_none_or(|turn| turn.abort_requested_at.is_none()))
        }
        Outcome::Unchanged { session, .. } if session.terminated_at.is_some() => Err(AgentError::Terminated),
        Outcome::Unchanged { .. } | Outcome::Repeated => Err(AgentError::NoTurn),
    }
}

/// Passes the user's answer to a permission or question on to the runner, whose
/// word about it comes as an event.
pub async fn answer(deps: &Deps, owner: UserId, id: SessionId, frame: &ToRunner) -> Result<(), AgentError> {
    let session = deps.store.session(owner, id).await?.ok_or(AgentError::NoSession)?;
    if session.terminated_at.is_some() {
        return Err(AgentError::Terminated);
    }
    match tell_runner(deps, &session, frame).await {
        Sent::Delivered => Ok(()),
        Sent::Gone => Err(AgentError::NoRunner),
        // Nobody else would bring it.
        Sent::Failed => Err(AgentError::Busy),
    }
}

/// Gives a runner up, with the reason that its turn fails for. Harmless when it
/// is not the session's runner any more.
pub async fn lose_runner(deps: &Deps, claim: RunnerClaim, error: TurnError) -> Result<(), AgentError> {
    let now = web::now();
    let outcome = transition(&deps.store, claim.user_id, claim.session_id, now, Reads::NextAndParts, |at| {
        let parts = at.parts.clone();
        Ok(at.session.runner_lost(claim.epoch, error.clone(), parts, at.next.as_ref(), now).map(Into::into))
    })
    .await?;
    match outcome {
        Outcome::Done { change, committed, .. } => settle(deps, &change, &committed).await,
        // Perhaps a first attempt died before it did what follows.
        Outcome::Unchanged { .. } | Outcome::Repeated => make_up(deps, claim.user_id, claim.session_id).await?,
    }
    Ok(())
}

/// Ends what a terminated session still has: its task, its viewers' sockets, and
/// the texts that are kept for its messages.
pub async fn clear_up(deps: &Deps, session: &Session) {
    stop_task(deps, session, session.task_epoch).await;
    if let Err(error) = deps.store.delete_kept(session).await {
        tracing::warn!(%error, session.id = %session.id, "kept texts of a terminated session were not deleted");
    }
    close_viewers(deps, session).await;
}
