//! How a large file is cut into parts, and whether they make it whole.

use crate::limits::FILE_PART_BYTES;

/// A part as it lies in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// From 1.
    pub number: u32,
    /// Bytes.
    pub size: u64,
    /// The bucket's word for this content of the part; absent where it gives none.
    pub etag: Option<String>,
}

/// The bytes of a file that a part holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartRange {
    /// From 1.
    pub number: u32,
    pub offset: u64,
    pub size: u64,
}

/// These parts are absent or not of their size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("parts are missing")]
pub struct Incomplete {
    pub missing: Vec<u32>,
}

/// In how many parts a file of `size` bytes comes; an empty one comes in one.
pub fn part_count(size: u64) -> u32 {
    u32::try_from(size.div_ceil(FILE_PART_BYTES).max(1)).unwrap_or(u32::MAX)
}

/// What belongs into the part of this number, if the file has so many.
pub fn part_range(size: u64, number: u32) -> Option<PartRange> {
    if number == 0 || number > part_count(size) {
        return None;
    }
    let offset = u64::from(number - 1) * FILE_PART_BYTES;
    Some(PartRange { number, offset, size: FILE_PART_BYTES.min(size - offset) })
}

/// The parts of a file of `size` bytes in order, if all are there in their size.
pub fn whole(size: u64, mut parts: Vec<StoredPart>) -> Result<Vec<StoredPart>, Incomplete> {
    let fits = |part: &StoredPart| part_range(size, part.number).is_some_and(|range| range.size == part.size);
    parts.retain(fits);
    parts.sort_by_key(|part| part.number);
    let missing: Vec<u32> =
        (1..=part_count(size)).filter(|n| parts.binary_search_by_key(n, |part| part.number).is_err()).collect();
    if missing.is_empty() { Ok(parts) } else { Err(Incomplete { missing }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::FILE_BYTES_MAX;

    fn stored(number: u32, size: u64) -> StoredPart {
        StoredPart { number, size, etag: None }
    }

    #[test]
    fn parts_cover_a_file_without_gap_or_overlap() {
        for size in [0, 1, FILE_PART_BYTES, FILE_PART_BYTES + 1, FILE_BYTES_MAX] {
            let ranges: Vec<_> = (1..=part_count(size)).map(|n| part_range(size, n).unwrap()).collect();
            let end = ranges.iter().fold(0, |at, range| {
                assert_eq!(range.offset, at);
                at + range.size
            });
            assert_eq!(end, size);
            assert_eq!(part_range(size, part_count(size) + 1), None);
        }
        // S3 takes 10,000 parts at most and lists 1,000 at once.
        assert!(part_count(FILE_BYTES_MAX) <= 1_000);
    }

    #[test]
    fn a_file_is_whole_when_each_part_is_there_in_its_size() {
        let size = FILE_PART_BYTES + 5;
        let (first, last) = (stored(1, FILE_PART_BYTES), stored(2, 5));
        assert_eq!(whole(size, vec![last.clone(), first.clone()]), Ok(vec![first.clone(), last.clone()]));
        assert_eq!(whole(size, vec![first]), Err(Incomplete { missing: vec![2] }));
        assert_eq!(whole(size, vec![stored(1, 4), last]), Err(Incomplete { missing: vec![1] }));
        assert_eq!(whole(size, vec![]), Err(Incomplete { missing: vec![1, 2] }));
    }
}
