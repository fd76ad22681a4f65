//! Messages of a session: what the user asked and what the agent answered.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Attachment, MessageId, SessionId, TurnNumber};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    User,
    Assistant,
}

/// How far a message has come; both messages of a turn end in the same state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// Waits behind the turn in hand.
    Queued,
    /// Its turn is in hand.
    Running,
    Completed,
    /// The turn ended with an error; see `error`.
    Failed,
    /// The turn was stopped, or the message was taken back before its turn.
    Cancelled,
}

/// One message. A prompt has one answer, into which all steps of the agent are folded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    pub id: MessageId,
    pub session_id: SessionId,
    /// The turn that the message belongs to; a prompt and its answer share it.
    #[schema(value_type = u64)]
    pub turn: TurnNumber,
    pub role: Role,
    pub status: MessageStatus,
    /// The text of the text parts, in order.
    pub content: String,
    pub parts: Vec<Part>,
    pub tool_calls: Vec<ToolCall>,
    /// The files that a prompt brought along.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Tokens and cost of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Why the turn failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<TurnError>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub completed_at: Option<Timestamp>,
}

/// A piece of a message, in the order in which the agent made it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    Text {
        id: String,
        text: String,
    },
    /// What the model thought before it spoke.
    Reasoning {
        id: String,
        text: String,
    },
    Tool(ToolPart),
}

/// A tool call with what is known of it so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToolPart {
    pub id: String,
    /// The model's id of the call.
    pub call_id: String,
    /// The tool's name, such as `bash`.
    pub name: String,
    pub status: ToolStatus,
    pub input: Value,
    /// What the tool printed or returned; while it runs, what it printed so far (its tail).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// A line for people, such as the command's purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether `output` was cut to its bound.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// Where the whole input is, as JSON, when texts in `input` were cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_input: Option<Kept>,
    /// Where the whole output is, when `output` is a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_output: Option<Kept>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

/// A text too large for a message: it is kept whole apart from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Kept {
    /// `GET` it, as the session's owner.
    pub href: String,
    /// How much is kept.
    pub bytes: u64,
    /// Whether there was more than is kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// What the diff of a turn is called among the texts that are kept.
pub fn diff_name(turn: TurnNumber) -> String {
    format!("diff-{turn}")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolStatus {
    Pending,
    Running,
    Completed,
    Error,
}

/// The short form of a tool call, for those who do not read parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToolCall {
    pub id: String,
    pub name: String,
    pub status: ToolStatus,
    pub input: Value,
    pub output: Option<String>,
    /// Where the whole output is, when `output` is a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_output: Option<Kept>,
}

/// Tokens as the provider counted them, and their price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    pub input_tokens: u64,
    pub output_tokens: u64,
    #[serde(default)]
    pub reasoning_tokens: u64,
    #[serde(default)]
    pub cache_read_tokens: u64,
    #[serde(default)]
    pub cache_write_tokens: u64,
    /// US dollars.
    #[serde(default)]
    pub cost_usd: f64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.reasoning_tokens += other.reasoning_tokens;
        self.cache_read_tokens += other.cache_read_tokens;
        self.cache_write_tokens += other.cache_write_tokens;
        self.cost_usd += other.cost_usd;
    }
}

/// Why a turn failed, in words for the user, with a stable code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TurnError {
    /// Such as `model_unauthorized`, `runner_lost`, `start_failed`.
    pub code: String,
    /// What happened and what to do next.
    pub message: String,
}

impl Message {
    /// The user's prompt of a turn.
    pub fn prompt(
        id: MessageId,
        session_id: SessionId,
        turn: TurnNumber,
        content: String,
        attachments: Vec<Attachment>,
        now: Timestamp,
    ) -> Self {
        let part = Part::Text { id: format!("prt_{}", &id.to_string()["msg_".len()..]), text: content.clone() };
        Self {
            id,
            session_id,
            turn,
            role: Role::User,
            status: MessageStatus::Queued,
            content,
            parts: vec![part],
            tool_calls: Vec::new(),
            attachments,
            usage: None,
            error: None,
            created_at: now,
            completed_at: None,
        }
    }

    /// The agent's answer, made of its parts; `content` and `tool_calls` follow from them.
    pub fn answer(
        id: MessageId,
        session_id: SessionId,
        turn: TurnNumber,
        parts: Vec<Part>,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id,
            session_id,
            turn,
            role: Role::Assistant,
            status: MessageStatus::Running,
            content: parts.iter().filter_map(Part::as_text).collect(),
            tool_calls: parts.iter().filter_map(Part::as_tool).map(ToolCall::from).collect(),
            attachments: Vec::new(),
            parts,
            usage: None,
            error: None,
            created_at,
            completed_at: None,
        }
    }
}

impl Part {
    /// The part's id, unique in its session.
    pub fn id(&self) -> &str {
        match self {
            Self::Text { id, .. } | Self::Reasoning { id, .. } => id,
            Self::Tool(tool) => &tool.id,
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    pub fn as_tool(&self) -> Option<&ToolPart> {
        match self {
            Self::Tool(tool) => Some(tool),
            _ => None,
        }
    }
}

impl From<&ToolPart> for ToolCall {
    fn from(part: &ToolPart) -> Self {
        Self {
            id: part.call_id.clone(),
            name: part.name.clone(),
            status: part.status,
            input: part.input.clone(),
            output: part.output.clone(),
            full_output: part.full_output.clone(),
        }
    }
}
