//! What AWS bills a WebSocket API by.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;

/// A message is billed in steps of this size.
const STEP: usize = 32 * 1024;

/// Since the start of the stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SocketStats {
    /// Handshakes that succeeded.
    pub connections: u64,
    /// Connections now.
    pub open: usize,
    /// From clients, in steps of 32 KB.
    pub messages_in: u64,
    /// To clients, in steps of 32 KB.
    pub messages_out: u64,
    /// Each connection rounded up.
    pub connection_minutes: u64,
}

#[derive(Default)]
pub(super) struct Counts {
    connections: AtomicU64,
    messages_in: AtomicU64,
    messages_out: AtomicU64,
    closed_minutes: AtomicU64,
}

impl Counts {
    pub(super) fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn received(&self, steps: u64) {
        self.messages_in.fetch_add(steps, Ordering::Relaxed);
    }

    pub(super) fn sent(&self, steps: u64) {
        self.messages_out.fetch_add(steps, Ordering::Relaxed);
    }

    pub(super) fn closed(&self, age: Duration) {
        self.closed_minutes.fetch_add(minutes(age), Ordering::Relaxed);
    }

    pub(super) fn read(&self, open: &[Duration]) -> SocketStats {
        let running: u64 = open.iter().copied().map(minutes).sum();
        SocketStats {
            connections: self.connections.load(Ordering::Relaxed),
            open: open.len(),
            messages_in: self.messages_in.load(Ordering::Relaxed),
            messages_out: self.messages_out.load(Ordering::Relaxed),
            connection_minutes: self.closed_minutes.load(Ordering::Relaxed) + running,
        }
    }
}

/// Steps that a message of `length` bytes is billed as.
pub(super) fn steps(length: usize) -> u64 {
    length.div_ceil(STEP).max(1).try_into().unwrap_or(u64::MAX)
}

fn minutes(age: Duration) -> u64 {
    age.as_secs() / 60 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_billed_in_steps_and_connections_in_begun_minutes() {
        assert_eq!([0, 1, STEP, STEP + 1, 4 * STEP].map(steps), [1, 1, 1, 2, 4]);
        let counts = Counts::default();
        counts.closed(Duration::from_secs(61));
        let stats = counts.read(&[Duration::from_secs(5)]);
        assert_eq!((stats.connection_minutes, stats.open), (3, 1));
    }
}
