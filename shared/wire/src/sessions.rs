//! Bodies of `/api/sessions`.

use domain::message::Usage;
use domain::{Session, SessionId, UserId, Workspace};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// `POST /api/sessions`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSession {
    /// A folder under `/workspace`; `/workspace` itself when absent.
    #[serde(default)]
    pub workspace: Option<String>,
    /// Shown in lists; the first prompt gives one when absent.
    #[serde(default)]
    pub title: Option<String>,
    /// The caller's own notes, 4 KB of JSON at most.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// `provider/model`, such as `anthropic/claude-sonnet-4-5`; the deployment's default when absent.
    #[serde(default)]
    pub model: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionView {
    pub id: SessionId,
    pub user_id: UserId,
    pub title: String,
    /// `idle`, `starting`, `running`, `stopping` or `terminated`.
    pub status: String,
    pub workspace: Workspace,
    pub metadata: Map<String, Value>,
    pub model: Option<String>,
    /// Prompts that wait behind the turn in hand.
    pub queued: u64,
    pub usage: Usage,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_active_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionPage {
    pub sessions: Vec<SessionView>,
    /// Give it as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

impl From<Session> for SessionView {
    fn from(session: Session) -> Self {
        Self {
            status: session.status().to_owned(),
            queued: session.queued(),
            id: session.id,
            user_id: session.owner,
            title: session.title,
            workspace: session.workspace,
            metadata: session.metadata,
            model: session.model,
            usage: session.usage,
            created_at: session.created_at,
            last_active_at: session.last_active_at,
        }
    }
}

/// `GET /health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: String,
    pub version: String,
    pub environment: String,
}
