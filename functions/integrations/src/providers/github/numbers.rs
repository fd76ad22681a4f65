//! Sets of issue numbers, small because numbers are dense: `[[1, 4711], [4713, 9000]]`.

use serde::{Deserialize, Serialize};

/// Ranges in order, with gaps between them; both ends belong to a range.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Numbers(Vec<(u64, u64)>);

impl Numbers {
    pub(super) fn contains(&self, number: u64) -> bool {
        let at = self.0.partition_point(|(first, _)| *first <= number);
        at > 0 && self.0[at - 1].1 >= number
    }

    pub(super) fn len(&self) -> u64 {
        self.0.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// Adds a number; false if it was there.
    pub(super) fn insert(&mut self, number: u64) -> bool {
        if self.contains(number) {
            return false;
        }
        let at = self.0.partition_point(|(first, _)| *first <= number);
        let before = at > 0 && self.0[at - 1].1 + 1 == number;
        let behind = self.0.get(at).is_some_and(|(first, _)| *first == number + 1);
        match (before, behind) {
            (true, true) => {
                self.0[at - 1].1 = self.0[at].1;
                self.0.remove(at);
            }
            (true, false) => self.0[at - 1].1 = number,
            (false, true) => self.0[at].0 = number,
            (false, false) => self.0.insert(at, (number, number)),
        }
        true
    }

    /// Takes a number out; false if it was not there.
    pub(super) fn remove(&mut self, number: u64) -> bool {
        if !self.contains(number) {
            return false;
        }
        let at = self.0.partition_point(|(first, _)| *first <= number) - 1;
        let (first, last) = self.0.remove(at);
        let left = [(first, number.wrapping_sub(1)), (number + 1, last)];
        let whole = left.into_iter().filter(|(from, to)| *to != u64::MAX && from <= to);
        self.0.splice(at..at, whole);
        true
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u64> {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn it_is_a_set_whatever_comes_and_goes() {
        let (mut numbers, mut set) = (Numbers::default(), BTreeSet::new());
        let mut seed = 7_u64;
        for _ in 0..5_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let number = (seed >> 33) % 60;
            match seed >> 63 {
                0 => assert_eq!(numbers.insert(number), set.insert(number)),
                _ => assert_eq!(numbers.remove(number), set.remove(&number)),
            }
            assert!(numbers.iter().eq(set.iter().copied()), "{numbers:?} {set:?}");
            assert_eq!(numbers.len(), set.len() as u64);
            assert!(numbers.0.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "{numbers:?}");
        }
    }
}
