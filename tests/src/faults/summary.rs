//! What a run did, and what came of it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::Plan;
use super::cut::Cut;
use super::life::Remains;

/// The end of one session.
#[derive(Default)]
pub(super) struct Ended {
    pub(super) index: usize,
    pub(super) cuts: Vec<Cut>,
    pub(super) repeats: u64,
    pub(super) story: String,
    pub(super) outline: String,
    pub(super) violations: Vec<String>,
    /// Turns by how they ended.
    turns: BTreeMap<String, u64>,
    events: u64,
    reconnects: [u64; 2],
    dropped: u64,
}

impl Ended {
    pub(super) fn of(index: usize) -> Self {
        Self { index, ..Self::default() }
    }

    pub(super) fn count(&mut self, remains: &Remains) {
        for accepted in &remains.accepted {
            let answer = remains.history.iter().find(|message| message["id"] == *accepted.answer_id);
            *self.turns.entry(answer.map_or("taken back".to_owned(), how)).or_default() += 1;
        }
        self.events = remains.stored.head();
        self.reconnects = [remains.follower.reconnects, remains.socket.reconnects];
        self.dropped = remains.socket.repeats;
    }
}

fn how(answer: &Value) -> String {
    let status = answer["status"].as_str().unwrap_or("without a status");
    match answer["error"]["code"].as_str() {
        Some(code) => format!("{status}: {code}"),
        None => status.to_owned(),
    }
}

/// A whole run.
pub struct Summary {
    plan: Plan,
    took: Duration,
    storms: u64,
    cuts: BTreeMap<String, u64>,
    turns: BTreeMap<String, u64>,
    events: u64,
    reconnects: [u64; 2],
    dropped: u64,
    repeats: u64,
    /// What does not hold, with the story of the session that it does not hold of.
    pub violations: Vec<String>,
    pub(super) logs: Option<PathBuf>,
}

impl Summary {
    pub(super) fn new(plan: Plan, took: Duration, storms: u64) -> Self {
        Self {
            plan,
            took,
            storms,
            cuts: BTreeMap::new(),
            turns: BTreeMap::new(),
            events: 0,
            reconnects: [0; 2],
            dropped: 0,
            repeats: 0,
            violations: Vec::new(),
            logs: None,
        }
    }

    pub(super) fn add(&mut self, ended: Ended) {
        for cut in ended.cuts {
            *self.cuts.entry(cut.name().to_owned()).or_default() += 1;
        }
        for (how, count) in ended.turns {
            *self.turns.entry(how).or_default() += count;
        }
        self.events += ended.events;
        self.dropped += ended.dropped;
        self.repeats += ended.repeats;
        for (all, of_one) in self.reconnects.iter_mut().zip(ended.reconnects) {
            *all += of_one;
        }
        if !ended.violations.is_empty() {
            let told = ended.violations.join("\n");
            let Ended { index, story, outline, .. } = ended;
            self.violations.push(format!("session {index}: {told}\n{story}\n  log: {outline}"));
        }
    }

    /// What the stack's switches did.
    pub(super) fn strikes(&mut self, told: &Value) {
        for (leg, count) in told.as_object().into_iter().flatten() {
            self.cuts.insert(leg.clone(), count.as_u64().unwrap_or_default());
        }
    }

    /// Turns that came to any end.
    pub fn turns(&self) -> u64 {
        self.turns.values().sum()
    }

    /// How often any leg was cut.
    pub fn cuts(&self) -> u64 {
        self.cuts.values().sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan { turns, sessions, seed } = self.plan;
        writeln!(f, "faults: seed {seed}, {turns} turns in {sessions} sessions, {:.0} s", self.took.as_secs_f64())?;
        writeln!(f, "\n  turns")?;
        table(f, &self.turns)?;
        writeln!(f, "\n  cuts ({} storms)", self.storms)?;
        table(f, &self.cuts)?;
        let [sse, socket] = self.reconnects;
        writeln!(f, "\n  {} events; viewers came back {sse} times by SSE, {socket} times by socket", self.events)?;
        writeln!(
            f,
            "  {} events came to sockets more than once; {} requests were repeated",
            self.dropped, self.repeats
        )?;
        for violation in &self.violations {
            writeln!(f, "\nVIOLATION (seed {seed}) {violation}")?;
        }
        if let Some(logs) = &self.logs {
            writeln!(f, "\nlogs and state are kept in {}", logs.display())?;
        }
        writeln!(f, "\n{} violations", self.violations.len())
    }
}

fn table(f: &mut fmt::Formatter<'_>, counts: &BTreeMap<String, u64>) -> fmt::Result {
    counts.iter().try_for_each(|(name, count)| writeln!(f, "    {count:>7}  {name}"))
}
