//! What waits to be appended: merged, paced, cut into batches, one of them in flight.
//!
//! Pure, with the time passed in. The first delta of a part and everything that is not text goes
//! at once; text is collected, because each batch has its price.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use domain::event::{Entry, EventBody};
use domain::message::{Part, ToolStatus};
use domain::session::Outcome;
use domain::{Epoch, Seq};
use tokio::time::Instant;
use wire::runner::Append;

use crate::limits::{BATCH_BYTES, BUFFER_BYTES, QUICK_FOR, QUICK_PACE, STEADY_PACE, UNWATCHED_PACE};

/// Bytes of one delta; a longer one is cut, so that no event needs a large frame.
const DELTA_BYTES: usize = 16 * 1024;

/// The events of an epoch on their way into the log.
pub struct Outbox {
    epoch: Epoch,
    head: Seq,
    batches: u64,
    queue: VecDeque<Item>,
    bytes: usize,
    in_flight: Option<Append>,
    urgent: bool,
    /// The part whose deltas flow; another one's first delta does not wait.
    flowing: Option<String>,
    /// Calls that were seen to run, without output and with: more of it may wait.
    running: HashSet<(String, bool)>,
    turn_began: Option<Instant>,
    last_batch: Option<Instant>,
    watched: bool,
    /// The first piece of the turn's answer has gone.
    spoke: bool,
}

enum Item {
    Entry { entry: Entry, bytes: usize, since: Instant },
    Finish(Box<Outcome>),
}

impl Outbox {
    /// An empty outbox of a runner's `epoch`.
    pub fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            head: 0,
            batches: 0,
            queue: VecDeque::new(),
            bytes: 0,
            in_flight: None,
            urgent: false,
            flowing: None,
            running: HashSet::new(),
            turn_began: None,
            last_batch: None,
            watched: true,
            spoke: false,
        }
    }

    /// Adds an event of the turn in hand.
    pub fn push(&mut self, entry: Entry, now: Instant) {
        self.turn_began.get_or_insert(now);
        self.urgent |= self.is_urgent(&entry.body);
        for entry in pieces(entry) {
            if !self.merge(&entry) {
                let bytes = json_bytes(&entry);
                self.bytes += bytes;
                self.queue.push_back(Item::Entry { entry, bytes, since: now });
            }
        }
    }

    /// Ends the turn in hand with the events so far.
    pub fn finish(&mut self, outcome: Outcome) {
        self.urgent = true;
        self.turn_began = None;
        self.flowing = None;
        self.running.clear();
        self.queue.push_back(Item::Finish(Box::new(outcome)));
    }

    /// Whether more is held than memory is meant for.
    pub fn is_full(&self) -> bool {
        self.bytes > BUFFER_BYTES
    }

    /// Whether everything has been acknowledged.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.in_flight.is_none()
    }

    /// Whether a batch waits for its acknowledgement.
    pub fn in_flight(&self) -> bool {
        self.in_flight.is_some()
    }

    /// When the next batch may go; `None` while one is in flight or there is nothing.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        if self.queue.is_empty() || self.in_flight.is_some() {
            return None;
        }
        if self.urgent || self.bytes >= BATCH_BYTES {
            return Some(now);
        }
        Some(self.last_batch.map_or(now, |last| last + self.pace(now)))
    }

    /// The batch in flight, or the next one made from what waits.
    pub fn batch(&mut self, now: Instant) -> Option<&Append> {
        if self.in_flight.is_none() && !self.queue.is_empty() {
            self.in_flight = Some(self.next_batch(now));
            self.last_batch = Some(now);
        }
        self.in_flight.as_ref()
    }

    /// The batch of this number is in the log, whose head is now `head`.
    pub fn acked(&mut self, batch: u64, head: Seq) {
        if self.in_flight.as_ref().is_some_and(|sent| sent.batch == batch) {
            self.in_flight = None;
            self.head = head;
        }
    }

    /// A new connection tells where the log is. A repeat keeps its old place all the same: from
    /// there the relay finds the batch, should it be in the log already.
    pub fn welcomed(&mut self, last_batch: u64, head: Seq) {
        self.acked(last_batch, head);
        if self.in_flight.is_none() {
            self.head = head;
        }
    }

    /// Whether anyone watches; until it is known someone does.
    pub fn watched(&mut self, watched: bool) {
        self.watched = watched;
    }

    fn pace(&self, now: Instant) -> Duration {
        if !self.watched {
            return UNWATCHED_PACE;
        }
        let quick = self.turn_began.is_some_and(|began| now < began + QUICK_FOR);
        if quick { QUICK_PACE } else { STEADY_PACE }
    }

    fn is_urgent(&mut self, body: &EventBody) -> bool {
        match body {
            EventBody::TextDelta { part_id, .. } | EventBody::ReasoningDelta { part_id, .. } => {
                let first = self.flowing.as_ref() != Some(part_id);
                if first {
                    self.flowing = Some(part_id.clone());
                }
                first
            }
            EventBody::PartUpdated { part: Part::Tool(call), .. } if call.status == ToolStatus::Running => {
                self.running.insert((call.id.clone(), call.output.is_some()))
            }
            _ => true,
        }
    }

    /// Merges a delta into the one before it, or a call's new state into one that has not gone yet.
    fn merge(&mut self, entry: &Entry) -> bool {
        match &entry.body {
            EventBody::TextDelta { part_id, delta, .. } | EventBody::ReasoningDelta { part_id, delta, .. } => {
                self.merge_delta(part_id, delta)
            }
            EventBody::PartUpdated { part: Part::Tool(call), .. } => self.replace_call(&call.id, entry),
            _ => false,
        }
    }

    fn merge_delta(&mut self, part: &str, delta: &str) -> bool {
        let Some(Item::Entry { entry, bytes, .. }) = self.queue.back_mut() else { return false };
        let Some((last, before)) = delta_mut(&mut entry.body) else { return false };
        if last != part || before.len() + delta.len() > DELTA_BYTES {
            return false;
        }
        before.push_str(delta);
        let added = json_bytes(&delta);
        *bytes += added;
        self.bytes += added;
        true
    }

    fn replace_call(&mut self, part: &str, newer: &Entry) -> bool {
        let known = self.queue.iter_mut().rev().find_map(|item| match item {
            Item::Entry { entry, bytes, .. } => match &entry.body {
                EventBody::PartUpdated { part: Part::Tool(call), .. } if call.id == part => Some((entry, bytes)),
                _ => None,
            },
            Item::Finish(_) => None,
        });
        let Some((entry, bytes)) = known else { return false };
        self.bytes -= *bytes;
        *bytes = json_bytes(newer);
        self.bytes += *bytes;
        entry.clone_from(newer);
        true
    }

    /// Takes events up to the size of a frame, or up to the end of the turn.
    fn next_batch(&mut self, now: Instant) -> Append {
        let (mut events, mut finish, mut size) = (Vec::new(), None, 0);
        let (mut waited, mut first_words) = (Duration::ZERO, false);
        while let Some(item) = self.queue.pop_front() {
            match item {
                Item::Entry { mut entry, bytes, since } if events.is_empty() || size + bytes <= BATCH_BYTES => {
                    size += bytes;
                    self.bytes -= bytes;
                    waited = waited.max(now - since);
                    let speaks = delta_mut(&mut entry.body).is_some();
                    first_words |= speaks && !self.spoke;
                    self.spoke |= speaks;
                    events.push(entry);
                }
                Item::Finish(outcome) => {
                    finish = Some(*outcome);
                    self.spoke = false;
                    break;
                }
                too_much => {
                    self.queue.push_front(too_much);
                    break;
                }
            }
        }
        // What is left behind an urgent batch did not wait by choice.
        self.urgent &= !self.queue.is_empty();
        self.batches += 1;
        let waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        Append { epoch: self.epoch, batch: self.batches, after: self.head, events, finish, waited_ms, first_words }
    }
}

/// Cuts a long delta into several events.
fn pieces(mut entry: Entry) -> Vec<Entry> {
    let Some((_, delta)) = delta_mut(&mut entry.body).filter(|(_, delta)| delta.len() > DELTA_BYTES) else {
        return vec![entry];
    };
    let text = std::mem::take(delta);
    let piece = |chunk: &str| {
        let mut piece = entry.clone();
        if let Some((_, delta)) = delta_mut(&mut piece.body) {
            chunk.clone_into(delta);
        }
        piece
    };
    chunks(&text).map(piece).collect()
}

/// The part and the text of a delta.
fn delta_mut(body: &mut EventBody) -> Option<(&str, &mut String)> {
    match body {
        EventBody::TextDelta { part_id, delta, .. } | EventBody::ReasoningDelta { part_id, delta, .. } => {
            Some((part_id, delta))
        }
        _ => None,
    }
}

fn chunks(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let end = text.floor_char_boundary(DELTA_BYTES);
        let (chunk, rest) = text.split_at(end);
        text = rest;
        (!chunk.is_empty()).then_some(chunk)
    })
}

fn json_bytes(value: &impl serde::Serialize) -> usize {
    serde_json::to_vec(value).map_or(0, |json| json.len())
}

#[cfg(test)]
mod tests;
