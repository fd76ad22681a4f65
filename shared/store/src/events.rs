//! The event log of a session: a batch is one item, put if absent right behind
//! the head. That single condition orders, deduplicates and fences at once.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::event::Entry;
use domain::{Epoch, Event, EventBody, Seq, Session, SessionId, TurnNumber, UserId, limits};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::conditions::Condition;
use crate::item::{Error, Item, Result, from_item, s, service, to_item, ttl};
use crate::{Store, keys};

/// Who appends, and what they must not overlook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// The runner of an epoch, with the number of its batch: fenced by newer
    /// epochs, and its repeats are recognised.
    Runner { epoch: Epoch, batch: u64 },
    /// The product itself, which saw the session in this epoch: fenced by newer
    /// ones as well, since the session may have ended with one.
    Relay { epoch: Epoch },
}

/// Where a batch came to stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Appended {
    /// Whether others had written behind `after`. Who watches was perhaps read
    /// too early then.
    pub raced: bool,
    /// Empty when the batch had been appended before.
    pub events: Vec<Event>,
    pub head: Seq,
}

#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    #[error("the session is in a newer epoch")]
    Fenced,
    #[error(transparent)]
    Store(#[from] Error),
}

/// A batch with its numbers.
pub(crate) struct EventBatch {
    first: Seq,
    epoch: Epoch,
    batch: u64,
    at: Timestamp,
    entries: Vec<Entry>,
}

/// A batch as it lies in the table.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BatchItem {
    pub(crate) first: Seq,
    pub(crate) count: u64,
    epoch: Epoch,
    batch: u64,
    pub(crate) at: Timestamp,
    /// JSON: one string is cheaper and quicker than a nested item.
    pub(crate) events: String,
    pub(crate) ttl: i64,
}

/// An entry as it lies in a batch. An answer is stored once, as the message.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum StoredEntry {
    Answer { answer_of: TurnNumber },
    Entry(Entry),
}

impl EventBatch {
    /// Numbers `entries` from behind `head` on.
    pub(crate) fn number(entries: Vec<Entry>, head: Seq, epoch: Epoch, batch: u64, at: Timestamp) -> Self {
        Self { first: head + 1, epoch, batch, at, entries }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn head(&self) -> Seq {
        self.first - 1 + self.entries.len() as u64
    }

    pub(crate) fn into_events(self) -> Vec<Event> {
        let (first, at) = (self.first, self.at);
        self.entries.into_iter().zip(first..).map(|(entry, seq)| Event { seq, at, entry }).collect()
    }

    pub(crate) fn to_item(&self, owner: UserId, session: SessionId) -> Result<Item> {
        let stored: Vec<serde_json::Value> = self
            .entries
            .iter()
            .map(|entry| match &entry.body {
                EventBody::MessageCompleted { message } => {
                    serde_json::to_value(StoredEntry::Answer { answer_of: message.turn })
                }
                _ => serde_json::to_value(entry),
            })
            .collect::<std::result::Result<_, _>>()
            .map_err(Error::malformed)?;
        let item = BatchItem {
            first: self.first,
            count: self.entries.len() as u64,
            epoch: self.epoch,
            batch: self.batch,
            at: self.at,
            events: serde_json::to_string(&stored).map_err(Error::malformed)?,
            ttl: ttl(self.at, SignedDuration::from_hours(24 * limits::EVENT_TTL_DAYS)),
        };
        to_item(keys::event(owner, session, self.first), &item)
    }
}

impl Store {
    /// Puts a batch at the log's head, which is at `after` or further on.
    pub async fn append(
        &self,
        owner: UserId,
        session: SessionId,
        writer: Writer,
        after: Seq,
        entries: Vec<Entry>,
        now: Timestamp,
    ) -> std::result::Result<Appended, AppendError> {
        let (epoch, batch) = match writer {
            Writer::Runner { epoch, batch } => (epoch, batch),
            Writer::Relay { epoch } => (epoch, 0),
        };
        let mut events = EventBatch::number(entries, after, epoch, batch, now);
        let mut raced = false;
        loop {
            let Some(there) = self.put_if_absent(owner, session, &events).await? else {
                return Ok(Appended { raced, head: events.head(), events: events.into_events() });
            };
            raced = true;
            if there.epoch > epoch {
                return Err(AppendError::Fenced);
            }
            if let Writer::Runner { .. } = writer
                && (there.epoch, there.batch) == (epoch, batch)
            {
                return Ok(Appended { raced, events: Vec::new(), head: there.head() });
            }
            // Someone else's: come behind it.
            events.first = there.head() + 1;
        }
    }

    /// The batch that stands there already, if one does.
    async fn put_if_absent(&self, owner: UserId, session: SessionId, events: &EventBatch) -> Result<Option<BatchItem>> {
        let put = self
            .db
            .put_item()
            .table_name(&self.table)
            .set_item(Some(events.to_item(owner, session)?))
            .condition_expression(self.condition(Condition::BatchAtHead))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match put {
            Ok(_) => Ok(None),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                let PutItemError::ConditionalCheckFailedException(failed) = error.into_err() else {
                    return Err(Error::malformed("not the error that it was"));
                };
                failed.item.map(from_item).transpose()?.map_or_else(
                    || Err(Error::malformed("a refused put came without the item that stands there")),
                    |there| Ok(Some(there)),
                )
            }
            Err(error) => Err(service("PutItem")(error)),
        }
    }

    /// The number of the log's last event, as far as the log itself is kept; the
    /// session's own `head` may be further.
    pub async fn last_seq(&self, owner: UserId, session: SessionId) -> Result<Seq> {
        let last = self.batches(owner, session, Stretch::LastUpTo(keys::SEQ_MAX, 1)).await?;
        Ok(last.first().map_or(0, BatchItem::head))
    }

    /// The last batch that the runner of `epoch` has in the log, 0 for none.
    pub async fn last_batch(&self, session: &Session, epoch: Epoch) -> Result<u64> {
        // Between two batches of a runner stand a few of others at most.
        let last = self.batches(session.owner, session.id, Stretch::LastUpTo(keys::SEQ_MAX, 50)).await?;
        Ok(last.iter().find(|b| b.epoch == epoch && b.batch > 0).map_or(0, |b| b.batch))
    }

    /// Batches of the log, a page (1 MB) at most.
    pub(crate) async fn batches(&self, owner: UserId, session: SessionId, stretch: Stretch) -> Result<Vec<BatchItem>> {
        let (from, to, limit) = match stretch {
            Stretch::Between(first, last) => (keys::event_sort(first), keys::event_sort(last), None),
            Stretch::LastUpTo(last, limit) => (keys::EVENT_PREFIX.to_owned(), keys::event_sort(last), Some(limit)),
        };
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(keys::session_partition(owner, session)))
            .expression_attribute_values(":from", s(from))
            .expression_attribute_values(":to", s(to))
            .scan_index_forward(limit.is_none())
            .consistent_read(true)
            .set_limit(limit)
            .send()
            .await
            .map_err(service("Query"))?;
        page.items.unwrap_or_default().into_iter().map(from_item).collect()
    }
}

/// Which batches are read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stretch {
    /// Those that begin in this range, in order.
    Between(Seq, Seq),
    /// The last ones that begin at this number or before, so many at most, newest first.
    LastUpTo(Seq, i32),
}

impl BatchItem {
    pub(crate) fn head(&self) -> Seq {
        self.first - 1 + self.count
    }
}
