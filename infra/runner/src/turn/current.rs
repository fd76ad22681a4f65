//! The turn in hand, with its clocks.

use std::time::Duration;

use domain::SessionId;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use tracing::field::Empty;
use tracing::{Span, info_span};
use wire::runner::Turn;

use super::WATCHDOG;
use crate::limits::AGENT_START;
use crate::translate::{Translator, TurnIds};

/// A turn and how far it is.
pub(super) struct Current {
    pub(super) turn: Turn,
    /// From here to its end, in the trace that it came with.
    pub(super) span: Span,
    pub(super) translator: Translator,
    pub(super) stage: Stage,
    /// Its attachments are on their way; until they are there it does not begin.
    pub(super) fetching: Option<AbortOnDropHandle<()>>,
    /// Since when OpenCode is waited for.
    pub(super) waiting_since: Instant,
    /// How long at most.
    pub(super) start_wait: Duration,
    /// Whether OpenCode was given the prompt, in this life of it or one before.
    pub(super) was_driven: bool,
    /// OpenCode is back, and whether it still works on the turn is to be found out.
    pub(super) resume: bool,
    /// How often OpenCode died in this turn.
    pub(super) deaths: u32,
    /// Set when the user wants it to stop: by when it is stopped without OpenCode's word.
    pub(super) abort_by: Option<Instant>,
    /// An abort that comes before OpenCode has begun is without effect, so it is repeated.
    pub(super) abort_again: Option<Instant>,
    /// When OpenCode's own account is to be read.
    pub(super) look_at: Option<Instant>,
    pub(super) looking: bool,
    /// Looks at a session that rests, while its last message is not complete.
    pub(super) rounds: u32,
    /// Large texts that are on their way to where they are kept.
    pub(super) keeping: u32,
    /// The turn is over but for those.
    pub(super) is_over: bool,
    /// The last event.
    pub(super) heard_at: Instant,
}

/// Where the turn is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// OpenCode is not up.
    Waiting,
    /// The prompt is on its way.
    Posting,
    /// OpenCode has the prompt.
    Running,
}

impl Current {
    pub(super) fn new(turn: Turn, session: SessionId, started_at: Timestamp, now: Instant) -> Self {
        let ids = TurnIds {
            session,
            turn: turn.number,
            prompt: turn.message_id,
            answer: turn.answer_id,
            agent_session: String::new(),
        };
        let span = info_span!("turn", session.id = %session, turn.number = turn.number, trace.id = Empty);
        telemetry::continue_from(&span, turn.traceparent.as_deref());
        Self {
            turn,
            span,
            translator: Translator::new(ids, started_at),
            stage: Stage::Waiting,
            fetching: None,
            waiting_since: now,
            start_wait: AGENT_START,
            was_driven: false,
            resume: false,
            deaths: 0,
            abort_by: None,
            abort_again: None,
            look_at: None,
            looking: false,
            rounds: 0,
            keeping: 0,
            is_over: false,
            heard_at: now,
        }
    }

    /// OpenCode is back after the prompt was given to it.
    pub(super) fn back(&mut self, now: Instant) {
        self.stage = Stage::Running;
        self.resume = true;
        self.rounds = 0;
        self.look_at = Some(now);
    }

    /// OpenCode is gone; wait for it.
    pub(super) fn down(&mut self, now: Instant) {
        self.was_driven |= self.stage != Stage::Waiting;
        self.stage = Stage::Waiting;
        self.waiting_since = now;
        self.abort_again = None;
        self.look_at = None;
        self.looking = false;
    }

    /// Whether OpenCode's account is to be read now: a look is due, or nothing was heard for long.
    pub(super) fn wants_look(&self, now: Instant) -> bool {
        self.look_time().is_some_and(|at| at <= now)
    }

    /// When the clock has something to say, if it has.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let started = self.start_by();
        [self.abort_by, self.abort_again, started, self.look_time()].into_iter().flatten().min()
    }

    /// By when OpenCode must be up, while it is waited for.
    pub(super) fn start_by(&self) -> Option<Instant> {
        (self.stage == Stage::Waiting && self.fetching.is_none()).then(|| self.waiting_since + self.start_wait)
    }

    /// When the user has let something wait for too long, if anything waits.
    pub(super) fn overdue_at(&self, wait: Duration) -> Option<Instant> {
        self.translator.waits_since().map(|since| since + wait)
    }

    fn look_time(&self) -> Option<Instant> {
        let runs = self.stage == Stage::Running && !self.looking;
        runs.then(|| self.look_at.unwrap_or(self.heard_at + WATCHDOG))
    }
}
