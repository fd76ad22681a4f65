//! Folds what OpenCode reports into the product's own events and one answer.
//!
//! No I/O, and no clock but for how long the user is waited for. OpenCode makes several messages per prompt (one per step of the
//! model); here they become one. Everything that is emitted is kept, and the answer is made of
//! what is kept, so joining a part's deltas always gives its stored text.

mod cut;
mod failure;
mod parts;
mod tool;
mod waiting;

use std::collections::{HashMap, HashSet};

use domain::event::EventBody;
use domain::message::{Kept, Message, MessageStatus, TurnError, Usage};
use domain::session::Outcome;
use domain::{MessageId, SessionId, TurnNumber};
use jiff::Timestamp;
use tokio::time::Instant;

use self::parts::Parts;
use self::waiting::Waiting;
use crate::limits;
use crate::opencode::{AgentError, Event, MessageInfo, Part, Status, StepTokens, Stored};

pub use self::failure::turn_error;
pub use self::parts::Large;
pub use self::tool::{Field, Whole};
pub use self::waiting::Overdue;

/// Which turn is translated.
#[derive(Debug, Clone)]
pub struct TurnIds {
    pub session: SessionId,
    pub turn: TurnNumber,
    /// The prompt; it has the same id at OpenCode.
    pub prompt: MessageId,
    pub answer: MessageId,
    /// The session's id at OpenCode, once it is known.
    pub agent_session: String,
}

/// One turn as it unfolds.
pub struct Translator {
    ids: TurnIds,
    started_at: Timestamp,
    /// The prompt, and what OpenCode says to itself after a compaction.
    prompts: HashSet<String>,
    prompted_at: Option<i64>,
    steps: Vec<Step>,
    parts: Parts,
    usage: HashMap<String, Usage>,
    waiting: Waiting,
    error: Option<AgentError>,
    idle: bool,
}

/// One of OpenCode's messages of the turn.
struct Step {
    id: String,
    completed: bool,
    /// Whether the model wanted to go on with tools after it.
    goes_on: bool,
    /// A summary for the model, not for the user.
    hidden: bool,
}

impl Translator {
    /// A turn of which nothing is known yet.
    pub fn new(ids: TurnIds, started_at: Timestamp) -> Self {
        Self {
            prompts: HashSet::from([ids.prompt.to_string()]),
            parts: Parts::new(ids.answer),
            ids,
            started_at,
            prompted_at: None,
            steps: Vec::new(),
            usage: HashMap::new(),
            waiting: Waiting::default(),
            error: None,
            idle: false,
        }
    }

    /// Takes in one event; what viewers are to be told of it.
    pub fn apply(&mut self, event: Event) -> Vec<EventBody> {
        match event {
            Event::Message(info) => self.message(info),
            Event::Part(part) => self.part(part),
            Event::Delta { session, part, delta } if self.owns(&session) => self.parts.delta(&part, &delta),
            Event::PartRemoved { session, part } if self.owns(&session) => self.parts.discard(&part),
            Event::Status { session, status } if self.owns(&session) => self.status(&status),
            Event::Error { session, error }
                if session.as_deref().is_none_or(|id| self.owns(id)) && self.has_begun() =>
            {
                self.error = Some(error);
                Vec::new()
            }
            // A subagent's session asks through the same server, and its turn waits as ours does.
            Event::PermissionAsked(request) => self.waiting.permission(request),
            Event::PermissionReplied { id, reply } => self.waiting.permission_replied(&id, &reply),
            Event::QuestionAsked(request) => self.waiting.question(request),
            Event::QuestionReplied { id, answers } => self.waiting.question_replied(&id, answers),
            Event::Todos { session, todos } if self.owns(&session) => vec![EventBody::TodoUpdated { todos }],
            _ => Vec::new(),
        }
    }

    /// Compares with what OpenCode has stored, and makes good what was missed.
    pub fn reconcile(&mut self, stored: Vec<Stored>) -> Vec<EventBody> {
        let mut bodies = Vec::new();
        for Stored { info, parts } in stored {
            bodies.extend(self.message(info));
            for part in parts {
                bodies.extend(self.part(part));
            }
        }
        bodies
    }

    /// Events may have been missed: the text of open parts is known again when they end.
    pub fn gap(&mut self) {
        self.parts.gap();
    }

    /// OpenCode died in the middle. It resumes after its last finished step, so what was open is void.
    pub fn interrupted(&mut self) -> Vec<EventBody> {
        self.error = None;
        self.idle = false;
        let mut bodies = self.parts.interrupt();
        bodies.extend(self.waiting.clear("the agent was interrupted; it asks again if it still wants to"));
        bodies
    }

    /// Notes an answer that the user gave, so that its confirmation carries all of it. Whether it
    /// is to be passed on: only the first one to something that is open is.
    pub fn answering(&mut self, permission: &str, reply: domain::event::PermissionReply) -> bool {
        self.waiting.answering(permission, reply)
    }

    /// Closes a question of ours whose answer nobody waits for any more.
    pub fn withdraw(&mut self, permission: &str) -> Vec<EventBody> {
        self.waiting.withdraw(permission, "the agent no longer waits for the answer")
    }

    /// Since when the oldest unanswered permission or question has waited.
    pub fn waits_since(&self) -> Option<Instant> {
        self.waiting.waits_since()
    }

    /// Closes what was asked until `then` and nobody has answered.
    pub fn expire(&mut self, then: Instant) -> (Vec<EventBody>, Vec<Overdue>) {
        self.waiting.expire(then, "nobody answered in time")
    }

    /// What is too large for an event and is to be kept whole; each is told once.
    pub fn take_large(&mut self) -> Vec<Large> {
        self.parts.take_large()
    }

    /// The whole of a call's field is kept.
    pub fn kept(&mut self, part: &str, field: Field, kept: Kept) -> Vec<EventBody> {
        self.parts.kept(part, field, kept)
    }

    /// OpenCode works on the turn in this session of its own; an idle from before does not count.
    pub fn driven(&mut self, agent_session: &str) {
        agent_session.clone_into(&mut self.ids.agent_session);
        self.idle = false;
    }

    /// OpenCode was asked and says that its session rests.
    pub fn rests(&mut self) {
        self.idle = true;
    }

    /// Whether OpenCode says that the session rests. Not yet an end: see [`Self::settled`].
    pub fn idle(&self) -> bool {
        self.idle
    }

    /// Whether the turn is over and its last message has all it will have.
    pub fn settled(&self) -> bool {
        self.idle && self.last().map_or(self.error.is_some(), |step| step.completed)
    }

    /// Whether the model has said its last word, so that nothing is left to resume.
    pub fn concluded(&self) -> bool {
        self.error.is_some() || self.last().is_some_and(|step| step.completed && !step.goes_on)
    }

    /// Whether viewers have seen nothing of the answer that still holds.
    pub fn is_blank(&self) -> bool {
        self.parts.is_blank()
    }

    /// Bytes of text and reasoning so far, void ones included.
    pub fn prose_bytes(&self) -> usize {
        self.parts.prose_bytes()
    }

    /// The number of OpenCode's messages in this turn.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    /// How the turn ended, as OpenCode's last message says.
    pub fn verdict(&self) -> Result<MessageStatus, TurnError> {
        match &self.error {
            None => Ok(MessageStatus::Completed),
            Some(error) if error.name == "MessageAbortedError" => Ok(MessageStatus::Cancelled),
            Some(error) => Err(failure::classify(error)),
        }
    }

    /// Ends the turn: the last events, and the answer as it is to be stored.
    pub fn finish(mut self, verdict: Result<MessageStatus, TurnError>, now: Timestamp) -> (Vec<EventBody>, Outcome) {
        // In a completed turn only abandoned text is still open; a stopped or failed one keeps
        // what was said.
        let completed = verdict == Ok(MessageStatus::Completed);
        let mut bodies = if completed { self.parts.interrupt() } else { self.parts.stop_calls() };
        bodies.extend(self.waiting.clear("the turn ended before an answer came"));
        let (status, error) = match verdict {
            Ok(status) => (status, None),
            Err(error) => (MessageStatus::Failed, Some(error)),
        };
        let TurnIds { session, turn, answer, .. } = self.ids;
        let parts = tool::fit(self.parts.into_parts(), limits::ANSWER_BYTES);
        let mut answer = Message::answer(answer, session, turn, parts, self.started_at);
        answer.status = status;
        answer.usage = Some(self.usage.into_values().fold(Usage::default(), |mut sum, step| {
            sum += step;
            sum
        }));
        answer.error = error;
        answer.completed_at = Some(now);
        (bodies, Outcome { turn, status, answer })
    }

    fn last(&self) -> Option<&Step> {
        self.steps.iter().rfind(|step| !step.hidden)
    }

    fn owns(&self, session: &str) -> bool {
        session == self.ids.agent_session
    }

    fn message(&mut self, info: MessageInfo) -> Vec<EventBody> {
        if !self.owns(&info.session) {
            return Vec::new();
        }
        match info.role.as_str() {
            "user" => self.prompted(&info),
            "assistant" if info.parent.as_ref().is_some_and(|parent| self.prompts.contains(parent)) => self.step(info),
            _ => {}
        }
        Vec::new()
    }

    /// After a compaction OpenCode prompts itself; those prompts belong to the turn as well.
    fn prompted(&mut self, info: &MessageInfo) {
        if self.prompts.contains(&info.id) {
            self.prompted_at = self.prompted_at.or(info.time.created);
        } else if self.prompted_at.is_some() && info.time.created > self.prompted_at {
            self.prompts.insert(info.id.clone());
        }
    }

    fn step(&mut self, info: MessageInfo) {
        let completed = info.time.completed.is_some();
        let goes_on = matches!(info.finish.as_deref(), None | Some("tool-calls" | "unknown"));
        match self.steps.iter_mut().find(|step| step.id == info.id) {
            Some(step) => {
                step.completed |= completed;
                step.goes_on = goes_on;
            }
            None => {
                // A new attempt: what failed before it no longer counts.
                self.error = None;
                self.steps.push(Step { hidden: info.summary == true, id: info.id.clone(), completed, goes_on });
            }
        }
        if self.steps.last().is_some_and(|last| last.id == info.id) && info.error.is_some() {
            self.error = info.error;
        }
    }

    fn part(&mut self, part: Part) -> Vec<EventBody> {
        match part {
            Part::Text(text) if self.shows(&text.message) => self.parts.text(&text),
            Part::Reasoning(text) if self.shows(&text.message) => self.parts.reasoning(&text),
            Part::Tool(tool) if self.shows(&tool.message) => self.parts.tool(tool),
            Part::StepFinish(step) if self.steps.iter().any(|known| known.id == step.message) => {
                self.usage.insert(step.id.clone(), usage(&step));
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn shows(&self, message: &str) -> bool {
        self.steps.iter().any(|step| step.id == message && !step.hidden)
    }

    /// Whether OpenCode has the prompt. What it says of the session before is of the turn before.
    fn has_begun(&self) -> bool {
        self.prompted_at.is_some()
    }

    fn status(&mut self, status: &Status) -> Vec<EventBody> {
        if !self.has_begun() {
            return Vec::new();
        }
        self.idle = *status == Status::Idle;
        let Status::Retry { attempt, message, next } = status else { return Vec::new() };
        let mut bodies = self.parts.abandon();
        bodies.push(EventBody::TurnRetrying {
            attempt: *attempt,
            message: failure::retry_message(message),
            retry_at: Timestamp::from_millisecond(*next).ok(),
        });
        bodies
    }
}

fn usage(step: &StepTokens) -> Usage {
    // The provider's counts are whole numbers that travel as JSON numbers.
    let count = |tokens: f64| tokens.max(0.0) as u64;
    Usage {
        input_tokens: count(step.tokens.input),
        output_tokens: count(step.tokens.output),
        reasoning_tokens: count(step.tokens.reasoning),
        cache_read_tokens: count(step.tokens.cache.read),
        cache_write_tokens: count(step.tokens.cache.write),
        cost_usd: step.cost,
    }
}

#[cfg(test)]
mod tests;
