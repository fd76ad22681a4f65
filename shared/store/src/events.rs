//! The event log of a session: a batch is one item, put if absent right behind
//! the head. That single condition orders, deduplicates and fences at once.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::event::Entry;
use domain::fold::fold_parts;
use domain::{Epoch, Event, EventBody, Part, Seq, Session, SessionId, TurnNumber, UserId, limits};
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
    /// The product itself; it comes behind whatever is there.
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
    #[error("a newer runner has taken over")]
    Fenced,
    #[error(transparent)]
    Store(#[from] Error),
}

#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The events from there on are no longer kept; the messages are.
    #[error("events behind {after} are no longer kept")]
    Expired { after: Seq },
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
#[derive(Serialize, Deserialize)]
struct BatchItem {
    first: Seq,
    count: u64,
    epoch: Epoch,
    batch: u64,
    at: Timestamp,
    /// JSON: one string is cheaper and quicker than a nested item.
    events: String,
    ttl: i64,
}

/// An entry as it lies in a batch. An answer is stored once, as the message.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredEntry {
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
            if let Writer::Runner { .. } = writer {
                if there.epoch > epoch {
                    return Err(AppendError::Fenced);
                }
                if (there.epoch, there.batch) == (epoch, batch) {
                    return Ok(Appended { raced, events: Vec::new(), head: there.head() });
                }
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
        let last = self.last_batches(owner, session, None, 1).await?;
        Ok(last.first().map_or(0, BatchItem::head))
    }

    /// The last batch that the runner of `epoch` has in the log, 0 for none.
    pub async fn last_batch(&self, session: &Session, epoch: Epoch) -> Result<u64> {
        // Between two batches of a runner stand a few of others at most.
        let last = self.last_batches(session.owner, session.id, None, 50).await?;
        Ok(last.iter().find(|b| b.epoch == epoch && b.batch > 0).map_or(0, |b| b.batch))
    }

    async fn batches_from(&self, owner: UserId, session: SessionId, first: Seq) -> Result<Vec<BatchItem>> {
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(keys::session_partition(owner, session)))
            .expression_attribute_values(":from", s(keys::event_sort(first)))
            .expression_attribute_values(":to", s(keys::event_sort(keys::SEQ_MAX)))
            .consistent_read(true)
            .send()
            .await
            .map_err(service("Query"))?;
        page.items.unwrap_or_default().into_iter().map(from_item).collect()
    }

    async fn last_batches(
        &self,
        owner: UserId,
        session: SessionId,
        up_to: Option<Seq>,
        limit: i32,
    ) -> Result<Vec<BatchItem>> {
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(keys::session_partition(owner, session)))
            .expression_attribute_values(":from", s(keys::EVENT_PREFIX))
            .expression_attribute_values(":to", s(keys::event_sort(up_to.unwrap_or(keys::SEQ_MAX))))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(limit)
            .send()
            .await
            .map_err(service("Query"))?;
        page.items.unwrap_or_default().into_iter().map(from_item).collect()
    }

    /// What viewers have seen so far of the turn in hand.
    pub async fn parts_so_far(&self, session: &Session) -> std::result::Result<Vec<Part>, ReadError> {
        let Some(turn) = &session.turn else { return Ok(Vec::new()) };
        let mut log = LogReader::new(session.owner, session.id, turn.after);
        let mut seen = Vec::new();
        loop {
            let events = log.read(self).await?;
            if events.is_empty() {
                break;
            }
            seen.extend(events.into_iter().map(|event| event.entry.body));
        }
        Ok(fold_parts(turn.answer_id, &seen))
    }

    /// One event, whole.
    pub async fn event(&self, owner: UserId, session: SessionId, seq: Seq) -> Result<Option<Event>> {
        let containing = self.last_batches(owner, session, Some(seq), 1).await?;
        let Some(batch) = containing.into_iter().find(|batch| batch.head() >= seq) else {
            return Ok(None);
        };
        Ok(self.hydrate(owner, session, batch).await?.into_iter().find(|event| event.seq == seq))
    }

    async fn hydrate(&self, owner: UserId, session: SessionId, batch: BatchItem) -> Result<Vec<Event>> {
        let stored: Vec<StoredEntry> = serde_json::from_str(&batch.events).map_err(Error::malformed)?;
        let mut events = Vec::with_capacity(stored.len());
        for (entry, seq) in stored.into_iter().zip(batch.first..) {
            let entry = match entry {
                StoredEntry::Entry(entry) => entry,
                StoredEntry::Answer { answer_of } => {
                    let message = self
                        .answer(owner, session, answer_of)
                        .await?
                        .ok_or_else(|| Error::malformed("an event's answer is not there"))?;
                    EventBody::MessageCompleted { message }.in_turn(answer_of)
                }
            };
            events.push(Event { seq, at: batch.at, entry });
        }
        Ok(events)
    }
}

/// Reads a log in order and without a gap, from a given place on.
#[derive(Debug, Clone)]
pub struct LogReader {
    owner: UserId,
    session: SessionId,
    after: Seq,
    /// Whether a batch begins right behind `after`; a viewer may ask from inside one.
    aligned: bool,
}

impl LogReader {
    /// Reads what is behind `after`.
    pub fn new(owner: UserId, session: SessionId, after: Seq) -> Self {
        Self { owner, session, after, aligned: after == 0 }
    }

    /// The number of the last event read.
    pub fn after(&self) -> Seq {
        self.after
    }

    /// The next events, as far as one read goes (1 MB); none when there are none yet.
    pub async fn read(&mut self, store: &Store) -> std::result::Result<Vec<Event>, ReadError> {
        let mut batches = store.batches_from(self.owner, self.session, self.after + 1).await?;
        if !self.aligned {
            let containing = store.last_batches(self.owner, self.session, Some(self.after), 1).await?;
            batches.splice(0..0, containing.into_iter().filter(|batch| batch.head() > self.after));
        }
        let mut events = Vec::new();
        for batch in batches {
            if batch.first > self.after + 1 {
                if events.is_empty() {
                    return Err(ReadError::Expired { after: self.after });
                }
                break;
            }
            let (after, head) = (self.after, batch.head());
            let read = store.hydrate(self.owner, self.session, batch).await?;
            events.extend(read.into_iter().filter(|event| event.seq > after));
            self.after = head;
        }
        self.aligned = true;
        Ok(events)
    }
}

impl BatchItem {
    fn head(&self) -> Seq {
        self.first - 1 + self.count
    }
}
