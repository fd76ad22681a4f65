//! Sockets: whose they are, and who watches a session.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::{Actor, Epoch, Scopes, SessionId, UserId, limits};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::item::{Result, n, s, service, to_item, ttl};
use crate::{Store, keys};

/// Who is at the other end of a socket. It never changes while the socket lives,
/// so it may be cached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub owner: UserId,
    pub session: SessionId,
    #[serde(flatten)]
    pub peer: Peer,
    pub connected_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "peer", rename_all = "snake_case")]
pub enum Peer {
    Viewer {
        actor: Actor,
        scopes: Scopes,
        /// When the actor ends, and the socket with it.
        #[serde(default)]
        expires_at: Option<Timestamp>,
    },
    Runner {
        epoch: Epoch,
    },
}

/// Who watches a session at this moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watchers {
    /// Sockets, which are sent what happens.
    pub sockets: Vec<String>,
    /// Whether someone follows by SSE, and so reads for themselves.
    pub followed: bool,
}

impl Watchers {
    /// Whether nobody watches.
    pub fn is_empty(&self) -> bool {
        self.sockets.is_empty() && !self.followed
    }
}

impl Store {
    /// Notes whose socket this is.
    pub async fn put_connection(&self, id: &str, connection: &Connection) -> Result<()> {
        let mut item = to_item(keys::connection(id), connection)?;
        let end = socket_ttl(connection.connected_at);
        item.insert("ttl".into(), n(end));
        if let Peer::Viewer { actor, expires_at, .. } = connection.peer {
            if let Some(expires_at) = expires_at.filter(|at| at.as_second() < end) {
                self.note_end(connection.owner, actor, expires_at).await?;
            }
            // First, so that no socket is open that a revocation would not find.
            let mut below = keys::socket(connection.owner, actor, id).into_map();
            below.insert("id".into(), s(id));
            below.insert("ttl".into(), n(end));
            self.put(below).await?;
        }
        self.put(item).await
    }

    pub async fn connection(&self, id: &str) -> Result<Option<Connection>> {
        self.get(keys::connection(id)).await
    }

    /// Forgets a socket; whether it watched until now.
    pub async fn remove_connection(&self, id: &str, connection: &Connection) -> Result<bool> {
        let watched = self.remove_viewer(connection.owner, connection.session, id).await?;
        if let Peer::Viewer { actor, .. } = connection.peer {
            self.delete(keys::socket(connection.owner, actor, id)).await?;
        }
        self.delete(keys::connection(id)).await?;
        Ok(watched)
    }

    /// Counts a socket among those who watch; whether it did not before.
    pub async fn put_viewer(&self, owner: UserId, session: SessionId, id: &str, now: Timestamp) -> Result<bool> {
        let mut item = keys::viewer(owner, session, id).into_map();
        item.insert("id".into(), s(id));
        item.insert("ttl".into(), n(socket_ttl(now)));
        self.put_new(item).await
    }

    /// No longer counts a socket among those who watch: it is closed, or gone.
    /// Whether it did until now.
    pub async fn remove_viewer(&self, owner: UserId, session: SessionId, id: &str) -> Result<bool> {
        let deleted = self
            .db
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(keys::viewer(owner, session, id).into_map()))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(service("DeleteItem"))?;
        Ok(deleted.attributes.is_some())
    }

    /// Notes that someone follows by SSE, for a while from now on.
    pub async fn put_follower(&self, owner: UserId, session: SessionId, now: Timestamp) -> Result<()> {
        let until = ttl(now, SignedDuration::from_secs(limits::FOLLOWER_SECONDS));
        let mut item = keys::followers(owner, session).into_map();
        item.insert("until".into(), n(until));
        item.insert("ttl".into(), n(until));
        self.put(item).await
    }

    /// The sockets that watch a session at this moment.
    pub async fn viewers(&self, owner: UserId, session: SessionId) -> Result<Vec<String>> {
        Ok(self.watchers(owner, session, Timestamp::MAX).await?.sockets)
    }

    /// All who watch a session.
    pub async fn watchers(&self, owner: UserId, session: SessionId, now: Timestamp) -> Result<Watchers> {
        let found = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(keys::session_partition(owner, session)))
            .expression_attribute_values(":prefix", s(keys::CONNECTION_PREFIX))
            .projection_expression("id, #until")
            .expression_attribute_names("#until", "until")
            .consistent_read(true)
            .send()
            .await
            .map_err(service("Query"))?;
        let mut watchers = Watchers::default();
        for mut item in found.items.unwrap_or_default() {
            if let Some(AttributeValue::S(id)) = item.remove("id") {
                watchers.sockets.push(id);
            } else if let Some(AttributeValue::N(until)) = item.remove("until") {
                watchers.followed |= until.parse::<i64>().is_ok_and(|until| until > now.as_second());
            }
        }
        Ok(watchers)
    }
}

fn socket_ttl(connected_at: Timestamp) -> i64 {
    ttl(connected_at, SignedDuration::from_secs(limits::SOCKET_SECONDS_MAX + limits::RENEW_MARGIN_SECONDS))
}
