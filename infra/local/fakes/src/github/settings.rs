//! How the fake behaves, as `PATCH /control/github/settings` sets it.

use serde::{Deserialize, Serialize};

/// What becomes of webhooks.
#[derive(Debug, Default, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Webhooks {
    /// They are sent at once.
    #[default]
    Send,
    /// They wait until they are released.
    Hold,
    /// They never arrive, as the log of deliveries says.
    Lose,
}

/// How the fake behaves.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) webhooks: Webhooks,
    /// Calls per hour of one user or installation.
    pub(super) calls_per_hour: u64,
    /// Points per minute: a GET is one, a write five.
    pub(super) points_per_minute: u64,
    /// Whether the secondary limit says how long to wait.
    pub(super) says_retry_after: bool,
    /// Installation tokens in the long format that tells its App.
    pub(super) stateless_tokens: bool,
    /// Seconds that an App user's access token lives.
    pub(super) user_token_seconds: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            webhooks: Webhooks::Send,
            calls_per_hour: 5_000,
            points_per_minute: 900,
            says_retry_after: true,
            stateless_tokens: true,
            user_token_seconds: 8 * 3_600,
        }
    }
}
