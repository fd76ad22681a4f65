//! How often something may be done: a bucket that refills at a steady pace.
//!
//! The bucket is kept as the time at which it will be full again (GCRA), so that
//! taking from it is one conditional write without a reading before it.

use jiff::{SignedDuration, Timestamp};

/// So many in so long; as many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// What callers are told when it is used up.
    pub name: &'static str,
    pub count: u32,
    pub per: SignedDuration,
    /// How many are let through before they are written down together. One
    /// process may let through so many too many.
    pub block: u32,
}

impl Rate {
    /// Written down one by one.
    pub const fn exact(name: &'static str, count: u32, per: SignedDuration) -> Self {
        Self { name, count, per, block: 1 }
    }

    /// Written down in twentieths, so that a request costs a twentieth of a write or less.
    pub const fn in_blocks(name: &'static str, count: u32, per: SignedDuration) -> Self {
        let block = if count < 40 { 1 } else { count / 20 };
        Self { name, count, per, block }
    }

    /// How long the bucket needs to take back what `taken` took.
    pub fn refill(&self, taken: u32) -> SignedDuration {
        let nanos = self.per.as_nanos() * i128::from(taken) / i128::from(self.count.max(1));
        SignedDuration::from_nanos_i128(nanos)
    }

    /// When the bucket will be full again after `taken` more, if that much is in
    /// it; else from when on it will be.
    pub fn take(&self, full_at: Option<Timestamp>, taken: u32, now: Timestamp) -> Result<Timestamp, Timestamp> {
        let after = full_at.map_or(now, |at| at.max(now)) + self.refill(taken);
        let latest = now + self.per;
        if after <= latest { Ok(after) } else { Err(now + after.duration_since(latest)) }
    }
}

/// What one process has let through and not yet written down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tab {
    open: u32,
    refused_until: Option<Timestamp>,
}

/// What is to be done about one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Let it through.
    Pass,
    /// Take so many from the bucket first.
    Settle(u32),
    /// The bucket was empty; it will not be from then on.
    Refuse(Timestamp),
}

impl Tab {
    /// Counts one more.
    pub fn count(&mut self, rate: &Rate, now: Timestamp) -> Step {
        if let Some(until) = self.refused_until.filter(|until| *until > now) {
            return Step::Refuse(until);
        }
        self.open = (self.open + 1).min(rate.block.max(1));
        if self.open >= rate.block { Step::Settle(self.open) } else { Step::Pass }
    }

    /// The bucket gave what the last [`Step::Settle`] named.
    pub fn settled(&mut self) {
        *self = Self::default();
    }

    /// It did not. Nothing passes until it will; no need to ask it before.
    pub fn refused(&mut self, until: Timestamp) {
        self.open = self.open.saturating_sub(1);
        self.refused_until = Some(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate::exact("tests", 4, SignedDuration::from_secs(60));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn as_many_at_once_as_the_rate_says_and_then_at_its_pace() {
        let mut full_at = None;
        for _ in 0..4 {
            full_at = Some(RATE.take(full_at, 1, at(0)).unwrap());
        }
        assert_eq!(full_at, Some(at(60)));
        assert_eq!(RATE.take(full_at, 1, at(0)), Err(at(15)));
        assert_eq!(RATE.take(full_at, 1, at(15)), Ok(at(75)));
    }

    #[test]
    fn a_pause_fills_the_bucket_and_no_more() {
        let full_at = RATE.take(None, 4, at(0)).ok();
        assert_eq!(RATE.take(full_at, 4, at(1000)), Ok(at(1060)));
        assert_eq!(RATE.take(full_at, 5, at(1000)), Err(at(1015)));
    }

    #[test]
    fn small_rates_are_counted_one_by_one() {
        let block = |count| Rate::in_blocks("tests", count, SignedDuration::from_secs(60)).block;
        assert_eq!([1, 10, 39, 40, 1200].map(block), [1, 1, 1, 2, 60]);
    }

    #[test]
    fn a_process_asks_the_bucket_once_for_many_and_not_at_all_while_it_is_empty() {
        let rate = Rate { block: 3, ..RATE };
        let mut tab = Tab::default();
        assert_eq!([(); 3].map(|()| tab.count(&rate, at(0))), [Step::Pass, Step::Pass, Step::Settle(3)]);
        tab.settled();
        assert_eq!([(); 3].map(|()| tab.count(&rate, at(0))), [Step::Pass, Step::Pass, Step::Settle(3)]);
        tab.refused(at(30));
        assert_eq!(tab.count(&rate, at(29)), Step::Refuse(at(30)));
        assert_eq!(tab.count(&rate, at(30)), Step::Settle(3), "what passed before is still owed");
    }
}
