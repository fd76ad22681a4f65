//! Every key of the table and the bucket.
//!
//! | partition | sort | what |
//! |---|---|---|
//! | `USER#<user>` | `PROFILE` | the user |
//! | `USER#<user>` | `IDEM#<key>` | idempotency record of a created session |
//! | `USER#<user>` | `SES#<session>` | a session (`META`): one item, listed newest first |
//! | `USER#<user>#SES#<session>` | `MSG#<turn>#0`, `#1` | a turn's prompt and its answer |
//! | | `EVT#<first seq>` | a batch of events as delivered |
//! | | `ARC#<first seq>` | events of ended turns, packed; see `archive.rs` |
//! | | `CMD#<client id>` | idempotency record |
//! | | `CONN#<connection>` | a viewer's socket |
//! | | `CONN#~` | until when someone follows by SSE |
//! | | `RUN#<epoch>` | the runner's task and last heartbeat |
//! | `TOKEN#<hash>` | `TOKEN` | pointer: whom a token stands for |
//! | `TICKET#<hash>` | `TICKET` | pointer: a socket ticket |
//! | `CONN#<connection>` | `CONN` | pointer: whose socket it is |
//! | `LIVE#<shard>` | `<session>` | pointer: a session with a runner, for the sweeper |

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Epoch, Seq, SessionId, TokenHash, TurnNumber, UserId};

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// The key as the SDK wants it.
    pub(crate) fn into_map(self) -> std::collections::HashMap<String, AttributeValue> {
        [("pk".to_owned(), AttributeValue::S(self.pk)), ("sk".to_owned(), AttributeValue::S(self.sk))].into()
    }
}

pub(crate) const SESSION_PREFIX: &str = "SES#";
pub(crate) const EVENT_PREFIX: &str = "EVT#";
pub(crate) const ARCHIVE_PREFIX: &str = "ARC#";
pub(crate) const MESSAGE_PREFIX: &str = "MSG#";
pub(crate) const CONNECTION_PREFIX: &str = "CONN#";
/// As far as [`event_sort`] can count.
pub(crate) const SEQ_MAX: Seq = 999_999_999_999;
/// Partitions that the sweeper's pointers are spread over.
pub(crate) const LIVE_SHARDS: u8 = 4;

pub(crate) fn user_partition(user: UserId) -> String {
    format!("USER#{user}")
}

pub(crate) fn session_partition(user: UserId, session: SessionId) -> String {
    format!("USER#{user}#SES#{session}")
}

pub(crate) fn user(user: UserId) -> Key {
    Key::new(user_partition(user), "PROFILE")
}

pub(crate) fn session(user: UserId, session: SessionId) -> Key {
    Key::new(user_partition(user), format!("{SESSION_PREFIX}{session}"))
}

pub(crate) fn event(user: UserId, session: SessionId, first: Seq) -> Key {
    Key::new(session_partition(user, session), event_sort(first))
}

/// Padded so that numbers sort as text.
pub(crate) fn event_sort(first: Seq) -> String {
    format!("{EVENT_PREFIX}{first:012}")
}

pub(crate) fn archive(user: UserId, session: SessionId, first: Seq) -> Key {
    Key::new(session_partition(user, session), archive_sort(first))
}

pub(crate) fn archive_sort(first: Seq) -> String {
    format!("{ARCHIVE_PREFIX}{first:012}")
}

pub(crate) fn prompt(user: UserId, session: SessionId, turn: TurnNumber) -> Key {
    Key::new(session_partition(user, session), format!("{MESSAGE_PREFIX}{turn:010}#0"))
}

/// Directly behind its prompt, whatever was asked meanwhile.
pub(crate) fn answer(user: UserId, session: SessionId, turn: TurnNumber) -> Key {
    Key::new(session_partition(user, session), format!("{MESSAGE_PREFIX}{turn:010}#1"))
}

pub(crate) fn command(user: UserId, session: SessionId, client_id: &str) -> Key {
    Key::new(session_partition(user, session), format!("CMD#{client_id}"))
}

pub(crate) fn viewer(user: UserId, session: SessionId, connection_id: &str) -> Key {
    Key::new(session_partition(user, session), format!("{CONNECTION_PREFIX}{connection_id}"))
}

/// Among the sockets, so that one read finds all who watch; no connection is called that.
pub(crate) fn followers(user: UserId, session: SessionId) -> Key {
    Key::new(session_partition(user, session), format!("{CONNECTION_PREFIX}~"))
}

pub(crate) fn runner(user: UserId, session: SessionId, epoch: Epoch) -> Key {
    Key::new(session_partition(user, session), format!("RUN#{epoch:010}"))
}

pub(crate) fn token(hash: &TokenHash) -> Key {
    Key::new(format!("TOKEN#{}", hash.as_str()), "TOKEN")
}

pub(crate) fn ticket(hash: &TokenHash) -> Key {
    Key::new(format!("TICKET#{}", hash.as_str()), "TICKET")
}

pub(crate) fn connection(connection_id: &str) -> Key {
    Key::new(format!("{CONNECTION_PREFIX}{connection_id}"), "CONN")
}

pub(crate) fn live(session: SessionId) -> Key {
    let id = session.to_string();
    let shard = id.bytes().last().unwrap_or(0) % LIVE_SHARDS;
    Key::new(live_partition(shard), id)
}

pub(crate) fn live_partition(shard: u8) -> String {
    format!("LIVE#{shard}")
}

/// The record of a request that created a session.
pub(crate) fn creation(user: UserId, key: &str) -> Key {
    Key::new(user_partition(user), format!("IDEM#{key}"))
}

/// A snapshot; named by its epoch as well, so that a fenced runner can't
/// overwrite what the next one stored.
pub(crate) fn snapshot_object(user: UserId, session: SessionId, epoch: Epoch, version: u64) -> String {
    format!("{user}/{session}/snapshots/{version}-{epoch}.tar.zst")
}

/// Where texts are kept that are too large for a message.
pub(crate) fn kept_prefix(user: UserId, session: SessionId) -> String {
    format!("{user}/{session}/kept/")
}

/// An answer too large for the table; named by its epoch as well, so that a
/// fenced runner can't overwrite what the next one stored.
pub(crate) fn answer_object(user: UserId, session: SessionId, turn: TurnNumber, epoch: Epoch) -> String {
    format!("{user}/{session}/answers/{turn}-{epoch}.json")
}
