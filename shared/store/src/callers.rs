//! What a user acts by: API tokens and signed-in browsers.
//!
//! Each is one item under the hash of its secret, where a request finds it at
//! once, and a pointer below its user, where lists and revocations begin.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::token::TokenRecord;
use domain::{Actor, LoginRecord, Principal, TokenHash, TokenId, UserId, limits};
use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::conditions::Condition;
use crate::item::{Error, Item, Result, from_item, n, s, service, to_item, ttl};
use crate::keys::{self, Key};
use crate::revoked::Revoked;
use crate::{Created, Idempotency, Store};

/// Entries of a user's list of browsers that are read.
const LOGINS_MAX: i32 = 100;

#[derive(Serialize, Deserialize)]
struct Pointer {
    hash: TokenHash,
}

impl Store {
    /// Whom an API token stands for at this time.
    pub async fn authenticate(&self, hash: &TokenHash, now: Timestamp) -> Result<Option<Principal>> {
        let Some(record) = self.get::<TokenRecord>(keys::token(hash)).await? else { return Ok(None) };
        let principal = record.principal_at(now);
        if principal.is_some() && is_stale(record.used_at, now) {
            // Boxed: it is rare, and every request's future would have room for it.
            Box::pin(self.touch(keys::token(hash), now)).await?;
        }
        Ok(principal)
    }

    /// Whom a browser's cookie stands for at this time.
    pub async fn authenticate_browser(&self, hash: &TokenHash, now: Timestamp) -> Result<Option<Principal>> {
        let Some(record) = self.get::<LoginRecord>(keys::login(hash)).await? else { return Ok(None) };
        let principal = record.principal_at(now);
        if principal.is_some() && is_stale(Some(record.used_at), now) {
            Box::pin(self.touch(keys::login(hash), now)).await?;
        }
        Ok(principal)
    }

    /// Writes a new API token; with `request`, only if that was not made before. Its secret is
    /// new, so nothing stands in its place.
    pub async fn put_token(
        &self,
        hash: &TokenHash,
        record: &TokenRecord,
        request: Option<&Idempotency>,
    ) -> Result<Created<TokenId>> {
        let mut item = to_item(keys::token(hash), record)?;
        // An expired one stays on its user's list for a while.
        let end = record.expires_at.map(|end| ttl(end, SignedDuration::from_hours(24 * limits::LOGIN_DAYS_MAX)));
        if let Some(end) = end {
            item.insert("ttl".into(), n(end));
        }
        let owner = record.user_id;
        let mut writes = self.caller_puts(owner, Actor::Token(record.id), hash, item, end)?;
        if let Some(request) = request {
            writes.push(self.put_creation(owner, request, record.id, record.created_at)?);
        }
        match (self.transact(writes).await?, request) {
            (true, _) => Ok(Created::New),
            (false, Some(request)) => self.created_before(owner, request).await,
            (false, None) => Err(Error::Throttled),
        }
    }

    /// Writes a browser that has just signed in.
    pub async fn put_login(&self, hash: &TokenHash, record: &LoginRecord) -> Result<()> {
        let mut item = to_item(keys::login(hash), record)?;
        let end = ttl(record.created_at, SignedDuration::from_hours(24 * limits::LOGIN_DAYS_MAX));
        item.insert("ttl".into(), n(end));
        let writes = self.caller_puts(record.user_id, Actor::Browser(record.id), hash, item, Some(end))?;
        match self.transact(writes).await? {
            true => Ok(()),
            false => Err(Error::Throttled),
        }
    }

    /// The user's API tokens, newest first.
    pub async fn tokens(&self, owner: UserId) -> Result<Vec<TokenRecord>> {
        let limit = i32::try_from(limits::TOKENS_MAX).unwrap_or(i32::MAX);
        self.callers(owner, keys::TOKEN_PREFIX, limit, keys::token).await
    }

    /// The user's browsers, newest first.
    pub async fn logins(&self, owner: UserId) -> Result<Vec<LoginRecord>> {
        self.callers(owner, keys::LOGIN_PREFIX, LOGINS_MAX, keys::login).await
    }

    /// Gives an API token another name; `None` when the user has no such token.
    pub async fn rename_token(&self, owner: UserId, id: TokenId, name: &str) -> Result<Option<TokenRecord>> {
        let Some(Pointer { hash }) = self.get(keys::caller(owner, Actor::Token(id))).await? else {
            return Ok(None);
        };
        let key = keys::token(&hash);
        match self.set_caller(key.clone(), "name", name).await? {
            true => self.get(key).await,
            false => Ok(None),
        }
    }

    /// Ends an API token or signs a browser out, and notes that its sockets are to
    /// be closed; whether the user had it.
    pub async fn revoke(&self, owner: UserId, actor: Actor, now: Timestamp) -> Result<bool> {
        let pointer = keys::caller(owner, actor);
        let Some(Pointer { hash }) = self.get(pointer.clone()).await? else { return Ok(false) };
        let secret = match actor {
            Actor::Token(_) => keys::token(&hash),
            Actor::Browser(_) => keys::login(&hash),
        };
        let note = to_item(keys::revoked(actor), &Revoked { user_id: owner, actor, at: now })?;
        let writes = vec![self.delete_in(secret)?, self.delete_in(pointer)?, self.put_plain(note)?];
        match self.transact(writes).await? {
            true => Ok(true),
            // Another revocation of the same was faster, or about to be.
            false => Err(Error::Throttled),
        }
    }

    /// The item of a caller and its user's pointer to it.
    fn caller_puts(
        &self,
        owner: UserId,
        actor: Actor,
        hash: &TokenHash,
        item: Item,
        end: Option<i64>,
    ) -> Result<Vec<TransactWriteItem>> {
        let mut pointer = to_item(keys::caller(owner, actor), &Pointer { hash: hash.clone() })?;
        if let Some(end) = end {
            pointer.insert("ttl".into(), n(end));
        }
        Ok(vec![self.put_plain(item)?, self.put_plain(pointer)?])
    }

    fn put_plain(&self, item: Item) -> Result<TransactWriteItem> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build().map_err(Error::malformed)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    async fn callers<T: DeserializeOwned>(
        &self,
        owner: UserId,
        prefix: &str,
        limit: i32,
        key: fn(&TokenHash) -> Key,
    ) -> Result<Vec<T>> {
        let found = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(keys::user_partition(owner)))
            .expression_attribute_values(":prefix", s(prefix))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(limit)
            .send()
            .await
            .map_err(service("Query"))?;
        let pointers = found.items.unwrap_or_default().into_iter().map(from_item::<Pointer>);
        let hashes = pointers.collect::<Result<Vec<_>>>()?;
        let records = try_join_all(hashes.iter().map(|pointer| self.get(key(&pointer.hash)))).await?;
        // One that was revoked in between is gone.
        Ok(records.into_iter().flatten().collect())
    }

    /// Notes that a token or a browser is in use, unless it was revoked meanwhile.
    async fn touch(&self, key: Key, now: Timestamp) -> Result<()> {
        self.set_caller(key, "used_at", &now.to_string()).await.map(drop)
    }

    /// Sets an attribute of what is there; nothing comes back that was revoked.
    async fn set_caller(&self, key: Key, attribute: &str, value: &str) -> Result<bool> {
        let set = self
            .db
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.into_map()))
            .update_expression("SET #attribute = :value")
            .condition_expression(self.condition(Condition::CallerThere))
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":value", s(value))
            .send()
            .await;
        match set {
            Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                Ok(false)
            }
            other => other.map(|_| true).map_err(service("UpdateItem")),
        }
    }
}

fn is_stale(used_at: Option<Timestamp>, now: Timestamp) -> bool {
    used_at.is_none_or(|at| at + SignedDuration::from_mins(limits::USED_AT_MINUTES) <= now)
}
