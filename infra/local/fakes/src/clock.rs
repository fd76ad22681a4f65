//! The fakes' time: the machine's, and what a test adds to it.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Runs with the machine's clock, ahead of it by as much as it was advanced.
#[derive(Debug, Default)]
pub struct Clock {
    ahead_s: AtomicI64,
}

impl Clock {
    /// The time here.
    pub fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.ahead_s.load(Ordering::Relaxed))
    }

    /// The time here in whole seconds since 1970, as tokens and rate limits count.
    pub fn now_s(&self) -> i64 {
        self.now().as_second()
    }

    /// Lets time pass, so that what expires has expired.
    pub fn advance(&self, seconds: i64) {
        self.ahead_s.fetch_add(seconds, Ordering::Relaxed);
    }
}
