//! OpenCode's own shapes: only the fields that the runner reads, tolerant of all others.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// What OpenCode reports on `/global/event`.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Message(MessageInfo),
    Part(Part),
    Delta {
        session: String,
        part: String,
        delta: String,
    },
    PartRemoved {
        session: String,
        part: String,
    },
    Status {
        session: String,
        status: Status,
    },
    Error {
        session: Option<String>,
        error: AgentError,
    },
    PermissionAsked(PermissionRequest),
    PermissionReplied {
        id: String,
        reply: String,
    },
    QuestionAsked(QuestionRequest),
    QuestionReplied {
        id: String,
        answers: Option<Vec<Vec<String>>>,
    },
    Todos {
        session: String,
        todos: Vec<domain::event::Todo>,
    },
    /// The server stops; the stream ends after this.
    Disposed,
    /// Anything else, such as a heartbeat.
    Other,
}

/// Whether a session works.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Status {
    Idle,
    Busy,
    Retry {
        attempt: u32,
        #[serde(default)]
        message: String,
        /// Milliseconds since 1970.
        next: i64,
    },
}

/// A message without its parts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageInfo {
    pub id: String,
    #[serde(rename = "sessionID")]
    pub session: String,
    pub role: String,
    #[serde(rename = "parentID", default)]
    pub parent: Option<String>,
    #[serde(default)]
    pub time: Time,
    #[serde(default)]
    pub error: Option<AgentError>,
    /// `tool-calls` for all steps but the last.
    #[serde(default)]
    pub finish: Option<String>,
    /// A user's message has an object here and an assistant's a flag; `true` marks a compaction.
    #[serde(default)]
    pub summary: Value,
}

/// Milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
pub struct Time {
    #[serde(default)]
    pub created: Option<i64>,
    #[serde(default)]
    pub completed: Option<i64>,
    #[serde(default)]
    pub start: Option<i64>,
    #[serde(default)]
    pub end: Option<i64>,
}

/// Why a step failed, in OpenCode's words. Never shown as it is: it names URLs and bodies.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct AgentError {
    pub name: String,
    #[serde(default)]
    pub data: BTreeMap<String, Value>,
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Part {
    Text(TextPart),
    Reasoning(TextPart),
    Tool(Tool),
    StepFinish(StepTokens),
    #[serde(other)]
    Other,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TextPart {
    pub id: String,
    #[serde(rename = "sessionID")]
    pub session: String,
    #[serde(rename = "messageID")]
    pub message: String,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub time: Time,
}

/// A tool call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Tool {
    pub id: String,
    #[serde(rename = "sessionID")]
    pub session: String,
    #[serde(rename = "messageID")]
    pub message: String,
    #[serde(rename = "callID")]
    pub call: String,
    pub tool: String,
    pub state: State,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct State {
    pub status: String,
    #[serde(default)]
    pub input: Value,
    #[serde(default)]
    pub output: Option<String>,
    #[serde(default)]
    pub error: Option<String>,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub metadata: Value,
    #[serde(default)]
    pub time: Time,
}

/// What one step of the model cost.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct StepTokens {
    pub id: String,
    #[serde(rename = "sessionID")]
    pub session: String,
    #[serde(rename = "messageID")]
    pub message: String,
    #[serde(default)]
    pub tokens: Tokens,
    #[serde(default)]
    pub cost: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Tokens {
    pub input: f64,
    pub output: f64,
    pub reasoning: f64,
    pub cache: Cache,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Cache {
    pub read: f64,
    pub write: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PermissionRequest {
    pub id: String,
    #[serde(rename = "sessionID")]
    pub session: String,
    pub permission: String,
    #[serde(default)]
    pub patterns: Vec<String>,
    #[serde(default)]
    pub always: Vec<String>,
    #[serde(default)]
    pub metadata: Value,
    #[serde(default)]
    pub tool: Option<CallRef>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CallRef {
    #[serde(rename = "callID")]
    pub call: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct QuestionRequest {
    pub id: String,
    #[serde(rename = "sessionID")]
    pub session: String,
    #[serde(default)]
    pub questions: Vec<domain::event::QuestionItem>,
    #[serde(default)]
    pub tool: Option<CallRef>,
}

/// A message as `GET …/message` returns it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Stored {
    pub info: MessageInfo,
    #[serde(default)]
    pub parts: Vec<Part>,
}

impl Event {
    /// Reads one frame of `/global/event`. A frame that does not fit is an error: OpenCode changed.
    pub fn parse(frame: &str) -> serde_json::Result<Self> {
        let Payload { kind, properties } = serde_json::from_str::<Frame>(frame)?.payload;
        let Some(body) = properties.map(RawValue::get) else { return Ok(Self::Other) };
        Ok(match kind.as_ref() {
            "message.part.delta" => DeltaBody::parse(body)?,
            "message.part.updated" => Self::Part(serde_json::from_str::<PartBody>(body)?.part),
            "message.updated" => Self::Message(serde_json::from_str::<InfoBody>(body)?.info),
            "message.part.removed" => {
                let PartRef { session, part } = serde_json::from_str(body)?;
                Self::PartRemoved { session, part }
            }
            "session.status" => {
                let StatusBody { session, status } = serde_json::from_str(body)?;
                Self::Status { session, status }
            }
            "session.error" => match serde_json::from_str(body)? {
                ErrorBody { session, error: Some(error) } => Self::Error { session, error },
                ErrorBody { error: None, .. } => Self::Other,
            },
            "permission.asked" => Self::PermissionAsked(serde_json::from_str(body)?),
            "permission.replied" => {
                let Replied { id, reply, .. } = serde_json::from_str(body)?;
                Self::PermissionReplied { id, reply }
            }
            "question.asked" => Self::QuestionAsked(serde_json::from_str(body)?),
            "question.replied" | "question.rejected" => {
                let Replied { id, answers, .. } = serde_json::from_str(body)?;
                Self::QuestionReplied { id, answers }
            }
            "todo.updated" => {
                let TodoBody { session, todos } = serde_json::from_str(body)?;
                Self::Todos { session, todos }
            }
            "server.instance.disposed" | "global.disposed" => Self::Disposed,
            _ => Self::Other,
        })
    }
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow)]
    payload: Payload<'a>,
}

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(rename = "type", borrow)]
    kind: std::borrow::Cow<'a, str>,
    /// Absent on the `sync` twins of durable events, which say the same again.
    #[serde(borrow, default)]
    properties: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct DeltaBody {
    #[serde(rename = "sessionID")]
    session: String,
    #[serde(rename = "partID")]
    part: String,
    field: String,
    delta: String,
}

impl DeltaBody {
    fn parse(body: &str) -> serde_json::Result<Event> {
        let Self { session, part, field, delta } = serde_json::from_str(body)?;
        Ok(if field == "text" { Event::Delta { session, part, delta } } else { Event::Other })
    }
}

#[derive(Deserialize)]
struct PartBody {
    part: Part,
}

#[derive(Deserialize)]
struct InfoBody {
    info: MessageInfo,
}

#[derive(Deserialize)]
struct PartRef {
    #[serde(rename = "sessionID")]
    session: String,
    #[serde(rename = "partID")]
    part: String,
}

#[derive(Deserialize)]
struct StatusBody {
    #[serde(rename = "sessionID")]
    session: String,
    status: Status,
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(rename = "sessionID", default)]
    session: Option<String>,
    #[serde(default)]
    error: Option<AgentError>,
}

#[derive(Deserialize)]
struct Replied {
    #[serde(rename = "requestID")]
    id: String,
    #[serde(default)]
    reply: String,
    #[serde(default)]
    answers: Option<Vec<Vec<String>>>,
}

#[derive(Deserialize)]
struct TodoBody {
    #[serde(rename = "sessionID")]
    session: String,
    todos: Vec<domain::event::Todo>,
}
