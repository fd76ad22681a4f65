//! Ports for tasks: without network namespaces, each task needs its own.

use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports that the system gives to outgoing connections: one of those
/// could otherwise take the port before the container listens on it.
const RANGE: Range<u16> = 20000..32000;

/// Gives each port out once per round through the range.
pub(super) struct Ports(AtomicU16);

impl Ports {
    pub(super) fn new() -> Self {
        // Stacks that run at once begin apart.
        Self(AtomicU16::new(rand::random_range(RANGE)))
    }

    /// A port that nothing listens on; `None` when the whole range is taken.
    pub(super) fn free(&self) -> Option<u16> {
        (0..RANGE.len()).map(|_| self.next()).find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
    }

    fn next(&self) -> u16 {
        let after = |port: u16| if port + 1 < RANGE.end { port + 1 } else { RANGE.start };
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |port| Some(after(port))).unwrap_or(RANGE.start)
    }
}
