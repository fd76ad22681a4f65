//! What happens in a session, as every viewer sees it: numbered, in order.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::message::{Message, Part, TurnError, Usage};
use crate::{MessageId, Seq, TurnNumber};

/// One entry of a session's event log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Its place in the log: from 1, without gap or repeat.
    #[schema(value_type = u64)]
    pub seq: Seq,
    /// When it was written to the log.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    #[serde(flatten)]
    pub entry: Entry,
}

/// An event before it has its place in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// The turn that it belongs to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub turn: Option<TurnNumber>,
    #[serde(flatten)]
    pub body: EventBody,
}

/// What happened. Joining the deltas of a part gives exactly its stored text,
/// unless the part was discarded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type")]
pub enum EventBody {
    #[serde(rename = "message.created")]
    MessageCreated { message: Message },
    /// A waiting message was edited.
    #[serde(rename = "message.updated")]
    MessageUpdated { message: Message },
    #[serde(rename = "text.delta")]
    TextDelta { message_id: MessageId, part_id: String, delta: String },
    #[serde(rename = "reasoning.delta")]
    ReasoningDelta { message_id: MessageId, part_id: String, delta: String },
    /// The part as it now is, whole.
    #[serde(rename = "part.updated")]
    PartUpdated { message_id: MessageId, part: Part },
    /// The part is void: the model is being asked again.
    #[serde(rename = "part.discarded")]
    PartDiscarded { message_id: MessageId, part_id: String },
    /// The answer as it is stored.
    #[serde(rename = "message.completed")]
    MessageCompleted { message: Message },

    /// The agent waits for the user's word.
    #[serde(rename = "permission.asked")]
    PermissionAsked { permission: Permission },
    #[serde(rename = "permission.answered")]
    PermissionAnswered { permission_id: String, reply: PermissionReply },
    /// Nobody answered in time, or the turn ended first; the tool was not used.
    #[serde(rename = "permission.expired")]
    PermissionExpired { permission_id: String, reason: String },
    #[serde(rename = "question.asked")]
    QuestionAsked { question: Question },
    /// `answers` is absent when the user dismissed the question.
    #[serde(rename = "question.answered")]
    QuestionAnswered {
        question_id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answers: Option<Vec<Vec<String>>>,
    },
    /// Nobody answered in time, or the turn ended first; the agent goes on without an answer.
    #[serde(rename = "question.expired")]
    QuestionExpired { question_id: String, reason: String },
    #[serde(rename = "todo.updated")]
    TodoUpdated { todos: Vec<Todo> },

    #[serde(rename = "turn.started")]
    TurnStarted { message_id: MessageId, answer_id: MessageId },
    /// The model failed to answer and is asked again at `retry_at`.
    #[serde(rename = "turn.retrying")]
    TurnRetrying {
        attempt: u32,
        message: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, format = DateTime)]
        retry_at: Option<Timestamp>,
    },
    #[serde(rename = "turn.completed")]
    TurnCompleted { message_id: MessageId, usage: Usage },
    #[serde(rename = "turn.failed")]
    TurnFailed { message_id: MessageId, error: TurnError },
    #[serde(rename = "turn.aborted")]
    TurnAborted { message_id: MessageId },

    /// The messages that wait, in order.
    #[serde(rename = "queue.updated")]
    QueueUpdated { message_ids: Vec<MessageId> },
    /// The session's status, title or the like changed.
    #[serde(rename = "session.updated")]
    SessionUpdated { status: String, title: String },
    /// The sandbox: `starting`, `connected`, `lost` or `stopped`.
    #[serde(rename = "runner.updated")]
    RunnerUpdated { state: RunnerState },
    /// Files may be lost when the sandbox ends. Codes: `snapshot_too_large`, `snapshot_failed`.
    #[serde(rename = "workspace.warning")]
    WorkspaceWarning { code: String, message: String },
    /// What was done is kept: the workspace can be listed as it is now, and the last turn's diff read.
    #[serde(rename = "workspace.updated")]
    WorkspaceUpdated { version: u64 },
    /// A socket began to watch. Its place in the log is the border between what
    /// the viewer reads from the table and what it is sent.
    #[serde(rename = "viewer.joined")]
    ViewerJoined { viewers: u32 },
    #[serde(rename = "viewer.left")]
    ViewerLeft { viewers: u32 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunnerState {
    Starting,
    Connected,
    Lost,
    Stopped,
}

/// A tool call that waits for consent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Permission {
    pub id: String,
    /// What is asked for, such as `bash` or `external_directory`.
    pub permission: String,
    /// What exactly, such as each command of a shell line.
    pub patterns: Vec<String>,
    /// What `always` would allow from now on.
    #[serde(default)]
    pub always: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    #[serde(default)]
    pub metadata: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "reply", rename_all = "snake_case", try_from = "ReplyForm")]
pub enum PermissionReply {
    Once,
    Always,
    /// With a message the agent goes on and takes it into account; without, the turn stops.
    Reject {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
}

/// A reply as it is read. A consent must be spelled out: serde would take the
/// number of a variant for its name, and ignore fields beside it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplyForm {
    reply: ReplyName,
    #[serde(default)]
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReplyName {
    Once,
    Always,
    Reject,
}

impl TryFrom<ReplyForm> for PermissionReply {
    type Error = &'static str;

    fn try_from(form: ReplyForm) -> Result<Self, Self::Error> {
        match (form.reply, form.message) {
            (ReplyName::Reject, message) => Ok(Self::Reject { message }),
            (_, Some(_)) => Err("a message goes with a rejection only"),
            (ReplyName::Once, None) => Ok(Self::Once),
            (ReplyName::Always, None) => Ok(Self::Always),
        }
    }
}

/// Questions of the agent to the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Question {
    pub id: String,
    pub questions: Vec<QuestionItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QuestionItem {
    pub question: String,
    #[serde(default)]
    pub header: String,
    #[serde(default)]
    pub options: Vec<QuestionOption>,
    /// Whether several options may be chosen.
    #[serde(default)]
    pub multiple: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QuestionOption {
    pub label: String,
    #[serde(default)]
    pub description: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Todo {
    pub content: String,
    /// `pending`, `in_progress`, `completed` or `cancelled`.
    pub status: String,
    #[serde(default)]
    pub priority: String,
}

impl EventBody {
    /// The event's type as it is on the wire, such as `text.delta`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::MessageCreated { .. } => "message.created",
            Self::MessageUpdated { .. } => "message.updated",
            Self::TextDelta { .. } => "text.delta",
            Self::ReasoningDelta { .. } => "reasoning.delta",
            Self::PartUpdated { .. } => "part.updated",
            Self::PartDiscarded { .. } => "part.discarded",
            Self::MessageCompleted { .. } => "message.completed",
            Self::PermissionAsked { .. } => "permission.asked",
            Self::PermissionAnswered { .. } => "permission.answered",
            Self::PermissionExpired { .. } => "permission.expired",
            Self::QuestionAsked { .. } => "question.asked",
            Self::QuestionAnswered { .. } => "question.answered",
            Self::QuestionExpired { .. } => "question.expired",
            Self::TodoUpdated { .. } => "todo.updated",
            Self::TurnStarted { .. } => "turn.started",
            Self::TurnRetrying { .. } => "turn.retrying",
            Self::TurnCompleted { .. } => "turn.completed",
            Self::TurnFailed { .. } => "turn.failed",
            Self::TurnAborted { .. } => "turn.aborted",
            Self::QueueUpdated { .. } => "queue.updated",
            Self::SessionUpdated { .. } => "session.updated",
            Self::RunnerUpdated { .. } => "runner.updated",
            Self::WorkspaceWarning { .. } => "workspace.warning",
            Self::WorkspaceUpdated { .. } => "workspace.updated",
            Self::ViewerJoined { .. } => "viewer.joined",
            Self::ViewerLeft { .. } => "viewer.left",
        }
    }

    /// Whether a turn is over with this event.
    pub fn ends_turn(&self) -> bool {
        matches!(self, Self::TurnCompleted { .. } | Self::TurnFailed { .. } | Self::TurnAborted { .. })
    }

    /// Puts the event into a turn.
    pub fn in_turn(self, turn: TurnNumber) -> Entry {
        Entry { turn: Some(turn), body: self }
    }

    /// An event of the session as a whole.
    pub fn of_session(self) -> Entry {
        Entry { turn: None, body: self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_must_be_spelled_out() {
        let read = |json| serde_json::from_value::<PermissionReply>(json).ok();
        let reject = |message: Option<&str>| PermissionReply::Reject { message: message.map(str::to_owned) };
        for (json, reply) in [
            (serde_json::json!({"reply": "once"}), Some(PermissionReply::Once)),
            (serde_json::json!({"reply": "always"}), Some(PermissionReply::Always)),
            (serde_json::json!({"reply": "reject"}), Some(reject(None))),
            (serde_json::json!({"reply": "reject", "message": "no"}), Some(reject(Some("no")))),
            (serde_json::json!({"reply": 1}), None),
            (serde_json::json!({"reply": "once", "more": 1}), None),
            (serde_json::json!({"reply": "once", "message": "but"}), None),
        ] {
            assert_eq!(read(json.clone()), reply, "{json}");
        }
        let reply = reject(Some("no"));
        assert_eq!(read(serde_json::to_value(&reply).unwrap()), Some(reply));
    }

    #[test]
    fn an_event_reads_as_the_wire_contract_says() {
        let id = MessageId::mint(Timestamp::UNIX_EPOCH);
        let event = Event {
            seq: 7,
            at: Timestamp::UNIX_EPOCH,
            entry: EventBody::TextDelta { message_id: id, part_id: "prt_1".into(), delta: "hi".into() }.in_turn(2),
        };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"seq": 7, "at": "1970-01-01T00:00:00Z", "turn": 2, "type": "text.delta",
                "message_id": id.to_string(), "part_id": "prt_1", "delta": "hi"})
        );
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
        assert_eq!(event.entry.body.name(), "text.delta");
    }
}
