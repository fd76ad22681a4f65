//! What the switches have done so far.

use std::collections::BTreeMap;

/// How often each leg was struck, and how.
#[derive(Debug, Clone, Default)]
pub(super) struct Strikes(BTreeMap<String, u64>);

impl Strikes {
    pub(super) fn add(&mut self, leg: &str, how: &str) {
        *self.0.entry(format!("{leg} {how}")).or_default() += 1;
    }

    /// By leg and manner, such as `inbound lost`.
    pub(super) fn read(&self) -> BTreeMap<String, u64> {
        self.0.clone()
    }
}
