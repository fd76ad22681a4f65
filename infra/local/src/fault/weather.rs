//! A disturbance with its dice.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::order::Disturbance;
use super::strikes::Strikes;

/// What becomes of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    /// After which delays it is delivered; none when it is lost.
    pub deliveries: Vec<Duration>,
    /// Whether its connection breaks with it.
    pub cut: bool,
}

impl Fate {
    /// Delivered once, at once.
    pub(super) fn fair() -> Self {
        Self { deliveries: vec![Duration::ZERO], cut: false }
    }
}

#[derive(Debug)]
pub(super) struct Weather {
    disturbance: Disturbance,
    dice: StdRng,
}

impl Weather {
    pub(super) fn new(disturbance: Disturbance) -> Self {
        Self { disturbance, dice: StdRng::seed_from_u64(disturbance.seed) }
    }

    /// Decides, and counts what it does under `leg`.
    pub(super) fn fate(&mut self, leg: &str, strikes: &mut Strikes) -> Fate {
        let Disturbance { drop, duplicate, delay, delay_ms, cut, .. } = self.disturbance;
        if happens(&mut self.dice, cut) {
            strikes.add(leg, "cut");
            return Fate { deliveries: Vec::new(), cut: true };
        }
        if happens(&mut self.dice, drop) {
            strikes.add(leg, "lost");
            return Fate { deliveries: Vec::new(), cut: false };
        }
        let copies = if happens(&mut self.dice, duplicate) { 2 } else { 1 };
        if copies == 2 {
            strikes.add(leg, "doubled");
        }
        let deliveries = (0..copies).map(|_| {
            if !happens(&mut self.dice, delay) {
                return Duration::ZERO;
            }
            strikes.add(leg, "late");
            Duration::from_millis(self.dice.random_range(0..=delay_ms))
        });
        Fate { deliveries: deliveries.collect(), cut: false }
    }
}

pub(super) fn happens(dice: &mut StdRng, probability: f64) -> bool {
    dice.random_bool(probability.clamp(0.0, 1.0))
}
