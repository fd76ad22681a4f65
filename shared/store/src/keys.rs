//! Every key of the table and the bucket.
//!
//! | partition | sort | what |
//! |---|---|---|
//! | `USER#<user>` | `PROFILE` | the user |
//! | `USER#<user>` | `IDEM#<key>` | idempotency record of a created session or file |
//! | `USER#<user>` | `SES#<session>` | a session (`META`): one item, listed newest first |
//! | `USER#<user>` | `ACTION#<key>` | an action at a service, and what came of it |
//! | `USER#<user>` | `RATE#<name>`, `RATE#<name>#<token>` | how full a bucket of a rate is |
//! | `USER#<user>` | `USAGE#<day>` | what the turns of a day used |
//! | `USER#<user>#AUDIT` | `<seq>` | a record of the audit log; all by time in the index `by_kind` |
//! | `USER#<user>` | `EXPORT#<export>` | a copy of all that the user has |
//! | `USER#<user>` | `AT-ONCE` | the sessions that have a sandbox |
//! | `USER#<user>` | `FIL#<file>` | a file, listed newest first |
//! | `USER#<user>` | `FILES` | how much the user has stored |
//! | `USER#<user>#SES#<session>` | `MSG#<turn>#0`, `#1` | a turn's prompt and its answer |
//! | | `EVT#<first seq>` | a batch of events as delivered |
//! | | `ARC#<first seq>` | events of ended turns, packed; see `archive.rs` |
//! | | `CMD#<client id>` | idempotency record |
//! | | `CONN#<connection>` | a viewer's socket |
//! | | `CONN#~` | until when someone follows by SSE |
//! | | `RUN#<epoch>` | the runner's task and last heartbeat |
//! | `USER#<user>` | `INT#<integration>` | an integration |
//! | | `ACCOUNT#<service>#<account>` | pointer: which integration an account is connected by |
//! | | `SEARCH` | the segments of the search index |
//! | | `QUOTA#<service>` | what is left to spend at a service |
//! | `USER#<user>#INT#<integration>` | `CREDENTIALS` | what opens the account, sealed |
//! | | `CURSOR#<resource>` | how far a resource is synchronised |
//! | | `LOG#<run>` | a run of the synchronisation |
//! | `USER#<user>#ENTITIES` | `<entity>` | an entity; by kind and time in the index `by_kind` |
//! | `OAUTH#<hash>` | `OAUTH` | pointer: a user who is at a service to let us in |
//! | `HOOK#<service>#<route>` | `<integration>#<resource>` | pointer: whom a webhook concerns |
//! | `DELIVERY#<service>#<id>` | `DELIVERY` | a webhook that was carried out |
//! | `DUE#<shard>` | `<integration>` | pointer: when to look after an integration |
//! | `USER#<user>` | `TOK#<token>`, `LGN#<login>` | pointer: an API token, a signed-in browser, by its hash |
//! | `USER#<user>` | `IDN#<provider>#<subject>` | who the user is at a provider |
//! | `USER#<user>` | `SOCK#<token or login>#<connection>` | a viewer's socket, by what opened it |
//! | `TOKEN#<hash>` | `TOKEN` | an API token |
//! | `LOGIN#<hash>` | `LOGIN` | a browser that is signed in |
//! | `SIGNIN#<hash>` | `SIGNIN` | a sign-in under way |
//! | `IDENTITY#<provider>#<subject>` | `IDENTITY` | pointer: whose identity it is |
//! | `EMAIL#<address>` | `EMAIL` | pointer: whose address it is, one user's at most |
//! | `DEPLOYMENT` | `ADMIN`, `SIGNUP` | the first administrator, the rule for new accounts |
//! | `HOURS` | `<time>` | what happened in an hour, counted, for administrators |
//! | `USERS` | `<user>` | pointer: every user, for administrators |
//! | `REVOKED` | `<token or login>` | pointer: whose sockets are to be closed |
//! | `TICKET#<hash>` | `TICKET` | pointer: a socket ticket |
//! | `CONN#<connection>` | `CONN` | pointer: whose socket it is |
//! | `ERASURE` | `<user>` | an account that is being deleted |
//! | `ERASED#<fingerprint>` | `ERASED` | that an account was deleted, without saying whose |
//! | `DUE#FILES` | `<time>#<user>#<file>` | pointer: a file that the sweeper looks at then |
//! | `LIVE#<shard>` | `<session>` | pointer: a session with a runner, for the sweeper |

use aws_sdk_dynamodb::types::AttributeValue;
use domain::identity::{Email, IdentityProvider};
use domain::{
    Actor, EntityId, Epoch, ExportId, File, FileId, IntegrationId, Kind, Seq, Service, SessionId, SyncLogId, TokenHash,
    TurnNumber, UserId,
};
use jiff::Timestamp;

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

pub(crate) const USER_PREFIX: &str = "USER#";
/// The partition of what holds for the whole deployment.
pub(crate) const DEPLOYMENT: &str = "DEPLOYMENT";
/// The partition of the hours' counts.
pub(crate) const HOURS: &str = "HOURS";
/// The partition of accounts that are being deleted.
pub(crate) const ERASURES: &str = "ERASURE";
pub(crate) const EXPORT_PREFIX: &str = "EXPORT#";
pub(crate) const SESSION_PREFIX: &str = "SES#";
pub(crate) const FILE_PREFIX: &str = "FIL#";
pub(crate) const DUE_FILES: &str = "DUE#FILES";
pub(crate) const EVENT_PREFIX: &str = "EVT#";
pub(crate) const ARCHIVE_PREFIX: &str = "ARC#";
pub(crate) const MESSAGE_PREFIX: &str = "MSG#";
pub(crate) const TOKEN_PREFIX: &str = "TOK#";
pub(crate) const LOGIN_PREFIX: &str = "LGN#";
pub(crate) const IDENTITY_PREFIX: &str = "IDN#";
/// Partition of every user's pointer.
pub(crate) const USERS: &str = "USERS";
/// Partition of callers that were revoked lately.
pub(crate) const REVOKED: &str = "REVOKED";
pub(crate) const CONNECTION_PREFIX: &str = "CONN#";
/// As far as [`event_sort`] can count.
pub(crate) const SEQ_MAX: Seq = 999_999_999_999;
/// Partitions that the sweeper's pointers are spread over.
pub(crate) const LIVE_SHARDS: u8 = 4;

pub(crate) fn user_partition(user: UserId) -> String {
    format!("{USER_PREFIX}{user}")
}

pub(crate) fn session_partition(user: UserId, session: SessionId) -> String {
    format!("USER#{user}#SES#{session}")
}

pub(crate) fn hour(hour: Timestamp) -> Key {
    Key::new(HOURS, hour.to_string())
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

/// Below the user, by the token or the browser.
pub(crate) fn caller(user: UserId, actor: Actor) -> Key {
    Key::new(user_partition(user), caller_sort(actor))
}

fn caller_sort(actor: Actor) -> String {
    match actor {
        Actor::Token(id) => format!("{TOKEN_PREFIX}{id}"),
        Actor::Browser(id) => format!("{LOGIN_PREFIX}{id}"),
    }
}

pub(crate) fn login(hash: &TokenHash) -> Key {
    Key::new(format!("LOGIN#{}", hash.as_str()), "LOGIN")
}

pub(crate) fn signin(hash: &TokenHash) -> Key {
    Key::new(format!("SIGNIN#{}", hash.as_str()), "SIGNIN")
}

pub(crate) fn identity(provider: IdentityProvider, subject: &str) -> Key {
    Key::new(format!("IDENTITY#{provider}#{subject}"), "IDENTITY")
}

pub(crate) fn user_identity(user: UserId, provider: IdentityProvider, subject: &str) -> Key {
    Key::new(user_partition(user), format!("{IDENTITY_PREFIX}{provider}#{subject}"))
}

pub(crate) fn email(email: &Email) -> Key {
    Key::new(format!("EMAIL#{}", email.as_str()), "EMAIL")
}

pub(crate) fn first_admin() -> Key {
    Key::new(DEPLOYMENT, "ADMIN")
}

pub(crate) fn signup() -> Key {
    Key::new(DEPLOYMENT, "SIGNUP")
}

pub(crate) fn listed_user(user: UserId) -> Key {
    Key::new(USERS, user.to_string())
}

pub(crate) fn revoked(actor: Actor) -> Key {
    Key::new(REVOKED, actor.to_string())
}

pub(crate) fn socket(user: UserId, actor: Actor, connection_id: &str) -> Key {
    Key::new(user_partition(user), format!("{}{connection_id}", socket_prefix(actor)))
}

pub(crate) fn socket_prefix(actor: Actor) -> String {
    format!("SOCK#{actor}#")
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

/// A bucket of a rate; `holder` is one of several that the user has.
pub(crate) fn rate(user: UserId, name: &str, holder: Option<&str>) -> Key {
    let holder = holder.map(|holder| format!("#{holder}")).unwrap_or_default();
    Key::new(user_partition(user), format!("RATE#{name}{holder}"))
}

/// What the turns of a day used.
pub(crate) fn usage(user: UserId, day: &str) -> Key {
    Key::new(user_partition(user), format!("USAGE#{day}"))
}

pub(crate) fn audit_partition(user: UserId) -> String {
    format!("USER#{user}#AUDIT")
}

/// Padded so that numbers sort as text.
pub(crate) fn audit(user: UserId, seq: u64) -> Key {
    Key::new(audit_partition(user), format!("{seq:012}"))
}

/// All users' records in the index by time, for administrators. One partition: it would
/// take a thousand deeds a second to make it a hot one.
pub(crate) const AUDIT: &str = "AUDIT";

/// Sorts by time; records of the same moment by user and number.
pub(crate) fn audit_sort(at_ms: i64, user: UserId, seq: u64) -> String {
    format!("{}#{user}#{seq:012}", kind_time(at_ms))
}

/// An account that is being deleted.
pub(crate) fn erasure(user: UserId) -> Key {
    Key::new(ERASURES, user.to_string())
}

/// That an account was deleted; the fingerprint is of its id.
pub(crate) fn erased(fingerprint: &str) -> Key {
    Key::new(format!("ERASED#{fingerprint}"), "ERASED")
}

/// A copy of all that the user has.
pub(crate) fn export(user: UserId, export: ExportId) -> Key {
    Key::new(user_partition(user), format!("{EXPORT_PREFIX}{export}"))
}

/// What all objects of a user begin with.
pub(crate) fn objects(user: UserId) -> String {
    format!("{user}/")
}

/// A copy of all that the user has.
pub(crate) fn export_object(user: UserId, export: ExportId) -> String {
    format!("{}exports/{export}.tar", objects(user))
}

/// The user's sessions that have a sandbox.
pub(crate) fn at_once(user: UserId) -> Key {
    Key::new(user_partition(user), "AT-ONCE")
}

pub(crate) fn file(user: UserId, file: FileId) -> Key {
    Key::new(user_partition(user), format!("{FILE_PREFIX}{file}"))
}

pub(crate) fn file_usage(user: UserId) -> Key {
    Key::new(user_partition(user), "FILES")
}

/// Sorts by the time; `None` for a file that the sweeper has no business with.
pub(crate) fn due_file(file: &File) -> Option<Key> {
    let due = file.due?;
    Some(Key::new(DUE_FILES, format!("{:012}#{}#{}", due.as_second(), file.owner, file.id)))
}

/// The key that an item lies under.
pub(crate) fn stored(item: &std::collections::HashMap<String, AttributeValue>) -> Option<Key> {
    let part = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    Some(Key::new(part("pk")?, part("sk")?))
}

/// The content of a file, under its id: a name is never part of a key.
pub(crate) fn file_object(file: &File) -> String {
    file_object_of(file.owner, file.id)
}

/// The same, for a file that is not on the list yet.
pub(crate) fn file_object_of(user: UserId, file: FileId) -> String {
    format!("{user}/files/{file}")
}

/// An action at a service, by who asks for it and what it is.
pub(crate) fn action(user: UserId, key: &str) -> Key {
    Key::new(user_partition(user), format!("ACTION#{key}"))
}

/// The record of a request that created something.
pub(crate) fn creation(user: UserId, key: &str) -> Key {
    Key::new(user_partition(user), format!("IDEM#{key}"))
}

pub(crate) const INTEGRATION_PREFIX: &str = "INT#";
pub(crate) const CURSOR_PREFIX: &str = "CURSOR#";
pub(crate) const LOG_PREFIX: &str = "LOG#";
/// Partitions that the schedule's pointers are spread over.
pub(crate) const DUE_SHARDS: u8 = 4;
/// The index of entities by kind and time, in which audit records stand as well, and its keys.
pub(crate) const BY_KIND: &str = "by_kind";
pub(crate) const KIND_PK: &str = "kind_pk";
pub(crate) const KIND_SK: &str = "kind_sk";

pub(crate) fn integration(user: UserId, integration: IntegrationId) -> Key {
    Key::new(user_partition(user), format!("{INTEGRATION_PREFIX}{integration}"))
}

/// An account at a service belongs to one integration of a user.
pub(crate) fn account(user: UserId, service: &Service, account: &str) -> Key {
    Key::new(user_partition(user), format!("ACCOUNT#{service}#{account}"))
}

pub(crate) fn integration_partition(user: UserId, integration: IntegrationId) -> String {
    format!("USER#{user}#INT#{integration}")
}

pub(crate) fn credentials(user: UserId, integration: IntegrationId) -> Key {
    Key::new(integration_partition(user, integration), "CREDENTIALS")
}

pub(crate) fn cursor(user: UserId, integration: IntegrationId, resource: &str) -> Key {
    Key::new(integration_partition(user, integration), format!("{CURSOR_PREFIX}{resource}"))
}

pub(crate) fn sync_log(user: UserId, integration: IntegrationId, run: SyncLogId) -> Key {
    Key::new(integration_partition(user, integration), format!("{LOG_PREFIX}{run}"))
}

pub(crate) fn entity_partition(user: UserId) -> String {
    format!("USER#{user}#ENTITIES")
}

/// By id: all of one resource stand together.
pub(crate) fn entity(user: UserId, entity: EntityId) -> Key {
    Key::new(entity_partition(user), entity.to_string())
}

pub(crate) fn kind_partition(user: UserId, kind: &Kind) -> String {
    format!("USER#{user}#ENTITIES#{kind}")
}

/// Padded, and moved into the positive numbers, so that times sort as text.
pub(crate) fn kind_sort(listed_ms: i64, entity: EntityId) -> String {
    format!("{}#{entity}", kind_time(listed_ms))
}

/// Milliseconds that 1970 is moved by, so that the times of what was before are positive, too.
const KIND_TIME_ZERO: i64 = 1_000_000_000_000_000;

pub(crate) fn kind_time(listed_ms: i64) -> String {
    format!("{:019}", listed_ms.saturating_add(KIND_TIME_ZERO).max(0))
}

pub(crate) fn time_of_kind(text: &str) -> Option<i64> {
    text.parse::<i64>().ok()?.checked_sub(KIND_TIME_ZERO)
}

pub(crate) fn search(user: UserId) -> Key {
    Key::new(user_partition(user), "SEARCH")
}

pub(crate) fn quota(user: UserId, service: &Service) -> Key {
    Key::new(user_partition(user), format!("QUOTA#{service}"))
}

pub(crate) fn oauth(state: &TokenHash) -> Key {
    Key::new(format!("OAUTH#{}", state.as_str()), "OAUTH")
}

pub(crate) fn hook(service: &Service, route: &str, integration: IntegrationId, resource: &str) -> Key {
    Key::new(hook_partition(service, route), format!("{integration}#{resource}"))
}

pub(crate) fn hook_partition(service: &Service, route: &str) -> String {
    format!("HOOK#{service}#{route}")
}

pub(crate) fn delivery(service: &Service, id: &str) -> Key {
    Key::new(format!("DELIVERY#{service}#{id}"), "DELIVERY")
}

pub(crate) fn due(integration: IntegrationId) -> Key {
    let id = integration.to_string();
    let shard = id.bytes().last().unwrap_or(0) % DUE_SHARDS;
    Key::new(due_partition(shard), id)
}

pub(crate) fn due_partition(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// What a service sent of an entity; named by its stamp as well, so that a late worker
/// can't overwrite what a newer one stored.
pub(crate) fn raw_object(user: UserId, entity: EntityId, stamp: domain::entity::Stamp) -> String {
    format!("{user}/raw/{entity}/{}-{}-{}.json", stamp.generation, stamp.version, stamp.epoch)
}

/// A segment of the search index: written once, never changed.
pub(crate) fn segment_object(user: UserId, name: &str) -> String {
    format!("{user}/search/{name}")
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
