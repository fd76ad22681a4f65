//! What a change of a session is worth measuring for, and a line in the log.

use domain::event::{Event, RunnerState};
use domain::health::Happening;
use domain::metric::Metric;
use domain::session::{Change, Runner};
use domain::{EventBody, Session};
use jiff::Timestamp;
use web::metric;

/// Measures a change that was written: the session before it, and what the log gained. Says what
/// is to be counted for the operator.
pub(crate) fn change(before: &Session, change: &Change, events: &[Event], now: Timestamp) -> Vec<Happening> {
    if let (Runner::Starting { since }, Runner::Connected { .. }) = (&before.runner, &change.session.runner) {
        metric::took(Metric::StartTime, now.duration_since(*since));
    }
    events.iter().for_each(|event| turn(before, event));
    events.iter().filter_map(happening).collect()
}

fn happening(event: &Event) -> Option<Happening> {
    match &event.entry.body {
        EventBody::TurnCompleted { .. } => Some(Happening::TurnCompleted),
        EventBody::TurnAborted { .. } => Some(Happening::TurnAborted),
        EventBody::TurnFailed { .. } => Some(Happening::TurnFailed),
        EventBody::RunnerUpdated { state: RunnerState::Connected } => Some(Happening::RunnerStarted),
        EventBody::RunnerUpdated { state: RunnerState::Lost } => Some(Happening::RunnerLost),
        _ => None,
    }
}

fn turn(session: &Session, event: &Event) {
    let outcome = match &event.entry.body {
        EventBody::TurnStarted { .. } => return tell(session, event, "started"),
        EventBody::TurnCompleted { .. } => "completed",
        EventBody::TurnAborted { .. } => "aborted",
        EventBody::TurnFailed { error, .. } => {
            metric::count(Metric::Errors, &error.code);
            "failed"
        }
        _ => return,
    };
    metric::count(Metric::Turns, outcome);
    tell(session, event, outcome);
}

fn tell(session: &Session, event: &Event, what: &str) {
    tracing::info!(session.id = %session.id, turn.number = event.entry.turn, "turn {what}");
}

/// Measures a runner's batch: how long it waited, and how long its reader waited for the first word.
pub(crate) fn batch(waited_ms: u64, first_words: bool, events: &[Event], now: Timestamp) {
    metric::took(Metric::BatchDelay, jiff::SignedDuration::from_millis(waited_ms.cast_signed()));
    let answer = events.iter().find_map(|event| match &event.entry.body {
        EventBody::TextDelta { message_id, .. } | EventBody::ReasoningDelta { message_id, .. } => Some(message_id),
        _ => None,
    });
    if let Some(answer) = answer.filter(|_| first_words) {
        // An answer's id is made when its prompt arrives.
        metric::took(Metric::TimeToFirstToken, now.duration_since(answer.minted_at()));
    }
}
