//! Request units as DynamoDB bills them, counted while the stack lives.
//!
//! The engine knows the rules (1 KB a write, 4 KB a read, half for an eventually
//! consistent one, twice for a transaction); it is made to tell with every call.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dynoxide::DynoxideError;
use dynoxide::types::ConsumedCapacity;
use serde::Serialize;

/// Halves of a unit: an eventually consistent read of up to 4 KB is one.
const HALVES: f64 = 2.0;

/// Units since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct UnitStats {
    /// Calls of any kind.
    pub calls: u64,
    /// Read request units.
    pub read_units: f64,
    /// Write request units.
    pub write_units: f64,
}

/// The counters; cloning is cheap.
#[derive(Clone, Default)]
pub struct Units(Arc<Counts>);

#[derive(Default)]
struct Counts {
    calls: AtomicU64,
    read_halves: AtomicU64,
    write_halves: AtomicU64,
}

/// Which of the two prices an operation has.
#[derive(Clone, Copy)]
pub(super) enum Price {
    Read,
    Write,
}

impl Units {
    /// What was consumed so far.
    pub fn read(&self) -> UnitStats {
        let units = |halves: &AtomicU64| halves.load(Ordering::Relaxed) as f64 / HALVES;
        UnitStats {
            calls: self.0.calls.load(Ordering::Relaxed),
            read_units: units(&self.0.read_halves),
            write_units: units(&self.0.write_halves),
        }
    }

    /// Counts a call that was carried out.
    pub(super) fn bill(&self, price: Price, units: f64) {
        self.0.calls.fetch_add(1, Ordering::Relaxed);
        let counter = match price {
            Price::Read => &self.0.read_halves,
            Price::Write => &self.0.write_halves,
        };
        counter.fetch_add((units * HALVES).round() as u64, Ordering::Relaxed);
    }

    /// A write whose condition failed is billed too; by its size, of which the smallest is taken here.
    pub(super) fn bill_refusal(&self, error: &DynoxideError) {
        match error {
            DynoxideError::ConditionalCheckFailedException(..) => self.bill(Price::Write, 1.0),
            DynoxideError::TransactionCanceledException(_, reasons) => {
                self.bill(Price::Write, 2.0 * reasons.len() as f64);
            }
            _ => {}
        }
    }
}

/// What an answer says of its capacity.
pub(super) trait Told {
    fn units(&self) -> f64;
}

impl Told for Option<ConsumedCapacity> {
    fn units(&self) -> f64 {
        self.iter().map(|table| table.capacity_units).sum()
    }
}

impl Told for Option<Vec<ConsumedCapacity>> {
    fn units(&self) -> f64 {
        self.iter().flatten().map(|table| table.capacity_units).sum()
    }
}
