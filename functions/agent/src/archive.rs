//! Puts by what ended turns have put into the log, so that a replay of a long
//! session costs little. Nobody waits for it and nothing depends on it: what is
//! not put by is read from the log as it is.

use std::time::{Duration, Instant};

use store::LiveSession;

use crate::{AgentError, Deps};

/// How long one sweep may take for it; the rest has its turn with the next one.
const TIME_MAX: Duration = Duration::from_secs(30);

/// Puts by the logs of these sessions, one after the other, for each page of a log
/// takes memory.
pub(crate) async fn put_by(deps: &Deps, sessions: &[LiveSession]) {
    let began = Instant::now();
    for session in sessions {
        if began.elapsed() > TIME_MAX {
            return;
        }
        if let Err(error) = put_by_one(deps, *session).await {
            tracing::warn!(%error, session.id = %session.session, "a log was not put by; the next sweep will");
        }
    }
}

async fn put_by_one(deps: &Deps, live: LiveSession) -> Result<(), AgentError> {
    let Some(session) = deps.store.session(live.owner, live.session).await? else { return Ok(()) };
    // The head as the last transition knew it, not the log's own: what viewers
    // leave behind who come and go waits for the end of the next turn.
    let end = session.turn.map_or(session.head, |turn| turn.after);
    deps.store.archive(live.owner, live.session, end).await?;
    Ok(())
}
