//! Switches to hurt, all off until asked for over `POST /_local/fault`: a kill
//! in the midst of an invocation, messages and events lost, late, doubled or out
//! of order, sockets that break, a table that throttles, a bucket that refuses.

mod order;
mod strikes;
mod weather;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

pub use order::{Disturbance, KillOrder, Order, Refusals, Trouble};
use strikes::Strikes;
pub use weather::Fate;
use weather::{Weather, happens};

/// The switches, shared by everything that obeys them.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    kills: BTreeMap<String, KillOrder>,
    inbound: Option<Weather>,
    outbound: Option<Weather>,
    events: Option<Weather>,
    connections: Option<Refusals>,
    dynamodb: Option<Trouble>,
    s3: Option<Refusals>,
    dice: Option<StdRng>,
    strikes: Strikes,
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
    /// From the bus or a schedule to a function.
    Event,
}

/// What goes wrong with a call of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// Refused for want of throughput.
    Throttled,
    /// A 500 before anything is done.
    Failed,
    /// A 500 after all is done.
    Unheard,
}

impl Faults {
    /// Replaces every switch; the counts of what they did stay.
    pub fn set(&self, order: Order) {
        let mut state = self.state();
        let strikes = std::mem::take(&mut state.strikes);
        *state = State {
            kills: order.kill,
            inbound: order.inbound.map(Weather::new),
            outbound: order.outbound.map(Weather::new),
            events: order.events.map(Weather::new),
            connections: order.connections,
            dynamodb: order.dynamodb,
            s3: order.s3,
            dice: Some(StdRng::seed_from_u64(order.seed)),
            strikes,
        };
    }

    /// How often each leg was struck so far, and how.
    pub fn strikes(&self) -> BTreeMap<String, u64> {
        self.state().strikes.read()
    }

    /// Whether and how the invocation that begins now dies.
    pub fn next_kill(&self, function: &str) -> Option<Kill> {
        let mut state = self.state();
        let State { kills, dice, strikes, .. } = &mut *state;
        let order = kills.get_mut(function)?;
        if order.skip > 0 {
            order.skip -= 1;
            return None;
        }
        order.times = order.times.checked_sub(1)?;
        strikes.add(function, "killed");
        let after = match (order.after_ms, order.within_ms) {
            (Some(after), _) => Some(after),
            (None, Some(within)) => dice.as_mut().map(|dice| dice.random_range(0..=within)),
            (None, None) => None,
        };
        Some(after.map_or(Kill::BeforeResponse, |ms| Kill::After(Duration::from_millis(ms))))
    }

    /// What becomes of the next message: delivered once at once, unless disturbed.
    pub fn fate(&self, direction: Direction) -> Fate {
        let mut state = self.state();
        let State { inbound, outbound, events, strikes, .. } = &mut *state;
        let (weather, leg) = match direction {
            Direction::Inbound => (inbound, "inbound"),
            Direction::Outbound => (outbound, "outbound"),
            Direction::Event => (events, "event"),
        };
        weather.as_mut().map_or_else(Fate::fair, |weather| weather.fate(leg, strikes))
    }

    /// The status that a post to `@connections` must be answered with instead of its own.
    pub fn next_refused_post(&self) -> Option<u16> {
        let mut state = self.state();
        let State { connections, strikes, .. } = &mut *state;
        refuse(connections.as_mut()?, "@connections", strikes)
    }

    /// The status that a put into the bucket must be answered with instead of its own.
    pub fn next_refused_put(&self) -> Option<u16> {
        let mut state = self.state();
        let State { s3, strikes, .. } = &mut *state;
        refuse(s3.as_mut()?, "bucket", strikes)
    }

    /// What goes wrong with the table's next call, if anything.
    pub fn next_mishap(&self) -> Option<Mishap> {
        let mut state = self.state();
        let State { dynamodb, dice, strikes, .. } = &mut *state;
        let (Trouble { throttle, fail, lose }, dice) = ((*dynamodb)?, dice.as_mut()?);
        let chances = [
            (throttle, Mishap::Throttled, "throttled"),
            (fail, Mishap::Failed, "failed"),
            (lose, Mishap::Unheard, "unheard"),
        ];
        let (_, mishap, word) = chances.into_iter().find(|(chance, ..)| happens(dice, *chance))?;
        strikes.add("table", word);
        Some(mishap)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refuse(refusals: &mut Refusals, leg: &str, strikes: &mut Strikes) -> Option<u16> {
    refusals.times = refusals.times.checked_sub(1)?;
    strikes.add(leg, &refusals.status.to_string());
    Some(refusals.status)
}

#[cfg(test)]
mod tests;
