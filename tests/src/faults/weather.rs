//! The stack's switches, thrown by dice: storms with calm between them.

use std::time::Duration;

use anyhow::Result;
use rand::Rng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::script::dice;
use crate::{Api, Stack};

/// The part of the dice that is the weather's.
const PART: usize = usize::MAX;

/// Between two sweeps beside the schedule's own; EventBridge may deliver twice.
const SWEEP_PAUSE: Duration = Duration::from_secs(10);

pub(super) struct Weather {
    over: watch::Sender<bool>,
    storms: JoinHandle<Result<u64>>,
    sweeps: JoinHandle<()>,
}

impl Weather {
    pub(super) fn begin(stack: &Stack, seed: u64) -> Result<Self> {
        let (over, watched) = watch::channel(false);
        let storms = tokio::spawn(storms(stack.stranger(), dice(seed, PART), watched.clone()));
        let services = stack.services()?;
        let sweeps = tokio::spawn(sweeps(services, watched));
        Ok(Self { over, storms, sweeps })
    }

    /// Calm for good; how many storms there were.
    pub(super) async fn end(self) -> Result<u64> {
        self.over.send_replace(true);
        self.sweeps.abort();
        self.storms.await?
    }
}

async fn storms(stack: Api, mut dice: StdRng, mut over: watch::Receiver<bool>) -> Result<u64> {
    let mut count = 0;
    loop {
        let (calm, storm) = (dice.random_range(300..2500), dice.random_range(500..3000));
        let order = order(&mut dice);
        let stop = wait(&mut over, calm).await;
        if stop {
            return Ok(count);
        }
        count += 1;
        stack.post("/_local/fault", &order).await?.expect(204)?;
        wait(&mut over, storm).await;
        stack.post("/_local/fault", &json!({})).await?.expect(204)?;
    }
}

/// Whether the run is over before the time is.
async fn wait(over: &mut watch::Receiver<bool>, ms: u64) -> bool {
    tokio::time::timeout(Duration::from_millis(ms), over.wait_for(|over| *over)).await.is_ok()
}

fn order(dice: &mut StdRng) -> Value {
    let seed: u32 = dice.random();
    let mut order = match dice.random_range(0..12) {
        0 | 1 => kill(dice, "AgentSocketFunction", 40),
        2 => kill(dice, "AgentHttpFunction", 3000),
        3 => kill(dice, "AgentHttpFunction", 40),
        4 => kill(dice, "AgentEventsFunction", 40),
        5 => kill(dice, "SessionsFunction", 40),
        6 => {
            let sea = json!({ "drop": dice.random_range(0.0..0.15), "duplicate": dice.random_range(0.0..0.3),
                "delay": dice.random_range(0.0..0.5), "delay_ms": dice.random_range(20..600), "seed": seed });
            json!({ "inbound": sea, "outbound": sea })
        }
        7 => {
            let sea = json!({ "cut": dice.random_range(0.02..0.15), "seed": seed });
            json!({ "inbound": sea, "outbound": sea })
        }
        8 => {
            let status = if dice.random_bool(0.5) { 410 } else { 500 };
            json!({ "connections": { "status": status, "times": dice.random_range(1..12) } })
        }
        9 => json!({ "dynamodb": { "throttle": dice.random_range(0.2..0.9) } }),
        10 => {
            let (fail, lose) = (dice.random_range(0.0..0.3), dice.random_range(0.0..0.3));
            json!({ "dynamodb": { "fail": fail, "lose": lose } })
        }
        _ => {
            let events = json!({ "duplicate": 0.7, "delay": 0.7, "delay_ms": 3000, "seed": seed });
            json!({ "events": events, "s3": { "status": 503, "times": dice.random_range(1..6) } })
        }
    };
    order["seed"] = seed.into();
    order
}

/// Some of a function's next invocations die: at a random time, or with their answer unsent.
fn kill(dice: &mut StdRng, function: &str, within_ms: u64) -> Value {
    let mut order = json!({ "times": dice.random_range(1..5), "skip": dice.random_range(0..4) });
    if dice.random_bool(0.7) {
        order["within_ms"] = within_ms.into();
    }
    json!({ "kill": { function: order } })
}

/// Invokes the sweeper as its schedule does, only more often.
async fn sweeps(services: Api, over: watch::Receiver<bool>) {
    while !*over.borrow() {
        sleep(SWEEP_PAUSE).await;
        // A sweep may be killed like everything else.
        drop(services.post("/2015-03-31/functions/AgentEventsFunction/invocations", &json!({})).await);
    }
}
