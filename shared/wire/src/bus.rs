//! Events on the deployment's bus: what one function has to tell another.

use domain::sync::Reason;
use domain::{Actor, ExportId, IntegrationId, Seq, SessionId, UserId};
use serde::{Deserialize, Serialize};

/// `source` of those that integrations concern.
pub const INTEGRATIONS_SOURCE: &str = "agent-ops.integrations";

/// Something is to be synchronised: the schedule, a webhook or a user asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRequested {
    pub user_id: UserId,
    pub integration_id: IntegrationId,
    /// One of its resources; without one all of them are listed anew.
    #[serde(default)]
    pub resource: Option<String>,
    pub reason: Reason,
}

impl SyncRequested {
    pub const DETAIL_TYPE: &'static str = "sync.requested";
}

/// An integration is to be taken back at the service and deleted with all its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisconnectRequested {
    pub user_id: UserId,
    pub integration_id: IntegrationId,
}

impl DisconnectRequested {
    pub const DETAIL_TYPE: &'static str = "disconnect.requested";
}

/// `source` of those that sessions concern.
pub const SOURCE: &str = "agent-ops.sessions";

/// A session was changed by a function that has no sockets: its viewers are to be
/// told what the log gained, and what a terminated session still has is to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionChanged {
    pub user_id: UserId,
    pub session_id: SessionId,
    /// The log's head before the change.
    pub after: Seq,
}

impl SessionChanged {
    pub const DETAIL_TYPE: &'static str = "session.changed";
}

/// A copy of all that a user has is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRequested {
    pub user_id: UserId,
    pub export_id: ExportId,
}

impl ExportRequested {
    pub const DETAIL_TYPE: &'static str = "account.export";
}

/// An account is to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRequested {
    pub user_id: UserId,
}

impl ErasureRequested {
    pub const DETAIL_TYPE: &'static str = "account.erase";
}

/// A token or a browser may do nothing any more: its sockets are to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerRevoked {
    pub user_id: UserId,
    pub actor: Actor,
}

impl CallerRevoked {
    pub const DETAIL_TYPE: &'static str = "caller.revoked";
}
