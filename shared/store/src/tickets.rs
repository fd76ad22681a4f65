//! Tickets that open one socket once.

use domain::{Principal, SessionId, TokenHash};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{Result, n, to_item};
use crate::{Store, keys};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Who will be at the other end.
    pub principal: Principal,
    pub session: SessionId,
    pub expires_at: Timestamp,
}

impl Store {
    pub async fn put_ticket(&self, hash: &TokenHash, ticket: &Ticket) -> Result<()> {
        let mut item = to_item(keys::ticket(hash), ticket)?;
        item.insert("ttl".into(), n(ticket.expires_at.as_second()));
        self.put(item).await
    }

    /// Uses a ticket up; `None` when there is none, it was used, or its time is over.
    pub async fn take_ticket(&self, hash: &TokenHash, now: Timestamp) -> Result<Option<Ticket>> {
        let ticket: Option<Ticket> = self.take(keys::ticket(hash)).await?;
        Ok(ticket.filter(|ticket| ticket.expires_at > now))
    }
}
