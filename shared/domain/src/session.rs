//! A session and everything that may happen to it, as a pure state machine.
//!
//! Each transition takes the state as it was read and the time, and returns a
//! [`Change`]: the new state, what the log and the messages gain, and what is to
//! be done afterwards. The store writes a change as one conditional transaction
//! or not at all; effects may be carried out twice.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::event::{Entry, EventBody, RunnerState};
use crate::limits;
use crate::message::{Message, MessageStatus, Role, TurnError, Usage};
use crate::{Attachment, Epoch, MessageId, Repository, Seq, SessionId, TurnNumber, UserId, Workspace};

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub owner: UserId,
    pub id: SessionId,
    pub title: String,
    pub workspace: Workspace,
    /// What the workspace is a clone of.
    #[serde(default)]
    pub repository: Option<Repository>,
    /// `provider/model`, or the deployment's default.
    pub model: Option<String>,
    pub metadata: Map<String, Value>,
    pub created_at: Timestamp,
    pub last_active_at: Timestamp,
    /// Counts the writes of this item; the condition of every one of them.
    pub rev: u64,
    /// Generation of the runner: the fencing token of the log.
    pub epoch: Epoch,
    /// The epoch in which the last task was asked for.
    pub task_epoch: Epoch,
    /// The log's head as the last transition knew it; the log itself may be further.
    pub head: Seq,
    /// The number that the next prompt gets.
    pub next_turn: TurnNumber,
    /// The turn in hand.
    pub turn: Option<Turn>,
    /// Prompts that wait behind it, in order.
    #[serde(default)]
    pub queue: Vec<Queued>,
    pub runner: Runner,
    /// Starts in a row that came to nothing, and when the last one did.
    #[serde(default)]
    pub failed_starts: u32,
    #[serde(default)]
    pub last_failed_start_at: Option<Timestamp>,
    /// The workspace and the agent's memory as they were last put by.
    #[serde(default)]
    pub snapshot: Option<Snapshot>,
    /// What tools may do without asking.
    #[serde(default)]
    pub permissions: Permissions,
    pub terminated_at: Option<Timestamp>,
    pub usage: Usage,
}

/// A turn in hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub number: TurnNumber,
    pub message_id: MessageId,
    pub answer_id: MessageId,
    pub started_at: Timestamp,
    /// The log's head when the turn was taken in hand; its events come after it.
    pub after: Seq,
    pub abort_requested_at: Option<Timestamp>,
    /// How often it was given to another runner, because one was lost before it showed anything.
    #[serde(default)]
    pub restarts: u32,
}

/// A prompt that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    pub turn: TurnNumber,
    pub message_id: MessageId,
}

/// Tools by name, `*` for all others; what is not named is allowed.
pub type Permissions = BTreeMap<String, Policy>;

/// Whether a tool may be used; the greater, the stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    Allow,
    /// The user is asked each time.
    Ask,
    Deny,
}

/// What permissions say of a tool: as OpenCode reads them, the last one that means it.
pub fn policy(permissions: &Permissions, tool: &str) -> Policy {
    let meant = permissions.iter().rev().find(|(pattern, _)| means(pattern, tool));
    meant.map_or(Policy::Allow, |(_, policy)| *policy)
}

/// Whether a name, in which `*` stands for any text, means the tool.
fn means(pattern: &str, tool: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == tool };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut left) = tool.strip_prefix(head) else { return false };
    for part in middle.split('*') {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(tail)
}

/// A copy of the workspace and the agent's memory, to begin the next sandbox with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Counts the snapshots of the session; a later one replaces an earlier one.
    pub version: u64,
    /// Where it lies in the bucket.
    pub key: String,
    pub bytes: u64,
    pub taken_at: Timestamp,
}

/// What is known of the sandbox of the present epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Runner {
    /// There is none; the next prompt starts one.
    Absent,
    /// A task was asked for and has not said hello.
    Starting { since: Timestamp },
    /// The runner's socket; it may be gone by now.
    Connected { connection_id: String, since: Timestamp },
}

/// A prompt with the id that its answer will have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    pub turn: TurnNumber,
    pub message_id: MessageId,
    pub answer_id: MessageId,
    pub content: String,
    pub attachments: Vec<Attachment>,
    /// The trace that its turn goes on with, as W3C's `traceparent`.
    pub traceparent: Option<String>,
    pub created_at: Timestamp,
}

impl Prompt {
    fn write(&self, message: Message) -> MessageWrite {
        MessageWrite::Prompt { message, answer_id: self.answer_id, traceparent: self.traceparent.clone() }
    }
}

/// How a turn ended, as its runner says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub turn: TurnNumber,
    /// `completed`, `failed` or `cancelled`.
    pub status: MessageStatus,
    pub answer: Message,
}

/// One step of a session, to be written at once or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub session: Session,
    /// What the log gains, in order.
    pub entries: Vec<Entry>,
    pub messages: Vec<MessageWrite>,
    /// What is to be done once the change is written; each may be done twice.
    pub effects: Vec<Effect>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum MessageWrite {
    /// A new prompt, or one that was edited while it waits.
    Prompt { message: Message, answer_id: MessageId, traceparent: Option<String> },
    /// The stored answer of a turn.
    Answer(Message),
    /// A prompt moves on.
    PromptStatus { turn: TurnNumber, status: MessageStatus },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Ask for a task for the session's present epoch.
    StartRunner,
    /// Tell the connected runner which turn is in hand.
    HandTurn,
    /// Tell the connected runner to stop the turn in hand.
    AbortTurn,
    /// End the task of this epoch.
    StopRunner { epoch: Epoch },
    /// Close the sockets of all viewers.
    CloseViewers,
}

/// Why a prompt was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    #[error("the session is terminated")]
    Terminated,
    #[error("{} messages are waiting already", limits::QUEUE_MAX)]
    QueueFull,
    /// Starts keep failing; the next attempt is allowed from then on.
    #[error("sandboxes keep failing to start")]
    StartsFailing { retry_at: Timestamp },
}

/// Why a waiting prompt was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    #[error("no such message waits in the queue")]
    NotQueued,
}

/// The caller's view of who runs the session is out of date; it must stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fenced {
    #[error("the session is terminated")]
    Terminated,
    #[error("a newer runner has taken over")]
    StaleEpoch,
}

/// What a new session is made of; see [`Session::new`].
#[derive(Debug, Clone, Default)]
pub struct NewSession {
    pub title: Option<String>,
    pub workspace: Workspace,
    pub repository: Option<Repository>,
    pub model: Option<String>,
    pub metadata: Map<String, Value>,
    pub permissions: Permissions,
}

impl Session {
    pub fn new(owner: UserId, new: NewSession, now: Timestamp) -> Self {
        Self {
            owner,
            id: SessionId::mint(now),
            title: new.title.unwrap_or_default(),
            workspace: new.workspace,
            repository: new.repository,
            model: new.model,
            metadata: new.metadata,
            created_at: now,
            last_active_at: now,
            rev: 1,
            epoch: 0,
            task_epoch: 0,
            head: 0,
            next_turn: 1,
            turn: None,
            queue: Vec::new(),
            runner: Runner::Absent,
            failed_starts: 0,
            last_failed_start_at: None,
            snapshot: None,
            permissions: new.permissions,
            terminated_at: None,
            usage: Usage::default(),
        }
    }

    /// `idle`, `starting`, `running`, `stopping` or `terminated`; it follows from
    /// the rest, so that no two facts can disagree.
    pub fn status(&self) -> &'static str {
        match (&self.turn, &self.runner) {
            _ if self.terminated_at.is_some() => "terminated",
            (None, _) => "idle",
            (Some(turn), _) if turn.abort_requested_at.is_some() => "stopping",
            (Some(_), Runner::Connected { .. }) => "running",
            (Some(_), _) => "starting",
        }
    }

    /// Prompts that wait behind the turn in hand.
    pub fn queued(&self) -> u64 {
        self.queue.len() as u64
    }

    /// The number of the prompt that waits longest.
    pub fn next_queued(&self) -> Option<TurnNumber> {
        self.queue.first().map(|queued| queued.turn)
    }

    /// Takes a prompt: its turn begins, or it waits behind the one in hand.
    /// `prompt.turn` must be `next_turn`.
    pub fn submit(&self, prompt: &Prompt, now: Timestamp) -> Result<Change, SubmitError> {
        if self.terminated_at.is_some() {
            return Err(SubmitError::Terminated);
        }
        if self.queue.len() >= limits::QUEUE_MAX {
            return Err(SubmitError::QueueFull);
        }
        if let Some(retry_at) = self.starts_allowed_from().filter(|at| *at > now && self.runner == Runner::Absent) {
            return Err(SubmitError::StartsFailing { retry_at });
        }
        let mut step = Step::new(self, now);
        let mut message = self.message_of(prompt);
        let begins = self.turn.is_none();
        if begins {
            message.status = MessageStatus::Running;
        }
        step.session.next_turn += 1;
        step.session.last_active_at = now;
        if step.session.title.is_empty() {
            step.session.title = title_from(&prompt.content);
        }
        step.log(EventBody::MessageCreated { message: message.clone() }.in_turn(prompt.turn));
        step.messages.push(prompt.write(message));
        if begins {
            step.begin(prompt);
        } else {
            step.session.queue.push(Queued { turn: prompt.turn, message_id: prompt.message_id });
            step.log_queue();
        }
        Ok(step.done())
    }

    /// Takes a waiting prompt back.
    pub fn cancel_queued(&self, message_id: MessageId, now: Timestamp) -> Result<Change, QueueError> {
        let queued = self.queued_message(message_id)?;
        let mut step = Step::new(self, now);
        step.session.queue.retain(|waiting| waiting.message_id != message_id);
        step.messages.push(MessageWrite::PromptStatus { turn: queued.turn, status: MessageStatus::Cancelled });
        step.log_queue();
        Ok(step.done())
    }

    /// Gives a waiting prompt other words; it keeps its place.
    pub fn edit_queued(&self, prompt: &Prompt, now: Timestamp) -> Result<Change, QueueError> {
        self.queued_message(prompt.message_id)?;
        let mut step = Step::new(self, now);
        let message = self.message_of(prompt);
        step.log(EventBody::MessageUpdated { message: message.clone() }.in_turn(prompt.turn));
        step.messages.push(prompt.write(message));
        Ok(step.done())
    }

    fn message_of(&self, prompt: &Prompt) -> Message {
        let Prompt { turn, message_id, content, attachments, created_at, .. } = prompt;
        Message::prompt(*message_id, self.id, *turn, content.clone(), attachments.clone(), *created_at)
    }

    /// The place of a waiting prompt.
    pub fn queued_message(&self, message_id: MessageId) -> Result<Queued, QueueError> {
        self.queue.iter().find(|queued| queued.message_id == message_id).copied().ok_or(QueueError::NotQueued)
    }

    /// When a task may be asked for again after starts have failed in a row.
    fn starts_allowed_from(&self) -> Option<Timestamp> {
        let failed = self.failed_starts.checked_sub(limits::FAILED_STARTS_MAX)?;
        let seconds = limits::START_COOLDOWN_SECONDS << failed.min(4);
        self.last_failed_start_at.map(|at| at + seconds.seconds())
    }

    /// The runner of `epoch` is on the line, for the first time or again.
    pub fn runner_connected(&self, epoch: Epoch, connection_id: &str, now: Timestamp) -> Result<Change, Fenced> {
        self.fence(epoch)?;
        let mut step = Step::new(self, now);
        if !matches!(self.runner, Runner::Connected { .. }) {
            step.log(EventBody::RunnerUpdated { state: RunnerState::Connected }.of_session());
        }
        step.session.runner = Runner::Connected { connection_id: connection_id.to_owned(), since: now };
        step.session.failed_starts = 0;
        Ok(step.done())
    }

    /// Gives the session another title, other notes, other permissions; what is
    /// `None` stays. `None` when it is terminated.
    pub fn update(
        &self,
        title: Option<String>,
        metadata: Option<Map<String, Value>>,
        permissions: Option<Permissions>,
        now: Timestamp,
    ) -> Option<Change> {
        if self.terminated_at.is_some() {
            return None;
        }
        let mut step = Step::new(self, now);
        let session = &mut step.session;
        session.title = title.unwrap_or_else(|| session.title.clone());
        session.metadata = metadata.unwrap_or_else(|| session.metadata.clone());
        session.permissions = permissions.unwrap_or_else(|| session.permissions.clone());
        Some(step.done())
    }

    /// The runner has put a snapshot into the bucket; it counts from now on.
    pub fn snapshot_taken(&self, epoch: Epoch, snapshot: Snapshot, now: Timestamp) -> Result<Option<Change>, Fenced> {
        self.fence(epoch)?;
        if self.snapshot.as_ref().is_some_and(|known| known.version >= snapshot.version) {
            return Ok(None);
        }
        let mut step = Step::new(self, now);
        step.session.snapshot = Some(snapshot);
        Ok(Some(step.done()))
    }

    /// An idle runner has put everything by and wants to go; `None` when a turn
    /// is in hand and it must stay.
    pub fn runner_leaves(&self, epoch: Epoch, now: Timestamp) -> Result<Option<Change>, Fenced> {
        self.fence(epoch)?;
        if self.turn.is_some() {
            return Ok(None);
        }
        let mut step = Step::new(self, now);
        step.session.epoch += 1;
        step.session.runner = Runner::Absent;
        step.log(EventBody::RunnerUpdated { state: RunnerState::Stopped }.of_session());
        Ok(Some(step.done()))
    }

    /// The turn in hand is over; the next in the queue begins. A turn that is not
    /// in hand (a repeat) changes nothing and yields `None`.
    pub fn finish_turn(
        &self,
        epoch: Epoch,
        outcome: Outcome,
        next: Option<&Prompt>,
        now: Timestamp,
    ) -> Result<Option<Change>, Fenced> {
        self.fence(epoch)?;
        if self.turn.as_ref().is_none_or(|turn| turn.number != outcome.turn) {
            return Ok(None);
        }
        let mut step = Step::new(self, now);
        step.end_turn(outcome, next);
        Ok(Some(step.done()))
    }

    /// Asks the runner to stop the turn in hand; `None` when there is none.
    /// A turn whose runner has not come yet ends at once.
    pub fn abort(&self, next: Option<&Prompt>, now: Timestamp) -> Option<Change> {
        let turn = self.turn.as_ref().filter(|_| self.terminated_at.is_none())?;
        let mut step = Step::new(self, now);
        if let Runner::Connected { .. } = self.runner {
            let requested = turn.abort_requested_at.unwrap_or(now);
            step.session.turn = Some(Turn { abort_requested_at: Some(requested), ..turn.clone() });
            step.effects.push(Effect::AbortTurn);
        } else {
            let answer = self.answer_without_runner(turn, Vec::new(), MessageStatus::Cancelled, None, now);
            step.end_turn(Outcome { turn: turn.number, status: MessageStatus::Cancelled, answer }, next);
        }
        Some(step.done())
    }

    /// The runner of `epoch` is gone. A turn of which nothing was seen begins anew
    /// with another runner; else it ends with what viewers had seen of it (`parts`),
    /// and the next in the queue gets a new runner. `None` when `epoch` is not the
    /// present one or has no runner.
    pub fn runner_lost(
        &self,
        epoch: Epoch,
        error: TurnError,
        parts: Vec<crate::Part>,
        next: Option<&Prompt>,
        now: Timestamp,
    ) -> Option<Change> {
        if self.fence(epoch).is_err() || self.runner == Runner::Absent {
            return None;
        }
        let mut step = Step::new(self, now);
        if let Runner::Starting { .. } = self.runner {
            step.session.failed_starts += 1;
            step.session.last_failed_start_at = Some(now);
        }
        step.dismiss_runner(RunnerState::Lost);
        if let Some(turn) = &self.turn {
            if self.may_restart(turn, &parts) {
                step.session.turn = Some(Turn { restarts: turn.restarts + 1, ..turn.clone() });
                step.want_runner();
                return Some(step.done());
            }
            let status = match turn.abort_requested_at {
                Some(_) => MessageStatus::Cancelled,
                None => MessageStatus::Failed,
            };
            let error = (status == MessageStatus::Failed).then_some(error);
            let answer = self.answer_without_runner(turn, parts, status, error, now);
            step.end_turn(Outcome { turn: turn.number, status, answer }, next);
        }
        Some(step.done())
    }

    /// Whether a lost runner's turn goes to another one: it was never begun, as far as anybody saw,
    /// and nobody wants it to stop. A sandbox that does not even start is told, not tried again.
    fn may_restart(&self, turn: &Turn, parts: &[crate::Part]) -> bool {
        matches!(self.runner, Runner::Connected { .. })
            && parts.is_empty()
            && turn.abort_requested_at.is_none()
            && turn.restarts < limits::TURN_RESTARTS_MAX
    }

    /// Ends the session for good; `None` when it has ended already.
    pub fn terminate(&self, parts: Vec<crate::Part>, now: Timestamp) -> Option<Change> {
        if self.terminated_at.is_some() {
            return None;
        }
        let mut step = Step::new(self, now);
        step.session.terminated_at = Some(now);
        match self.runner {
            // Fences whoever would still write behind the end.
            Runner::Absent => step.session.epoch += 1,
            Runner::Starting { .. } | Runner::Connected { .. } => step.dismiss_runner(RunnerState::Stopped),
        }
        if let Some(turn) = &self.turn {
            let answer = self.answer_without_runner(turn, parts, MessageStatus::Cancelled, None, now);
            step.end_turn(Outcome { turn: turn.number, status: MessageStatus::Cancelled, answer }, None);
            for waiting in step.session.queue.split_off(0) {
                step.messages.push(MessageWrite::PromptStatus { turn: waiting.turn, status: MessageStatus::Cancelled });
            }
        }
        step.effects.push(Effect::CloseViewers);
        Some(step.done())
    }

    /// Refuses a runner that is not the present one.
    pub fn fence(&self, epoch: Epoch) -> Result<(), Fenced> {
        if self.terminated_at.is_some() {
            Err(Fenced::Terminated)
        } else if epoch != self.epoch {
            Err(Fenced::StaleEpoch)
        } else {
            Ok(())
        }
    }

    fn answer_without_runner(
        &self,
        turn: &Turn,
        parts: Vec<crate::Part>,
        status: MessageStatus,
        error: Option<TurnError>,
        now: Timestamp,
    ) -> Message {
        let mut answer = Message::answer(turn.answer_id, self.id, turn.number, parts, turn.started_at);
        answer.status = status;
        answer.error = error;
        answer.completed_at = Some(now);
        answer
    }
}

/// What a session's sweeper does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SweepStep {
    /// All is as it should be.
    Leave,
    /// Nothing transient is left: forget the session until it starts again.
    Forget,
    /// The task was asked for by nobody alive: ask (again).
    StartRunner,
    /// The runner is taken for lost, for this reason.
    LoseRunner { code: &'static str, message: &'static str },
}

/// Decides from state and time alone. `heartbeat_at` is the last sign of the
/// present epoch's runner, `task_known` whether its task was started.
pub fn sweep(session: &Session, heartbeat_at: Option<Timestamp>, task_known: bool, now: Timestamp) -> SweepStep {
    let older_than = |at: Timestamp, seconds: i64| at + seconds.seconds() <= now;
    if session.terminated_at.is_some() {
        return SweepStep::Forget;
    }
    let abort_overdue = session
        .turn
        .as_ref()
        .and_then(|turn| turn.abort_requested_at)
        .is_some_and(|at| older_than(at, limits::ABORT_SECONDS_MAX));
    match &session.runner {
        Runner::Absent => SweepStep::Forget,
        Runner::Starting { since } if older_than(*since, limits::START_SECONDS_MAX) => SweepStep::LoseRunner {
            code: "start_failed",
            message: "the sandbox did not start in time; send the message again",
        },
        Runner::Starting { since } if !task_known && older_than(*since, limits::HEARTBEAT_SECONDS) => {
            SweepStep::StartRunner
        }
        Runner::Starting { .. } => SweepStep::Leave,
        Runner::Connected { .. } if abort_overdue => SweepStep::LoseRunner {
            code: "abort_forced",
            message: "the sandbox did not confirm the stop and was ended",
        },
        Runner::Connected { since, .. }
            if older_than(heartbeat_at.unwrap_or(*since).max(*since), limits::HEARTBEAT_LAPSE_SECONDS) =>
        {
            SweepStep::LoseRunner {
                code: "runner_lost",
                message: "the sandbox was lost in the middle of the turn; send the message again",
            }
        }
        Runner::Connected { .. } => SweepStep::Leave,
    }
}

/// A change under construction.
struct Step {
    status_before: &'static str,
    title_before: String,
    session: Session,
    entries: Vec<Entry>,
    messages: Vec<MessageWrite>,
    effects: Vec<Effect>,
    now: Timestamp,
}

impl Step {
    fn new(session: &Session, now: Timestamp) -> Self {
        let mut session = session.clone();
        session.rev += 1;
        Self {
            status_before: session.status(),
            title_before: session.title.clone(),
            session,
            entries: Vec::new(),
            messages: Vec::new(),
            effects: Vec::new(),
            now,
        }
    }

    fn log(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Says who waits now, in order.
    fn log_queue(&mut self) {
        let message_ids = self.session.queue.iter().map(|queued| queued.message_id).collect();
        self.log(EventBody::QueueUpdated { message_ids }.of_session());
    }

    /// Ends the present runner and fences what it may still send.
    fn dismiss_runner(&mut self, state: RunnerState) {
        self.session.epoch += 1;
        self.session.runner = Runner::Absent;
        self.effects.push(Effect::StopRunner { epoch: self.session.task_epoch });
        self.log(EventBody::RunnerUpdated { state }.of_session());
    }

    /// Takes a turn in hand, with a runner to do it.
    fn begin(&mut self, prompt: &Prompt) {
        self.session.turn = Some(Turn {
            number: prompt.turn,
            message_id: prompt.message_id,
            answer_id: prompt.answer_id,
            started_at: self.now,
            after: self.session.head,
            abort_requested_at: None,
            restarts: 0,
        });
        self.log(
            EventBody::TurnStarted { message_id: prompt.message_id, answer_id: prompt.answer_id }.in_turn(prompt.turn),
        );
        self.want_runner();
    }

    /// The turn in hand needs a runner.
    fn want_runner(&mut self) {
        match self.session.runner {
            Runner::Absent => {
                self.session.epoch += 1;
                self.session.task_epoch = self.session.epoch;
                self.session.runner = Runner::Starting { since: self.now };
                self.log(EventBody::RunnerUpdated { state: RunnerState::Starting }.of_session());
                self.effects.push(Effect::StartRunner);
            }
            Runner::Starting { .. } => {}
            Runner::Connected { .. } => self.effects.push(Effect::HandTurn),
        }
    }

    /// Stores the outcome of the turn in hand and begins the next.
    fn end_turn(&mut self, outcome: Outcome, next: Option<&Prompt>) {
        let Outcome { turn, status, mut answer } = outcome;
        answer.status = status;
        answer.role = Role::Assistant;
        let usage = answer.usage.unwrap_or_default();
        let message_id = answer.id;
        self.session.usage += usage;
        self.session.last_active_at = self.now;
        self.session.turn = None;
        let end = match (status, answer.error.clone()) {
            (MessageStatus::Cancelled, _) => EventBody::TurnAborted { message_id },
            (_, Some(error)) => EventBody::TurnFailed { message_id, error },
            _ => EventBody::TurnCompleted { message_id, usage },
        };
        self.log(EventBody::MessageCompleted { message: answer.clone() }.in_turn(turn));
        self.log(end.in_turn(turn));
        self.messages.push(MessageWrite::Answer(answer));
        self.messages.push(MessageWrite::PromptStatus { turn, status });
        if let Some(next) = next {
            self.session.queue.retain(|queued| queued.turn != next.turn);
            self.log_queue();
            self.messages.push(MessageWrite::PromptStatus { turn: next.turn, status: MessageStatus::Running });
            self.begin(next);
        }
    }

    fn done(mut self) -> Change {
        let status = self.session.status();
        if status != self.status_before || self.session.title != self.title_before {
            let title = self.session.title.clone();
            self.entries.push(EventBody::SessionUpdated { status: status.to_owned(), title }.of_session());
        }
        Change { session: self.session, entries: self.entries, messages: self.messages, effects: self.effects }
    }
}

/// A session without a title is called by the first line of its first prompt.
fn title_from(content: &str) -> String {
    let line = content.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.chars().take(80).collect()
}

#[cfg(test)]
mod tests;
