//! Idempotency keys: what a caller names a request by, so that a repeat is known as one.

use std::str::FromStr;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::{UserId, limits};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::conditions::Condition;
use crate::item::{Error, Item, Result, n, to_item, ttl};
use crate::{Store, keys};

/// How long a record is kept.
pub(crate) const REMEMBERED: SignedDuration = SignedDuration::from_hours(limits::IDEMPOTENCY_TTL_HOURS);

/// A caller's wish that a request be carried out once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    pub client_id: String,
    fingerprint: String,
}

impl Idempotency {
    /// `body` is what must be the same for a repeat to count as one.
    pub fn new(client_id: String, body: &[u8]) -> Self {
        Self { client_id, fingerprint: hex::encode(Sha256::digest(body)) }
    }

    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// What became of a request to create something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created<Id> {
    New,
    /// The same request was made before, and made this.
    Before(Id),
    /// Another request was made under the same key.
    Conflict,
}

/// The record of a request that created something.
#[derive(Serialize, Deserialize)]
struct Creation {
    fingerprint: String,
    /// Its id, whose prefix tells the kind: a user's keys are the same for all kinds.
    made: String,
}

impl Store {
    /// Notes that `request` makes `made`, where it was not noted before.
    pub(crate) fn put_creation(
        &self,
        owner: UserId,
        request: &Idempotency,
        made: impl ToString,
        now: Timestamp,
    ) -> Result<TransactWriteItem> {
        let record = Creation { fingerprint: request.fingerprint.clone(), made: made.to_string() };
        self.put_record(to_item(keys::creation(owner, &request.client_id), &record)?, now)
    }

    /// What a creation was refused for whose request has a record already.
    pub(crate) async fn created_before<Id: FromStr>(
        &self,
        owner: UserId,
        request: &Idempotency,
    ) -> Result<Created<Id>> {
        let first: Option<Creation> = self.get(keys::creation(owner, &request.client_id)).await?;
        // None: another write was faster, and did not come to its end.
        let first = first.ok_or(Error::Throttled)?;
        Ok(match first.made.parse() {
            Ok(id) if first.fingerprint == request.fingerprint => Created::Before(id),
            _ => Created::Conflict,
        })
    }

    /// An idempotency record, where none stands that is still in its time.
    pub(crate) fn put_record(&self, mut item: Item, now: Timestamp) -> Result<TransactWriteItem> {
        item.insert("ttl".into(), n(ttl(now, REMEMBERED)));
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            // A record past its time is as good as none; TTL deletes late.
            .condition_expression(self.condition(Condition::KeyUnused))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":now", n(now.as_second()))
            .build()
            .map_err(Error::malformed)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}
