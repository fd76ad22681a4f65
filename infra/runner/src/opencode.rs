//! OpenCode's V1 HTTP API, as far as the runner relies on it.
//!
//! Everything that is odd about OpenCode's server stops here: connections that hang while it
//! starts, a stream without ids or replay, three shapes of errors.

mod client;
mod event;
mod follow;
mod sse;

pub use client::{CallError, Client, Endpoint, Prompt, SessionInfo};
pub use event::{
    AgentError, Event, MessageInfo, Part, PermissionRequest, QuestionRequest, State, Status, StepTokens, Stored,
    TextPart, Tool,
};
pub use follow::{Follow, follow};
