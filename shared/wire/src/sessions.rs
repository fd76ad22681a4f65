//! Bodies of `/api/sessions`.

use domain::message::Usage;
use domain::session::{Permissions, Policy};
use domain::{MessageId, Repository, Session, SessionId, UserId, Workspace};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// `POST /api/sessions`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSession {
    /// A folder under `/workspace`; `/workspace` itself when absent.
    #[serde(default)]
    pub workspace: Option<String>,
    /// `owner/name` at GitHub, cloned into the workspace; pulled and pushed with the access of the connected account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Shown in lists; the first prompt gives one when absent.
    #[serde(default)]
    pub title: Option<String>,
    /// The caller's own notes, 4 KB of JSON at most.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// `provider/model`, such as `anthropic/claude-sonnet-4-5`; the deployment's default when absent.
    #[serde(default)]
    pub model: Option<String>,
    /// `ask`, `allow` or `deny` by tool, such as `{"bash": "ask"}`; `*` for all others.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, Policy>)]
    pub permissions: Permissions,
}

/// `PATCH /api/sessions/{id}`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSession {
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
    /// Holds from the next sandbox on.
    #[serde(default)]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Policy>>)]
    pub permissions: Option<Permissions>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionView {
    pub id: SessionId,
    pub user_id: UserId,
    pub title: String,
    /// `idle`, `starting`, `running`, `stopping` or `terminated`.
    pub status: String,
    pub workspace: Workspace,
    /// What the workspace is a clone of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Repository>,
    pub metadata: Map<String, Value>,
    pub model: Option<String>,
    #[schema(value_type = std::collections::BTreeMap<String, Policy>)]
    pub permissions: Permissions,
    /// Messages that wait behind the turn in hand, in order.
    pub queue: Vec<MessageId>,
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
            queue: session.queue.iter().map(|queued| queued.message_id).collect(),
            permissions: session.permissions,
            repository: session.repository,
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
