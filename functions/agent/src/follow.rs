//! Follows a session's log as Server-Sent Events.
//!
//! An invocation can't be pushed to, so it reads the table at a pace that adapts:
//! quick right after something came, slower the longer nothing does.

use std::time::{Duration, Instant};

use async_stream::stream;
use bytes::Bytes;
use domain::{Actor, Event, EventBody, SessionId, TurnNumber, UserId, limits};
use futures_util::Stream;
use store::LogReader;

use crate::Deps;
use crate::delivery::{Rendered, render};
use crate::transition::tell_watched;

/// Pause after a read that brought something.
const PAUSE_MIN: Duration = Duration::from_millis(20);
/// Longest pause while a turn is in hand.
const PAUSE_BUSY_MAX: Duration = Duration::from_millis(250);
/// Longest pause when nothing is going on.
const PAUSE_IDLE_MAX: Duration = Duration::from_millis(500);

/// Between two signs that someone follows a turn.
const SIGN_PAUSE: Duration = Duration::from_secs(limits::FOLLOWER_SECONDS.unsigned_abs() * 2 / 3);

/// Between two looks whether who follows may still do so; a revocation is noted for longer.
const REVOKED_PAUSE: Duration = Duration::from_secs(30);

/// What to follow, and how long.
pub(crate) struct Follow {
    pub(crate) log: LogReader,
    /// What was read of the log already, from where `log` goes on.
    pub(crate) first: Vec<Event>,
    pub(crate) owner: UserId,
    /// By what the owner follows.
    pub(crate) actor: Actor,
    pub(crate) session: SessionId,
    /// Whether a turn is in hand.
    pub(crate) busy: bool,
    /// Only this turn's events and the session's own, and no further than its end.
    pub(crate) turn: Option<TurnNumber>,
    /// When the invocation must be over.
    pub(crate) deadline: Instant,
}

/// The events, with a comment in quiet times. Before the invocation's time is
/// over it ends with a hint where to go on, which browsers heed by themselves.
pub(crate) fn follow(deps: Deps, follow: Follow) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> {
    let Follow { mut log, first, owner, actor, session, mut busy, turn, deadline } = follow;
    stream! {
        yield Ok(Bytes::from_static(b"retry: 1000\n\n"));
        let heartbeat = Duration::from_secs(limits::SSE_HEARTBEAT_SECONDS);
        let mut pause = PAUSE_MIN;
        let mut last_sent = Instant::now();
        let mut events = first;
        let mut watched_until = None;
        let mut looked = Instant::now();
        loop {
            if busy && watched_until.is_none_or(|until| until <= Instant::now()) {
                watch(&deps, owner, session, watched_until.is_none()).await;
                watched_until = Some(Instant::now() + SIGN_PAUSE);
            }
            let mut text = String::new();
            let mut over = false;
            for event in &events {
                let rendered = render(session, event);
                busy = !rendered.ends_turn && (busy || matches!(event.entry.body, EventBody::TurnStarted { .. }));
                if turn.is_some_and(|turn| rendered.turn.is_some_and(|of| of != turn)) {
                    continue;
                }
                over |= turn.is_some() && rendered.turn == turn && rendered.ends_turn;
                over |= is_termination(event);
                write_event(&mut text, &rendered);
                if over && turn.is_some() {
                    break;
                }
            }
            let pause_max = if busy { PAUSE_BUSY_MAX } else { PAUSE_IDLE_MAX };
            pause = if events.is_empty() { (pause * 5 / 4).min(pause_max) } else { PAUSE_MIN };
            if text.is_empty() && last_sent.elapsed() >= heartbeat {
                text.push_str(": still here\n\n");
            }
            if !text.is_empty() {
                last_sent = Instant::now();
                yield Ok(Bytes::from(text));
            }
            if over {
                break;
            }
            if Instant::now() + pause >= deadline {
                yield Ok(Bytes::from(format!("retry: 100\nevent: renew\ndata: {{\"after\":{}}}\n\n", log.after())));
                break;
            }
            tokio::time::sleep(pause).await;
            if looked.elapsed() >= REVOKED_PAUSE {
                looked = Instant::now();
                // A look that fails is made up for by the next one.
                if deps.store.is_revoked(actor, web::now()).await.unwrap_or(false) {
                    break;
                }
            }
            events = match log.read(&deps.store).await {
                Ok(events) => events,
                Err(error) => {
                    tracing::error!(%error, session.id = %session, "the log could not be followed");
                    break;
                }
            };
        }
    }
}

/// Says that someone follows, so that text comes at the pace of those who watch.
async fn watch(deps: &Deps, owner: UserId, id: SessionId, first: bool) {
    let noted = deps.store.put_follower(owner, id, web::now()).await;
    let session = match first {
        true => deps.store.session(owner, id).await,
        false => Ok(None),
    };
    match noted.and(session) {
        Ok(Some(session)) => tell_watched(deps, &session).await,
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, session.id = %id, "a follower was not noted"),
    }
}

fn is_termination(event: &Event) -> bool {
    matches!(&event.entry.body, EventBody::SessionUpdated { status, .. } if status == "terminated")
}

fn write_event(text: &mut String, event: &Rendered) {
    use std::fmt::Write;
    // JSON has no line break in it, so one data line holds it.
    let written = write!(text, "id: {}\nevent: {}\ndata: {}\n\n", event.seq, event.name, event.json);
    written.expect("a string takes what fits the memory");
}
