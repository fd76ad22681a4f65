//! Drives OpenCode through the session's turns, one at a time.
//!
//! The driver never waits for a call: calls report back, so that events pass at once. What
//! OpenCode or the relay may do twice, late or not at all is settled here.

mod agent;
mod asker;
mod attach;
mod current;
mod rest;
mod settle;

use std::time::Duration;

use domain::event::{EventBody, PermissionReply};
use domain::limits::ANSWER_SECONDS_MAX;
use domain::message::{Kept, MessageStatus, TurnError};
use domain::{SessionId, TurnNumber};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tracing::{info, warn};
use wire::runner::{ToRunner, Turn, Welcome};

pub use self::agent::Agent;
use self::agent::{Report, Ticket};
use self::asker::Asks;
pub use self::asker::{Asker, Wish};
use self::current::{Current, Stage};
pub use self::rest::Rest;
use crate::attachments::{Workspace, note};
use crate::clock;
use crate::keep::Shelf;
use crate::limits::{ABORT_PAUSE, ABORT_WAIT, AGENT_START, PROSE_BYTES, SETTLE, WATCHDOG};
use crate::opencode::{Event, Follow, Prompt};
use crate::relay::{FromLink, Line};
use crate::translate::{Large, Overdue, turn_error};

/// Drives the turns of one session.
pub struct Driver {
    session: SessionId,
    agent: Agent,
    line: Line,
    rest: Rest,
    /// Where attachments belong.
    workspace: Option<Workspace>,
    /// How long a permission or question waits for its answer.
    answer_wait: Duration,
    /// How long OpenCode may take to come.
    agent_wait: Duration,
    /// Where what is too large for an event goes, if it goes anywhere.
    shelf: Option<Shelf>,
    /// Counts how often OpenCode came up.
    life: u64,
    /// The session's id at OpenCode, while OpenCode is up.
    open: Option<String>,
    current: Option<Current>,
    asks: Asks,
    /// The last turn that was finished: a repeat of it is not run again.
    done: TurnNumber,
    /// The last turn was given up while OpenCode may still work on it.
    unsettled: bool,
    /// Why no turn can be run at all, such as a model that nobody has.
    refusal: Option<TurnError>,
    reports: mpsc::UnboundedSender<Report>,
    /// A turn may begin, and report, before [`Self::run`] listens.
    reported: mpsc::UnboundedReceiver<Report>,
}

impl Driver {
    /// A driver that has not begun; see [`Self::run`].
    pub fn new(session: SessionId, agent: Agent, line: Line, rest: Rest) -> Self {
        let (reports, reported) = mpsc::unbounded_channel();
        Self {
            session,
            agent,
            line,
            rest,
            workspace: None,
            answer_wait: Duration::from_secs(ANSWER_SECONDS_MAX),
            agent_wait: AGENT_START,
            shelf: None,
            life: 0,
            open: None,
            current: None,
            asks: Asks::default(),
            done: 0,
            unsettled: false,
            refusal: None,
            reports,
            reported,
        }
    }

    /// Runs turns until the relay says to stop; returns its reason.
    pub async fn run(
        &mut self,
        incoming: &mut mpsc::UnboundedReceiver<FromLink>,
        events: &mut mpsc::Receiver<Follow>,
    ) -> String {
        loop {
            let wake = self.next_deadline();
            tokio::select! {
                Some(what) = incoming.recv() => if let Some(reason) = self.hear(what) { return reason },
                Some(seen) = events.recv() => self.follow(seen),
                Some(report) = self.reported.recv() => self.report(report),
                news = self.rest.news() => self.put_by_news(news),
                () = sleep_until(wake) => self.tick(Instant::now()),
            }
        }
    }

    /// Fails every turn from now on with this error.
    pub fn refuse(&mut self, error: TurnError) {
        self.refusal = Some(error);
    }

    /// Bounds the time that a permission or question waits for its answer.
    pub fn wait_for_answers(&mut self, limit: Duration) {
        self.answer_wait = limit;
    }

    /// Bounds the time that OpenCode may take to come.
    pub fn wait_for_agent(&mut self, limit: Duration) {
        self.agent_wait = limit;
    }

    /// Keeps whole what is too large for an event.
    pub fn keep_large_texts(&mut self, shelf: Shelf) {
        self.shelf = Some(shelf);
    }

    /// Says where a turn's attachments belong.
    pub fn attach_in(&mut self, workspace: Workspace) {
        self.workspace = Some(workspace);
    }

    /// Takes in what the relay says of the session when the line opens.
    pub fn welcome(&mut self, welcome: Welcome) {
        match self.refusal {
            Some(_) => self.leave_soon(),
            None => self.rest.idle_stop(Duration::from_secs(welcome.idle_stop_seconds)),
        }
        welcome.turn.into_iter().for_each(|turn| self.begin(turn));
    }

    /// The line, to wait until all is acknowledged.
    pub fn line(&self) -> &Line {
        &self.line
    }

    fn hear(&mut self, what: FromLink) -> Option<String> {
        match what {
            FromLink::Welcome(welcome) => self.welcome(*welcome),
            FromLink::Turn(turn) => self.begin(turn),
            FromLink::Frame(ToRunner::Abort { turn }) => self.abort(turn),
            FromLink::Frame(ToRunner::Permission { permission_id, reply }) => self.permission(permission_id, reply),
            FromLink::Frame(ToRunner::Question { question_id, answers }) => {
                self.agent.answer_question(&self.reports, question_id, answers);
            }
            FromLink::Frame(frame) => self.rest.hear(frame),
            FromLink::Full => self.cut_short(
                "stream_overflow",
                "the connection could not keep up with the agent; send the message again",
            ),
            FromLink::Stop { reason } => return Some(reason),
        }
        None
    }

    /// Takes a turn in hand. The relay may hand it several times.
    fn begin(&mut self, turn: Turn) {
        let (number, abort) = (turn.number, turn.abort);
        if let Some(current) = &self.current {
            if current.turn.number != number {
                warn!(turn = number, "another turn is in hand; the relay will repeat this one");
            }
        } else if number > self.done {
            let Some(turn) = self.rest.admit(turn) else { return };
            let current = Current::new(turn, self.session, clock::now(), Instant::now());
            info!(parent: &current.span, turn = number, "turn taken in hand");
            self.current = Some(Current { start_wait: self.agent_wait, ..current });
            match self.refusal.clone() {
                Some(error) => self.finish(Err(error)),
                None if abort => {}
                None => {
                    self.fetch();
                    self.drive();
                }
            }
        }
        if abort {
            self.abort(number);
        }
    }

    /// Hands the turn to OpenCode, if it is up. The ids make a repeat resume.
    fn drive(&mut self) {
        let (Some(current), Some(session)) = (&mut self.current, &self.open) else { return };
        if current.fetching.is_some() {
            return;
        }
        current.translator.driven(session);
        current.stage = Stage::Posting;
        current.heard_at = Instant::now();
        let message = current.turn.message_id.to_string();
        let part = message.replacen("msg_", "prt_", 1);
        let text = format!("{}{}", current.turn.content, note(&current.turn.attachments));
        let prompt = Prompt { message, part, text };
        let ticket = Ticket { life: self.life, turn: current.turn.number };
        let settle_first = std::mem::take(&mut self.unsettled);
        self.agent.post(&self.reports, ticket, session.clone(), prompt, settle_first);
    }

    fn abort(&mut self, turn: TurnNumber) {
        let Some(current) = self.current.as_mut().filter(|current| current.turn.number == turn) else {
            return self.rest.abort(turn);
        };
        if current.abort_by.is_some() {
            return;
        }
        info!(turn, "abort requested");
        current.abort_by = Some(Instant::now() + ABORT_WAIT);
        match (current.stage, &self.open) {
            (Stage::Waiting, _) | (_, None) => self.finish(Ok(MessageStatus::Cancelled)),
            // OpenCode may not have begun yet; then the abort follows the prompt.
            (Stage::Posting, _) => {}
            (Stage::Running, _) => self.stop_agent(),
        }
    }

    /// Tells OpenCode to stop the turn, and again in a while.
    fn stop_agent(&mut self) {
        let (Some(current), Some(session)) = (&mut self.current, &self.open) else { return };
        current.abort_again = Some(Instant::now() + ABORT_PAUSE);
        self.agent.abort(session.clone());
    }

    /// Passes on the user's first answer; a second one comes too late.
    fn permission(&mut self, id: String, reply: PermissionReply) {
        if let Some(current) = &mut self.current
            && current.translator.answering(&id, reply.clone())
            && !self.consented(&id, &reply)
        {
            self.agent.answer_permission(&self.reports, id, reply);
        }
    }

    /// Answers for a user who does not.
    fn expire(&mut self, now: Instant) {
        let wait = self.answer_wait;
        let Some(current) =
            self.current.as_mut().filter(|current| current.overdue_at(wait).is_some_and(|at| at <= now))
        else {
            return;
        };
        let (bodies, overdue) = current.translator.expire(now - wait);
        self.emit(bodies);
        for waiting in overdue {
            match waiting {
                Overdue::Permission(id) if self.asks.give_up(&id) => {}
                Overdue::Permission(id) => self.agent.answer_permission(&self.reports, id, nobody_answered()),
                Overdue::Question(id) => self.agent.answer_question(&self.reports, id, None),
            }
        }
    }

    /// Ends the turn because a bound is reached, and sees to it that OpenCode ends it too.
    fn cut_short(&mut self, code: &str, message: &str) {
        if let Some(session) = self.open.as_ref().filter(|_| self.current.is_some()) {
            self.agent.abort(session.clone());
            self.unsettled = true;
        }
        self.finish(Err(turn_error(code, message)));
    }

    /// Takes in what OpenCode's event stream shows.
    fn follow(&mut self, seen: Follow) {
        match seen {
            Follow::Event(event) => self.event(event),
            Follow::Up => {
                self.life += 1;
                self.agent.open(&self.reports, self.life);
            }
            Follow::Down => self.lost(),
        }
    }

    fn event(&mut self, event: Event) {
        let Some(current) = &mut self.current else { return };
        let bodies = current.translator.apply(event);
        current.heard_at = Instant::now();
        if current.stage == Stage::Running && current.translator.idle() && current.look_at.is_none() {
            // The last words of a failed turn come after the first idle.
            let pause = if current.translator.settled() { std::time::Duration::ZERO } else { SETTLE };
            current.look_at = Some(current.heard_at + pause);
        }
        let too_long = current.translator.prose_bytes() > PROSE_BYTES;
        self.emit(bodies);
        self.keep_large();
        if too_long {
            self.cut_short("answer_too_long", "the answer grew beyond what can be kept; ask for a shorter one");
        }
    }

    /// OpenCode died or its stream broke; which of them shows when it is back.
    fn lost(&mut self) {
        self.open = None;
        let Some(current) = &mut self.current else { return };
        current.translator.gap();
        current.down(Instant::now());
        if current.abort_by.is_some() {
            self.finish(Ok(MessageStatus::Cancelled));
        }
    }

    fn report(&mut self, report: Report) {
        match report {
            Report::Opened(life, Ok(session)) if life == self.life => self.opened(session),
            Report::Opened(life, Err(error)) if life == self.life => {
                warn!(%error, "OpenCode's session could not be opened");
                self.agent.open(&self.reports, life);
            }
            Report::Posted(ticket, result) if self.is_current(ticket) => self.posted(result),
            Report::Looked(ticket, result) if self.is_current(ticket) => self.looked(result),
            Report::Asked(ask) => self.asked(ask),
            Report::Withdrawn(id) => self.withdrawn(&id),
            Report::Stale(event) => self.event(event),
            Report::Kept(turn, large, kept) => self.kept(turn, &large, kept),
            Report::Fetched(turn, result) => self.fetched(turn, result),
            Report::Opened(..) | Report::Posted(..) | Report::Looked(..) => {}
        }
    }

    /// Has what is too large for an event kept whole, while the turn goes on.
    fn keep_large(&mut self) {
        let (Some(current), Some(shelf)) = (&mut self.current, &self.shelf) else { return };
        for large in current.translator.take_large() {
            current.keeping += 1;
            let (shelf, reports, turn) = (shelf.clone(), self.reports.clone(), current.turn.number);
            tokio::spawn(async move {
                let kept = shelf.keep(&large).await;
                let _ = reports.send(Report::Kept(turn, large, kept));
            });
        }
    }

    fn kept(&mut self, turn: TurnNumber, large: &Large, kept: Option<Kept>) {
        let Some(current) = self.current.as_mut().filter(|current| current.turn.number == turn) else { return };
        current.keeping -= 1;
        let bodies = kept.map(|kept| current.translator.kept(&large.part, large.field, kept)).unwrap_or_default();
        let is_awaited = current.is_over && current.keeping == 0;
        self.emit(bodies);
        if is_awaited {
            self.conclude();
        }
    }

    fn opened(&mut self, session: String) {
        self.open = Some(session);
        match &mut self.current {
            Some(current) if current.was_driven => current.back(Instant::now()),
            Some(_) => self.drive(),
            None => {}
        }
    }

    fn emit(&self, bodies: Vec<EventBody>) {
        let Some(current) = &self.current else { return };
        for body in bodies {
            self.line.event(body.in_turn(current.turn.number));
        }
    }

    fn is_current(&self, ticket: Ticket) -> bool {
        ticket.life == self.life && self.current.as_ref().is_some_and(|current| current.turn.number == ticket.turn)
    }

    fn next_deadline(&self) -> Instant {
        let next = match &self.current {
            Some(current) => current.next_deadline().into_iter().chain(current.overdue_at(self.answer_wait)).min(),
            None => self.rest.next_deadline(),
        };
        next.unwrap_or_else(|| Instant::now() + WATCHDOG)
    }

    /// Does what is due by the clock.
    fn tick(&mut self, now: Instant) {
        self.expire(now);
        let Some(current) = &mut self.current else { return self.tick_idle(now) };
        if current.abort_by.is_some_and(|by| by <= now) {
            self.unsettled = true;
            self.finish(Ok(MessageStatus::Cancelled));
        } else if current.start_by().is_some_and(|by| by <= now) {
            let error = turn_error("agent_start_failed", "the agent did not start in time; send the message again");
            self.finish(Err(error));
        } else if current.wants_look(now)
            && let Some(session) = &self.open
        {
            current.looking = true;
            current.look_at = None;
            current.heard_at = now;
            // All steps of the turn, its prompt, and what OpenCode may have added meanwhile.
            let recent = (!current.resume).then(|| current.translator.steps() + 4);
            let ticket = Ticket { life: self.life, turn: current.turn.number };
            self.agent.look(&self.reports, ticket, session.clone(), recent);
        } else if current.abort_again.is_some_and(|at| at <= now) {
            self.stop_agent();
        }
    }
}

/// With a message the agent goes on, and knows why.
fn nobody_answered() -> PermissionReply {
    let message = "The user did not answer in time, so this was not done. Go on without it, or say what is needed.";
    PermissionReply::Reject { message: Some(message.to_owned()) }
}

#[cfg(test)]
mod tests;
