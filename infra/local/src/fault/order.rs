//! What can be asked of the switches, as `POST /_local/fault` takes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is absent is switched off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Order {
    /// Of everything that is left to chance here.
    pub seed: u64,
    /// By logical id of the function.
    pub kill: BTreeMap<String, KillOrder>,
    /// Messages from clients to functions.
    pub inbound: Option<Disturbance>,
    /// Messages from functions to clients.
    pub outbound: Option<Disturbance>,
    /// Events and schedules on their way to functions.
    pub events: Option<Disturbance>,
    /// Posts to `@connections`.
    pub connections: Option<Refusals>,
    /// Calls of the table.
    pub dynamodb: Option<Trouble>,
    /// Puts into the bucket.
    pub s3: Option<Refusals>,
}

/// Which of a function's next invocations die, and when. With neither time it is when their work
/// is done and their answer unsent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KillOrder {
    /// How many.
    pub times: u32,
    /// Before that many are let through.
    #[serde(default)]
    pub skip: u32,
    /// After this delay.
    #[serde(default)]
    pub after_ms: Option<u64>,
    /// At any time up to this one, each at another.
    #[serde(default)]
    pub within_ms: Option<u64>,
}

/// How a direction's messages suffer; each figure is a probability between 0 and 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Disturbance {
    /// Lost.
    pub drop: f64,
    /// Delivered twice.
    pub duplicate: f64,
    /// Held back for up to `delay_ms`, so that later ones overtake it.
    pub delay: f64,
    /// The longest that a message is held back.
    pub delay_ms: u64,
    /// Lost together with its connection; of sockets alone.
    pub cut: f64,
    /// The same seed gives the same sequence of decisions.
    pub seed: u64,
}

/// The next requests that are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusals {
    /// Such as 410, 500 or 503.
    pub status: u16,
    /// How many.
    pub times: u32,
}

/// How the table's calls fare; each figure is a probability between 0 and 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trouble {
    /// Refused for want of throughput, not carried out.
    pub throttle: f64,
    /// Answered with a 500, not carried out.
    pub fail: f64,
    /// Carried out, and answered with a 500 all the same.
    pub lose: f64,
}
