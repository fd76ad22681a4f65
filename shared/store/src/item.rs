//! From Rust to items and back, and what can go wrong on the way.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::keys::Key;

pub(crate) type Item = HashMap<String, AttributeValue>;
pub type Result<T> = std::result::Result<T, Error>;

/// The store could not do its work. A lost race is not among these.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Too many requests for the table; the caller may try again.
    #[error("the table is throttled")]
    Throttled,
    #[error("{operation} failed: {code}")]
    Service {
        operation: &'static str,
        code: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("an item does not have the form it was written in")]
    Malformed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub(crate) fn malformed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Malformed(source.into())
    }
}

/// Names the failed operation and keeps the chain.
pub(crate) fn service<E, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> Error
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    move |error| {
        let code = error.code().unwrap_or("no answer").to_owned();
        match code.as_str() {
            "ProvisionedThroughputExceededException" | "ThrottlingException" | "RequestLimitExceeded" => {
                Error::Throttled
            }
            _ => Error::Service { operation, code, source: error.into() },
        }
    }
}

/// The item of `value` under `key`.
pub(crate) fn to_item(key: Key, value: &impl Serialize) -> Result<Item> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(Error::malformed)?;
    item.extend(key.into_map());
    Ok(item)
}

pub(crate) fn from_item<T: DeserializeOwned>(item: Item) -> Result<T> {
    serde_dynamo::from_item(item).map_err(Error::malformed)
}

pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// When an item may go, in seconds since 1970 as DynamoDB's TTL wants it. TTL
/// deletes late, so readers that care look at times of their own.
pub(crate) fn ttl(now: jiff::Timestamp, after: jiff::SignedDuration) -> i64 {
    now.as_second() + after.as_secs()
}
