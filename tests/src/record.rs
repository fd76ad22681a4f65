//! What a viewer has seen of a session, and what must hold of it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// One event as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub seq: u64,
    /// Its type, such as `text.delta`.
    pub name: String,
    /// The JSON, byte by byte.
    pub raw: String,
    pub value: Value,
    /// When it came.
    pub at: std::time::Instant,
}

impl Seen {
    /// Reads an event's JSON.
    pub fn parse(raw: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(raw).with_context(|| format!("not JSON: {raw}"))?;
        let seq = value["seq"].as_u64().with_context(|| format!("an event without a number: {raw}"))?;
        let name = value["type"].as_str().with_context(|| format!("an event without a type: {raw}"))?.to_owned();
        Ok(Self { seq, name, raw: raw.to_owned(), value, at: std::time::Instant::now() })
    }

    /// Whether a turn is over with it.
    pub fn ends_turn(&self) -> bool {
        matches!(self.name.as_str(), "turn.completed" | "turn.failed" | "turn.aborted")
    }

    /// The number of its turn, if it belongs to one.
    pub fn turn(&self) -> Option<u64> {
        self.value["turn"].as_u64()
    }
}

/// Text of the parts of a message, by the part's id.
pub type Parts = BTreeMap<String, String>;

/// Events in the order of their numbers.
#[derive(Debug, Clone, Default)]
pub struct Record(pub Vec<Seen>);

impl Record {
    /// The events of this type.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Seen> + Clone {
        self.0.iter().filter(move |seen| seen.name == name)
    }

    /// Whether an event of this type came.
    pub fn has(&self, name: &str) -> bool {
        self.of(name).next().is_some()
    }

    /// Whether the last turn seen was completed.
    pub fn completed(&self) -> bool {
        self.0.iter().rev().find(|seen| seen.ends_turn()).is_some_and(|seen| seen.name == "turn.completed")
    }

    /// The last number, 0 when there is none.
    pub fn head(&self) -> u64 {
        self.0.last().map_or(0, |seen| seen.seq)
    }

    /// The events as `(seq, JSON)`, for comparison byte by byte.
    pub fn raw(&self) -> Vec<(u64, &str)> {
        self.0.iter().map(|seen| (seen.seq, seen.raw.as_str())).collect()
    }

    /// The last `message.completed`, as the event has it.
    pub fn answer(&self) -> Result<&Value> {
        let last = self.of("message.completed").last().with_context(|| format!("no answer in {}", self.names()))?;
        Ok(&last.value["message"])
    }

    /// Joins the deltas of each part; a discarded part is void.
    pub fn joined(&self) -> Parts {
        let mut parts = Parts::new();
        for seen in &self.0 {
            let part = seen.value["part_id"].as_str().unwrap_or_default();
            match seen.name.as_str() {
                "text.delta" | "reasoning.delta" => {
                    let delta = seen.value["delta"].as_str().unwrap_or_default();
                    parts.entry(part.to_owned()).or_default().push_str(delta);
                }
                "part.discarded" => drop(parts.remove(part)),
                _ => {}
            }
        }
        parts
    }

    /// Checks that what viewers joined is what is stored: each part's text, in
    /// both directions, and `content` as the text parts in order.
    pub fn assert_tells(&self, message: &Value) -> Result<()> {
        let mut joined = self.joined();
        let mut content = String::new();
        for part in message["parts"].as_array().context("a message has parts")? {
            let (id, kind) = (part["id"].as_str().unwrap_or_default(), part["type"].as_str().unwrap_or_default());
            let Some(text) = part["text"].as_str() else { continue };
            if kind == "text" {
                content.push_str(text);
            }
            let told = joined.remove(id).unwrap_or_default();
            ensure!(told == text, "part {id}: viewers joined {told:?}, stored is {text:?}");
        }
        ensure!(joined.is_empty(), "viewers were told of parts that are not stored: {joined:?}");
        ensure!(message["content"] == content, "content is not the text of the text parts: {}", message["content"]);
        Ok(())
    }

    /// The same for one turn of a longer record.
    pub fn assert_tells_turn(&self, turn: u64, message: &Value) -> Result<()> {
        Self(self.0.iter().filter(|seen| seen.turn() == Some(turn)).cloned().collect()).assert_tells(message)
    }

    /// The types in order, for messages of failed tests.
    pub fn names(&self) -> String {
        let names: Vec<String> = self.0.iter().map(|seen| format!("{}:{}", seen.seq, seen.name)).collect();
        format!("[{}]", names.join(" "))
    }
}

/// Checks that the events are `after + 1 ..= head` without gap or repeat.
pub fn assert_numbered(record: &Record, after: u64, head: u64) -> Result<()> {
    let seqs: Vec<u64> = record.0.iter().map(|seen| seen.seq).collect();
    let wanted: Vec<u64> = (after + 1..=head).collect();
    ensure!(seqs == wanted, "the numbers are not {}..={head}: {seqs:?}", after + 1);
    Ok(())
}
