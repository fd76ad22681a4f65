//! Puts a runner's batch into the log and hands it to everyone who watches.
//!
//! This is the hot path of a turn: one conditional write and one read at the same
//! time, then the acknowledgement and the viewers at the same time.

use domain::session::Fenced;
use domain::{Event, RunnerClaim};
use futures_util::future::join;
use store::{AppendError, Writer};
use wire::runner::{Ack, Append};

use crate::delivery::fan_out;
use crate::transition::{Decision, Outcome, Reads, transition, turn_in_hand};
use crate::{AgentError, Deps, measure};

/// A batch that is in the log, and whom it is still to be delivered to.
pub struct Appended {
    pub ack: Ack,
    events: Vec<Event>,
    viewers: Vec<String>,
}

impl Appended {
    /// Delivers the batch to the viewers.
    pub async fn deliver(&self, deps: &Deps, claim: RunnerClaim) {
        fan_out(deps, claim.user_id, claim.session_id, &self.events, &self.viewers).await;
    }
}

/// Appends a batch. A repeat is acknowledged again and not delivered again.
pub async fn append(deps: &Deps, claim: RunnerClaim, frame: Append) -> Result<Appended, AgentError> {
    if frame.epoch != claim.epoch {
        return Err(Fenced::StaleEpoch.into());
    }
    let of_events = frame.events.first().and_then(|entry| entry.turn);
    let turn = frame.finish.as_ref().map(|outcome| outcome.turn).or(of_events);
    tracing::Span::current().record("turn.number", turn);
    match frame.finish {
        Some(_) => finish(deps, claim, frame).await,
        None => append_events(deps, claim, frame).await,
    }
}

async fn append_events(deps: &Deps, claim: RunnerClaim, frame: Append) -> Result<Appended, AgentError> {
    let RunnerClaim { user_id, session_id, epoch } = claim;
    let Append { batch, after, events, waited_ms, first_words, .. } = frame;
    if events.is_empty() {
        let ack = Ack { batch, head: after, watched: true, turn: None };
        return Ok(Appended { ack, events: Vec::new(), viewers: Vec::new() });
    }
    let now = web::now();
    let (appended, watchers) = join(
        deps.store.append(user_id, session_id, Writer::Runner { epoch, batch }, after, events, now),
        deps.store.watchers(user_id, session_id, now),
    )
    .await;
    let appended = appended.map_err(|error| match error {
        AppendError::Fenced => AgentError::Fenced(Fenced::StaleEpoch),
        AppendError::Store(error) => error.into(),
    })?;
    // A viewer announces itself in the log before it reads it. A batch that came
    // to stand behind such a mark may not have seen the viewer.
    let watchers = if appended.raced { deps.store.watchers(user_id, session_id, now).await? } else { watchers? };
    measure::batch(waited_ms, first_words, &appended.events, now);
    let ack = Ack { batch, head: appended.head, watched: !watchers.is_empty(), turn: None };
    Ok(Appended { ack, events: appended.events, viewers: watchers.sockets })
}

/// The closing batch of a turn: events, stored answer, next turn, all at once.
async fn finish(deps: &Deps, claim: RunnerClaim, frame: Append) -> Result<Appended, AgentError> {
    let now = web::now();
    let Append { batch, events, finish, waited_ms, first_words, .. } = frame;
    let outcome = transition(&deps.store, claim.user_id, claim.session_id, now, Reads::Next, |at| {
        let Some(outcome) = finish.clone() else { return Ok(None) };
        let change = at.session.finish_turn(claim.epoch, outcome, at.next.as_ref(), now)?;
        Ok(change.map(|change| Decision { change, leading: &events, batch, idempotency: None }))
    })
    .await?;
    let (session, head, written) = match outcome {
        // No effect is left to carry out: the acknowledgement brings the next turn.
        Outcome::Done { change, committed, .. } => {
            measure::batch(waited_ms, first_words, &committed.events, now);
            (change.session, committed.head, Some(committed.events))
        }
        Outcome::Unchanged { session, head } => (session, head, None),
        Outcome::Repeated => return Err(AgentError::Busy),
    };
    let turn = turn_in_hand(&deps.store, &session).await?;
    let watchers = deps.store.watchers(claim.user_id, claim.session_id, now).await?;
    let ack = Ack { batch, head, watched: !watchers.is_empty(), turn };
    Ok(Appended { ack, events: written.unwrap_or_default(), viewers: watchers.sockets })
}
