//! Reads a session's log: in order, without a gap, from any place on.

use domain::fold::fold_parts;
use domain::{Event, EventBody, Part, Seq, Session, SessionId, UserId};

use crate::events::{BatchItem, StoredEntry, Stretch};
use crate::item::{Error, Result};
use crate::{Store, keys};

#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The events from there on are no longer kept; the messages are.
    #[error("events behind {after} are no longer kept")]
    Expired { after: Seq },
    #[error(transparent)]
    Store(#[from] Error),
}

/// A place in a log, and how to read on from there.
#[derive(Debug, Clone)]
pub struct LogReader {
    owner: UserId,
    session: SessionId,
    after: Seq,
    /// Whether a batch begins right behind `after`; a viewer may ask from inside one.
    aligned: bool,
    /// Whether the archive may have what comes next. It ends before the turn in
    /// hand, so once it has nothing more, the log itself is read.
    archived: bool,
}

impl LogReader {
    /// Reads what is behind `after`, however long ago it was.
    pub fn new(owner: UserId, session: SessionId, after: Seq) -> Self {
        Self { owner, session, after, aligned: after == 0, archived: true }
    }

    /// Reads what is behind `after`, which a moment ago was the head, or where the
    /// turn in hand begins: the archive does not have it yet.
    pub fn recent(owner: UserId, session: SessionId, after: Seq) -> Self {
        Self { archived: false, ..Self::new(owner, session, after) }
    }

    /// The number of the last event read.
    pub fn after(&self) -> Seq {
        self.after
    }

    /// The next events, as far as one read goes (1 MB); none when there are none yet.
    pub async fn read(&mut self, store: &Store) -> std::result::Result<Vec<Event>, ReadError> {
        let mut batches = Vec::new();
        if self.archived {
            batches = store.archived(self.owner, self.session, self.after + 1, self.aligned).await?;
            self.archived = !batches.is_empty();
        }
        if !self.archived {
            batches = self.read_log(store).await?;
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

    async fn read_log(&self, store: &Store) -> Result<Vec<BatchItem>> {
        let next = Stretch::Between(self.after + 1, keys::SEQ_MAX);
        let mut batches = store.batches(self.owner, self.session, next).await?;
        if !self.aligned {
            let containing = store.batches(self.owner, self.session, Stretch::LastUpTo(self.after, 1)).await?;
            batches.splice(0..0, containing.into_iter().filter(|batch| batch.head() > self.after));
        }
        Ok(batches)
    }
}

impl Store {
    /// What viewers have seen so far of the turn in hand.
    pub async fn parts_so_far(&self, session: &Session) -> std::result::Result<Vec<Part>, ReadError> {
        let Some(turn) = &session.turn else { return Ok(Vec::new()) };
        let mut log = LogReader::recent(session.owner, session.id, turn.after);
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
        let containing = self.batches(owner, session, Stretch::LastUpTo(seq, 1)).await?;
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
