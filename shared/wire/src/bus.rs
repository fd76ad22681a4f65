//! Events on the deployment's bus: what one function has to tell another.

use domain::{Seq, SessionId, UserId};
use serde::{Deserialize, Serialize};

/// `source` of all of them.
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
