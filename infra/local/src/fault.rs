//! Switches to hurt, all off until asked for over `POST /_local/fault`: a kill
//! in the midst of an invocation, messages lost, late, doubled or out of order,
//! a viewer's connection that answers 410 or 500.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// The switches, shared by everything that obeys them.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    kills: BTreeMap<String, KillOrder>,
    inbound: Option<Weather>,
    outbound: Option<Weather>,
    refusals: Option<Refusals>,
}

/// What `POST /_local/fault` takes; what is absent is switched off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Order {
    /// By logical id of the function.
    pub kill: BTreeMap<String, KillOrder>,
    /// Messages from clients to functions.
    pub inbound: Option<Disturbance>,
    /// Messages from functions to clients.
    pub outbound: Option<Disturbance>,
    /// Answers of `@connections`.
    pub connections: Option<Refusals>,
}

/// Which of a function's next invocations die, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KillOrder {
    /// How many.
    pub times: u32,
    /// Before that many are let through.
    #[serde(default)]
    pub skip: u32,
    /// After this delay; absent: when its work is done and its answer unsent.
    #[serde(default)]
    pub after_ms: Option<u64>,
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
    /// The same seed gives the same sequence of decisions.
    pub seed: u64,
}

/// The next answers of `@connections`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusals {
    /// 410 or 500.
    pub status: u16,
    /// How many.
    pub times: u32,
}

/// How an environment dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill {
    /// This long after it was given the invocation.
    After(Duration),
    /// With its work done and its answer unsent.
    BeforeResponse,
}

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From a client to a function.
    Inbound,
    /// From a function to a client.
    Outbound,
}

#[derive(Debug)]
struct Weather {
    disturbance: Disturbance,
    dice: StdRng,
}

impl Faults {
    /// Replaces every switch.
    pub fn set(&self, order: Order) {
        let weather = |disturbance: Disturbance| Weather { disturbance, dice: StdRng::seed_from_u64(disturbance.seed) };
        *self.state() = State {
            kills: order.kill,
            inbound: order.inbound.map(weather),
            outbound: order.outbound.map(weather),
            refusals: order.connections,
        };
    }

    /// Whether and how the invocation that begins now dies.
    pub fn next_kill(&self, function: &str) -> Option<Kill> {
        let mut state = self.state();
        let order = state.kills.get_mut(function)?;
        if order.skip > 0 {
            order.skip -= 1;
            return None;
        }
        order.times = order.times.checked_sub(1)?;
        Some(order.after_ms.map_or(Kill::BeforeResponse, |ms| Kill::After(Duration::from_millis(ms))))
    }

    /// After which delays a message is delivered: once at once, unless disturbed.
    pub fn deliveries(&self, direction: Direction) -> Vec<Duration> {
        let mut state = self.state();
        let weather = match direction {
            Direction::Inbound => &mut state.inbound,
            Direction::Outbound => &mut state.outbound,
        };
        weather.as_mut().map_or_else(|| vec![Duration::ZERO], Weather::deliveries)
    }

    /// The status that `@connections` must answer instead of its own.
    pub fn next_refusal(&self) -> Option<u16> {
        let mut state = self.state();
        let refusals = state.refusals.as_mut()?;
        refusals.times = refusals.times.checked_sub(1)?;
        Some(refusals.status)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Weather {
    fn deliveries(&mut self) -> Vec<Duration> {
        let Disturbance { drop, duplicate, delay, delay_ms, .. } = self.disturbance;
        if self.happens(drop) {
            return Vec::new();
        }
        let copies = if self.happens(duplicate) { 2 } else { 1 };
        let delays = (0..copies).map(|_| {
            let held = if self.happens(delay) { self.dice.random_range(0..=delay_ms) } else { 0 };
            Duration::from_millis(held)
        });
        delays.collect()
    }

    fn happens(&mut self, probability: f64) -> bool {
        self.dice.random_bool(probability.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_order_disturbs_nothing() {
        let faults = Faults::default();
        assert_eq!(faults.next_kill("F"), None);
        assert_eq!(faults.next_refusal(), None);
        assert_eq!(faults.deliveries(Direction::Inbound), [Duration::ZERO]);
    }

    #[test]
    fn a_kill_strikes_the_chosen_invocations_only() {
        let faults = Faults::default();
        let order = KillOrder { times: 1, skip: 1, after_ms: Some(5) };
        faults.set(Order { kill: BTreeMap::from([("F".into(), order)]), ..Order::default() });
        let told: Vec<_> = (0..3).map(|_| faults.next_kill("F")).collect();
        assert_eq!(told, [None, Some(Kill::After(Duration::from_millis(5))), None]);
    }

    #[test]
    fn the_same_seed_gives_the_same_weather() {
        let storm = Disturbance { drop: 0.3, duplicate: 0.3, delay: 0.5, delay_ms: 40, seed: 7 };
        let run = || {
            let faults = Faults::default();
            faults.set(Order { outbound: Some(storm), ..Order::default() });
            (0..50).map(|_| faults.deliveries(Direction::Outbound)).collect::<Vec<_>>()
        };
        let told = run();
        assert_eq!(told, run());
        for copies in 0..=2 {
            assert!(told.iter().any(|deliveries| deliveries.len() == copies), "no message came {copies} times");
        }
    }
}
