//! What a function did and what AWS would bill for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;

/// Since the start of the stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FunctionStats {
    /// Invocations begun.
    pub invocations: u64,
    /// Of those, the ones that had to start an environment.
    pub cold_starts: u64,
    /// Time from start to first poll, summed.
    pub init_us: u64,
    /// Each invocation rounded up, with the start if it was cold.
    pub billed_ms: u64,
    /// Invocations that failed, died or ran too long.
    pub errors: u64,
    /// Invocations that found every environment busy.
    pub throttles: u64,
    /// Largest resident set that any environment had when looked at.
    pub max_rss_kb: u64,
    /// `MemorySize` of the template.
    pub memory_mb: u32,
    /// Processes now.
    pub environments: usize,
}

#[derive(Default)]
pub(super) struct Counts {
    pub(super) invocations: AtomicU64,
    pub(super) cold_starts: AtomicU64,
    pub(super) init_us: AtomicU64,
    pub(super) billed_ms: AtomicU64,
    pub(super) errors: AtomicU64,
    pub(super) throttles: AtomicU64,
    pub(super) max_rss_kb: AtomicU64,
}

impl Counts {
    pub(super) fn bill(&self, init: Duration, duration: Duration) {
        self.init_us.fetch_add(u64::try_from(init.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        let billed = (init + duration).as_micros().div_ceil(1_000);
        self.billed_ms.fetch_add(u64::try_from(billed).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn read(&self, memory_mb: u32, environments: usize) -> FunctionStats {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        FunctionStats {
            invocations: get(&self.invocations),
            cold_starts: get(&self.cold_starts),
            init_us: get(&self.init_us),
            billed_ms: get(&self.billed_ms),
            errors: get(&self.errors),
            throttles: get(&self.throttles),
            max_rss_kb: get(&self.max_rss_kb),
            memory_mb,
            environments,
        }
    }
}

/// Adds one.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// The peak resident set of a process; `None` where there is no `/proc`.
pub(super) fn peak_rss_kb(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
