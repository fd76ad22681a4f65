//! Users who are at a service to let us in.

use domain::{Actor, IntegrationId, Service, TokenHash, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{Result, n, to_item};
use crate::{Store, keys};

/// What was noted when the user left. Good once, and for some minutes.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingOauth {
    pub owner: UserId,
    /// By what they left.
    pub actor: Actor,
    pub service: Service,
    /// The integration that is connected again.
    pub integration_id: Option<IntegrationId>,
    /// PKCE: proves to the service that who left is who comes back.
    pub code_verifier: String,
    /// Where the service sends the browser back to; it is named again when the code is traded.
    pub redirect_uri: String,
    /// Of the cookie that the browser got: another browser can't complete the sign-in.
    pub browser: TokenHash,
    /// Where on our origin the browser goes in the end.
    pub return_to: String,
    pub expires_at: Timestamp,
}

impl Store {
    pub async fn put_oauth(&self, state: &TokenHash, pending: &PendingOauth) -> Result<()> {
        let mut item = to_item(keys::oauth(state), pending)?;
        item.insert("ttl".into(), n(pending.expires_at.as_second()));
        self.put(item).await
    }

    /// Uses a state up; `None` when there is none, it was used, or its time is over.
    pub async fn take_oauth(&self, state: &TokenHash, now: Timestamp) -> Result<Option<PendingOauth>> {
        let pending: Option<PendingOauth> = self.take(keys::oauth(state)).await?;
        Ok(pending.filter(|pending| pending.expires_at > now))
    }
}
