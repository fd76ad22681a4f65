//! Carries a session from one state to the next: read, decide, write under the
//! condition that nothing changed meanwhile, or begin again. What follows from a
//! change is done afterwards and may be done twice.

use domain::event::Entry;
use domain::message::TurnError;
use domain::session::{Change, Effect, Prompt, Runner};
use domain::{BearerToken, Epoch, Part, RunnerClaim, Seq, Session, SessionId, UserId, limits};
use futures_util::future::{join, join_all};
use jiff::Timestamp;
use store::{Commit, CommitError, Committed, Idempotency, Store};
use web::metric;
use wire::runner::{ToRunner, Turn};

use crate::attachments::addressed;
use crate::delivery::publish;
use crate::sockets::Sent;
use crate::{AgentError, Deps, control, measure};

/// A change that was decided on, with what else is to be written with it.
pub(crate) struct Decision<'a> {
    pub(crate) change: Change,
    pub(crate) leading: &'a [Entry],
    pub(crate) batch: u64,
    pub(crate) idempotency: Option<&'a Idempotency>,
}

impl From<Change> for Decision<'_> {
    fn from(change: Change) -> Self {
        Self { change, leading: &[], batch: 0, idempotency: None }
    }
}

/// What became of a transition.
pub(crate) enum Outcome {
    Done {
        change: Change,
        committed: Committed,
        before: Seq,
    },
    /// There was nothing to change.
    Unchanged {
        session: Session,
        head: Seq,
    },
    /// The idempotency key was used before.
    Repeated,
}

/// What a decision needs to know besides the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    Nothing,
    /// The prompt that follows the turn in hand.
    Next,
    /// That, and what viewers have seen of the turn in hand.
    NextAndParts,
}

/// What a decision is made on.
pub(crate) struct Situation {
    pub(crate) session: Session,
    pub(crate) next: Option<Prompt>,
    pub(crate) parts: Vec<Part>,
}

/// Repeats `decide` on the session as it is until its change is written.
pub(crate) async fn transition<'a>(
    store: &Store,
    owner: UserId,
    id: SessionId,
    now: Timestamp,
    reads: Reads,
    decide: impl Fn(&Situation) -> Result<Option<Decision<'a>>, AgentError>,
) -> Result<Outcome, AgentError> {
    for _ in 0..limits::RACE_RETRIES_MAX {
        let (session, head) = store.session_and_head(owner, id).await?.ok_or(AgentError::NoSession)?;
        let mut situation = Situation { session, next: None, parts: Vec::new() };
        if reads != Reads::Nothing
            && let Some(turn) = situation.session.next_queued()
        {
            situation.next = store.prompt(owner, id, turn).await?;
        }
        if reads == Reads::NextAndParts {
            situation.parts = store.parts_so_far(&situation.session).await?;
        }
        let Some(Decision { change, leading, batch, idempotency }) = decide(&situation)? else {
            return Ok(Outcome::Unchanged { session: situation.session, head });
        };
        let commit = Commit { change: &change, head, leading: leading.to_vec(), batch, idempotency, now };
        match store.commit(commit).await {
            Ok(committed) => {
                let happenings = measure::change(&situation.session, &change, &committed.events, now);
                join_all(happenings.into_iter().map(|happening| metric::happened(store, happening, now))).await;
                return Ok(Outcome::Done { change, committed, before: head });
            }
            Err(CommitError::Raced) => {}
            Err(CommitError::Repeated) => return Ok(Outcome::Repeated),
            Err(CommitError::TooManySandboxes) => return Err(AgentError::TooManySandboxes),
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
    }
    Err(AgentError::Busy)
}

/// Tells viewers of a change and does what follows from it.
pub(crate) async fn settle(deps: &Deps, change: &Change, committed: &Committed) {
    let session = &change.session;
    join(
        publish(deps, session.owner, session.id, &committed.events),
        join_all(change.effects.iter().map(|effect| carry_out(deps, session, effect))),
    )
    .await;
}

async fn carry_out(deps: &Deps, session: &Session, effect: &Effect) {
    match effect {
        Effect::StartRunner => Box::pin(start_runner(deps, session)).await,
        Effect::StopRunner { epoch } => stop_task(deps, session, *epoch).await,
        Effect::HandTurn => match turn_in_hand(&deps.store, session).await {
            Ok(Some(turn)) => {
                tell_runner(deps, session, &ToRunner::Turn(turn)).await;
            }
            Ok(None) => {}
            // The runner's next heartbeat brings it.
            Err(error) => tracing::warn!(%error, session.id = %session.id, "the turn could not be read"),
        },
        Effect::AbortTurn => {
            if let Some(turn) = &session.turn {
                tell_runner(deps, session, &ToRunner::Abort { turn: turn.number }).await;
            }
        }
        Effect::CloseViewers => close_viewers(deps, session).await,
    }
}

/// The turn in hand, as a runner needs it.
pub(crate) async fn turn_in_hand(store: &Store, session: &Session) -> Result<Option<Turn>, AgentError> {
    let Some(turn) = &session.turn else { return Ok(None) };
    let Some(prompt) = store.prompt(session.owner, session.id, turn.number).await? else { return Ok(None) };
    Ok(Some(Turn {
        number: prompt.turn,
        message_id: prompt.message_id,
        answer_id: prompt.answer_id,
        attachments: addressed(store, session.owner, &prompt).await?,
        content: prompt.content,
        traceparent: prompt.traceparent,
        abort: turn.abort_requested_at.is_some(),
    }))
}

/// Sends a frame to the session's runner; a turn that does not reach it is brought by its next
/// `welcome` or `alive`.
pub(crate) async fn tell_runner(deps: &Deps, session: &Session, frame: &ToRunner) -> Sent {
    match &session.runner {
        Runner::Connected { connection_id, .. } => deps.sockets.send_json(connection_id, frame).await,
        Runner::Absent | Runner::Starting { .. } => Sent::Gone,
    }
}

/// Tells a runner at work that someone has begun to watch. A frame that is lost
/// is made up for by the next acknowledgement.
pub(crate) async fn tell_watched(deps: &Deps, session: &Session) {
    if session.turn.is_some() {
        tell_runner(deps, session, &ToRunner::Watched {}).await;
    }
}

/// Does again what follows from the session's state, should whoever brought it about have died
/// before doing it.
pub(crate) async fn make_up(deps: &Deps, owner: UserId, id: SessionId) -> Result<(), AgentError> {
    let Some(session) = deps.store.session(owner, id).await?.filter(|session| session.terminated_at.is_none()) else {
        return Ok(());
    };
    match session.runner {
        Runner::Starting { .. } if deps.store.runner(owner, id, session.task_epoch).await?.task_arn.is_none() => {
            carry_out(deps, &session, &Effect::StartRunner).await;
        }
        Runner::Connected { .. } => carry_out(deps, &session, &Effect::HandTurn).await,
        Runner::Starting { .. } | Runner::Absent => {}
    }
    Ok(())
}

/// Asks for the task of the session's epoch. When ECS refuses, the turn fails
/// with a reason at once instead of waiting for its deadline.
pub(crate) async fn start_runner(deps: &Deps, session: &Session) {
    let claim = RunnerClaim { user_id: session.owner, session_id: session.id, epoch: session.task_epoch };
    let started = async {
        let token = BearerToken::for_runner(&claim, deps.signing_key().await.map_err(|e| e.to_string())?);
        let arn = deps.tasks.start(&claim, &token).await.map_err(|error| match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {}", aws_smithy_types::error::display::DisplayErrorContext(source)),
            None => error.to_string(),
        })?;
        deps.store
            .task_started(claim.user_id, claim.session_id, claim.epoch, &arn)
            .await
            .map_err(|error| error.to_string())
    };
    if let Err(reason) = started.await {
        tracing::error!(session.id = %session.id, session.epoch = claim.epoch, reason, "a task was not started");
        let error = TurnError {
            code: "start_failed".to_owned(),
            message: "the sandbox could not be started; send the message again in a minute".to_owned(),
        };
        if let Err(error) = control::lose_runner(deps, claim, error).await {
            tracing::error!(%error, session.id = %session.id, "the turn was not failed; the sweeper will");
        }
    }
}

/// Ends the task of an epoch, if one was started.
pub(crate) async fn stop_task(deps: &Deps, session: &Session, epoch: Epoch) {
    match deps.store.runner(session.owner, session.id, epoch).await {
        Ok(record) => {
            if let Some(arn) = record.task_arn {
                deps.tasks.stop(&arn, "the session no longer needs it").await;
            }
        }
        Err(error) => tracing::warn!(%error, session.id = %session.id, "the task to stop could not be read"),
    }
}

/// Tells all viewers that the session has ended, and closes their sockets.
pub(crate) async fn close_viewers(deps: &Deps, session: &Session) {
    let viewers = match deps.store.viewers(session.owner, session.id).await {
        Ok(viewers) => viewers,
        Err(error) => {
            tracing::warn!(%error, session.id = %session.id, "viewers could not be read");
            return;
        }
    };
    join_all(viewers.iter().map(|viewer| close_viewer(deps, viewer))).await;
}

/// Tells a viewer that the session has ended, and closes its socket.
pub(crate) async fn close_viewer(deps: &Deps, viewer: &str) {
    let frame = wire::viewer::ToViewer::Closed { reason: "the session is terminated".to_owned() };
    deps.sockets.send_json(viewer, &frame).await;
    deps.sockets.close(viewer).await;
}
