//! One hop: a runner sends a batch, a viewer has it.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use tests::Stack;
use tokio::task::JoinHandle;

use crate::Plan;
use crate::alternate::{median, ms, percentile};
use crate::functions::new_session;
use crate::report::{Report, Row};
use crate::runner::FakeRunner;
use crate::sandboxes::Asleep;
use crate::viewer::Viewer;

/// Twenty batches a second from each runner.
const PAUSE: Duration = Duration::from_millis(50);
/// Of each round.
const TIME: Duration = Duration::from_secs(6);

/// How many sessions there are, and how many viewers each has.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) sessions: usize,
    pub(crate) viewers: usize,
}

const USUAL: Shape = Shape { sessions: 10, viewers: 1 };
const ALONE: Shape = Shape { sessions: 1, viewers: 1 };
const WATCHED: Shape = Shape { sessions: 1, viewers: 50 };

/// What the rounds of one shape gave, in milliseconds.
#[derive(Default)]
struct Hops {
    p50: Vec<f64>,
    p95: Vec<f64>,
}

impl Hops {
    fn add(&mut self, hops: &[f64]) {
        self.p50.push(median(hops.iter().copied()));
        self.p95.push(percentile(hops.iter().copied(), 0.95));
    }

    fn p50(&self) -> f64 {
        median(self.p50.iter().copied())
    }

    /// Of the medians, round by round.
    fn ratio(&self, other: &Self) -> f64 {
        median(self.p50.iter().zip(&other.p50).map(|(ours, theirs)| ours / theirs))
    }

    fn p95(&self) -> f64 {
        median(self.p95.iter().copied())
    }
}

pub(crate) async fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    let asleep = Asleep::start().await?;
    let stack = &asleep.stack;
    // Functions are warm and connections open before anything counts.
    run(stack, USUAL, Duration::from_secs(2)).await?;
    let (mut usual, mut alone, mut watched) = (Hops::default(), Hops::default(), Hops::default());
    let mut pings = Vec::new();
    for _ in 0..plan.rounds {
        usual.add(&run(stack, USUAL, TIME).await?);
        watched.add(&run(stack, WATCHED, TIME).await?);
        alone.add(&run(stack, ALONE, TIME).await?);
        pings.push(ping(stack).await?);
    }
    let ping = median(pings);
    let parts = format!(
        "one session alone takes {:.2} ms; {ping:.2} ms of that is what a ping takes (gateway, function, \
         @connections, gateway), the rest is the conditional put beside the query for viewers",
        alone.p50(),
    );
    let p50 = Row::new("10 sessions x 20/s, 1 viewer each, p50", usual.p50(), "ms");
    report.row(p50.against("ping", ping, "ms").ratio(usual.p50() / ping).at_most(usual.p50(), 2.0, "ms").note(parts));
    let p95 = Row::new("10 sessions x 20/s, 1 viewer each, p95", usual.p95(), "ms");
    report.row(p95.at_most(usual.p95(), 4.0, "ms"));
    // Against one session with one viewer: nothing but the viewers differs.
    let ratio = watched.ratio(&alone);
    let p50 = Row::new("1 session x 20/s, 50 viewers, p50", watched.p50(), "ms");
    let note = "the function signs and sends 50 requests on one processor, the gateway takes them on the other";
    report.row(p50.against("1 viewer", alone.p50(), "ms").ratio(ratio).at_most(ratio, 2.5, "x").note(note));
    let p95 = Row::new("1 session x 20/s, 50 viewers, p95", watched.p95(), "ms");
    report.row(p95.against("1 viewer", alone.p95(), "ms"));
    Ok(())
}

/// What went by between sending and receiving, for every batch and viewer, in milliseconds.
async fn run(stack: &Stack, shape: Shape, time: Duration) -> Result<Vec<f64>> {
    let mut crowd = Crowd::gather(stack, shape).await?;
    let hops = crowd.talk(PAUSE, time).await?;
    crowd.leave(stack).await?;
    Ok(hops)
}

/// Sessions with a runner each, and their viewers.
pub(crate) struct Crowd {
    sessions: Vec<String>,
    runners: Vec<FakeRunner>,
    readers: Vec<JoinHandle<Result<Vec<f64>>>>,
}

impl Crowd {
    pub(crate) async fn gather(stack: &Stack, shape: Shape) -> Result<Self> {
        let api = stack.api();
        let mut crowd = Self { sessions: Vec::new(), runners: Vec::new(), readers: Vec::new() };
        for _ in 0..shape.sessions {
            let created = new_session(&api).await?;
            let session = created["id"].as_str().context("a session has an id")?.to_owned();
            crowd.runners.push(FakeRunner::begin(stack, &session).await?);
            for _ in 0..shape.viewers {
                crowd.readers.push(read(Viewer::watch(&api, &session).await?));
            }
            crowd.sessions.push(session);
        }
        Ok(crowd)
    }

    /// Has all runners talk; how long each batch took to each viewer, in milliseconds.
    pub(crate) async fn talk(&mut self, pause: Duration, time: Duration) -> Result<Vec<f64>> {
        let sessions = u32::try_from(self.sessions.len())?;
        let talks = self.runners.iter_mut().enumerate().map(async |(place, runner)| {
            // Spread over the pause, as independent sessions are.
            tokio::time::sleep(pause * u32::try_from(place)? / sessions).await;
            runner.talk(pause, time, stamp).await?;
            runner.say(LAST.to_owned()).await
        });
        try_join_all(talks).await?;
        let mut hops = Vec::new();
        for reader in self.readers.drain(..) {
            hops.extend(reader.await??);
        }
        Ok(hops)
    }

    /// Frames that its runners had to send again.
    pub(crate) fn repeats(&self) -> usize {
        self.runners.iter().map(FakeRunner::repeats).sum()
    }

    pub(crate) async fn leave(self, stack: &Stack) -> Result<()> {
        for session in self.sessions {
            stack.api().delete(&format!("/api/sessions/{session}")).await?.expect(200)?;
        }
        Ok(())
    }
}

const LAST: &str = "last";

/// The time in a delta: both ends are in this process.
fn stamp() -> String {
    format!("{} and some words as a model says them", EPOCH.elapsed().as_nanos())
}

static EPOCH: LazyLock<Instant> = LazyLock::new(Instant::now);

fn read(mut viewer: Viewer) -> JoinHandle<Result<Vec<f64>>> {
    tokio::spawn(async move {
        let mut hops = Vec::new();
        loop {
            for came in viewer.next().await? {
                if came.event.delta == LAST {
                    return Ok(hops);
                }
                let sent = came.event.delta.split(' ').next().and_then(|stamp| stamp.parse().ok());
                if let Some(sent) = sent.map(Duration::from_nanos) {
                    hops.push(ms(came.at.duration_since(*EPOCH).saturating_sub(sent)));
                }
            }
        }
    })
}

/// A viewer's ping at the pace of a runner's batches.
async fn ping(stack: &Stack) -> Result<f64> {
    let api = stack.api();
    let created = new_session(&api).await?;
    let session = created["id"].as_str().context("a session has an id")?;
    let mut viewer = Viewer::watch(&api, session).await?;
    let mut took = Vec::new();
    for _ in 0..60 {
        tokio::time::sleep(PAUSE).await;
        took.push(viewer.ping_ms().await?);
    }
    Ok(median(took))
}
