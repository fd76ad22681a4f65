//! Events on the deployment's bus: what one function has to tell another.

use domain::{SessionId, UserId};
use serde::{Deserialize, Serialize};

/// `source` of all of them.
pub const SOURCE: &str = "agent-ops.sessions";

/// A session was terminated: its task and its sockets are to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionTerminated {
    pub user_id: UserId,
    pub session_id: SessionId,
}

impl SessionTerminated {
    pub const DETAIL_TYPE: &'static str = "session.terminated";
}
