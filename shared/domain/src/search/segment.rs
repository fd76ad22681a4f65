//! A segment as bytes: rows, then terms with the rows that have them.
//!
//! ```text
//! "AOS1" | rows: u32 | rows × (id 16, listed_ms 8, indexed_ms 8)
//! terms: u32 | terms × (length, bytes, length of the list, first row, differences…)
//! ```
//! Numbers of a fixed size are big-endian, all others LEB128. Rows are newest first,
//! terms sorted, so that the terms with a prefix stand together.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::{Document, Row};
use crate::EntityId;

const MAGIC: &[u8; 4] = b"AOS1";
const ROW_BYTES: usize = 32;

/// The bytes are no segment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a segment of the search index is damaged")]
pub struct Malformed;

/// A segment that was read.
#[derive(Debug)]
pub struct Segment {
    bytes: Vec<u8>,
    rows: usize,
    /// Sorted as their texts are.
    terms: Vec<Term>,
}

#[derive(Debug)]
struct Term {
    text: Range<usize>,
    list: Range<usize>,
}

impl Segment {
    /// The segment of these documents, one row for each entity.
    pub fn build(documents: Vec<Document>) -> Self {
        let lists = documents.iter().map(|document| (document.row, document.terms.iter().map(String::as_bytes)));
        write(lists.collect())
    }

    /// Reads what [`bytes`](Self::bytes) gave.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Malformed> {
        let mut reader = Reader { bytes: &bytes, at: 0 };
        if reader.take(4)?.end != 4 || !bytes.starts_with(MAGIC) {
            return Err(Malformed);
        }
        let rows = reader.fixed()?;
        reader.take(rows.checked_mul(ROW_BYTES).ok_or(Malformed)?)?;
        let count = reader.fixed()?;
        let mut terms = Vec::new();
        for _ in 0..count {
            let length = reader.number()?;
            let text = reader.take(length)?;
            let length = reader.number()?;
            terms.push(Term { text, list: reader.take(length)? });
        }
        Ok(Self { rows, terms, bytes })
    }

    /// One segment in the place of several; `keep` says which entities stay. Of an entity's
    /// rows the one that was indexed last stays, whatever the segments' order.
    pub fn merge(segments: &[&Self], keep: impl Fn(EntityId) -> bool) -> Self {
        let mut latest: HashMap<EntityId, (i64, usize, usize)> = HashMap::new();
        for (number, segment) in segments.iter().enumerate() {
            for at in 0..segment.rows {
                let row = segment.row(at);
                let known = latest.get(&row.id).is_none_or(|(indexed_ms, ..)| *indexed_ms <= row.indexed_ms);
                if known && keep(row.id) {
                    latest.insert(row.id, (row.indexed_ms, number, at));
                }
            }
        }
        let mut terms: Vec<Vec<Vec<&[u8]>>> = segments.iter().map(|segment| vec![Vec::new(); segment.rows]).collect();
        for (segment, lists) in segments.iter().zip(&mut terms) {
            for term in &segment.terms {
                for at in segment.list(term) {
                    if let Some(list) = lists.get_mut(at) {
                        list.push(&segment.bytes[term.text.clone()]);
                    }
                }
            }
        }
        let kept =
            latest.values().map(|(_, number, at)| (segments[*number].row(*at), terms[*number][*at].iter().copied()));
        write(kept.collect())
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many entities it names.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Entities that have a term for each prefix, newest first.
    pub fn find(&self, prefixes: &[String]) -> Vec<Row> {
        let mut found: Option<Vec<u64>> = None;
        for prefix in prefixes {
            let mut having = vec![0_u64; self.rows.div_ceil(64)];
            for at in self.with_prefix(prefix.as_bytes()).iter().flat_map(|term| self.list(term)) {
                if let Some(word) = having.get_mut(at / 64) {
                    *word |= 1 << (at % 64);
                }
            }
            found = Some(match found {
                Some(found) => found.iter().zip(&having).map(|(one, other)| one & other).collect(),
                None => having,
            });
        }
        let found = found.unwrap_or_default();
        let has = |at: &usize| found.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1);
        (0..self.rows).filter(has).map(|at| self.row(at)).collect()
    }

    fn with_prefix(&self, prefix: &[u8]) -> &[Term] {
        let from = self.terms.partition_point(|term| &self.bytes[term.text.clone()] < prefix);
        let behind = &self.terms[from..];
        let count = behind.partition_point(|term| self.bytes[term.text.clone()].starts_with(prefix));
        &behind[..count]
    }

    /// The row at a place below [`rows`](Self::rows).
    fn row(&self, at: usize) -> Row {
        let row = &self.bytes[8 + at * ROW_BYTES..][..ROW_BYTES];
        let mut id = [0; 16];
        id.copy_from_slice(&row[..16]);
        let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)).cast_signed();
        Row { id: EntityId::from_bytes(id), listed_ms: number(&row[16..24]), indexed_ms: number(&row[24..]) }
    }

    /// Places of the rows that have the term; it ends where the bytes make no sense.
    fn list(&self, term: &Term) -> impl Iterator<Item = usize> {
        let mut reader = Reader { bytes: &self.bytes[..term.list.end], at: term.list.start };
        let mut row = 0;
        std::iter::from_fn(move || {
            row = reader.number().ok()?.checked_add(row)?;
            Some(row)
        })
    }
}

fn write<'a>(mut documents: Vec<(Row, impl Iterator<Item = &'a [u8]>)>) -> Segment {
    documents.sort_by_key(|(row, _)| row.order());
    let mut bytes = MAGIC.to_vec();
    bytes.extend(fixed(documents.len()));
    for (row, _) in &documents {
        bytes.extend(row.id.to_bytes());
        bytes.extend(row.listed_ms.to_be_bytes());
        bytes.extend(row.indexed_ms.to_be_bytes());
    }
    let rows = documents.len();
    let mut lists: BTreeMap<&[u8], (usize, Vec<u8>)> = BTreeMap::new();
    for (at, (_, terms)) in documents.into_iter().enumerate() {
        for term in terms {
            let (last, list) = lists.entry(term).or_default();
            number(at - *last, list);
            *last = at;
        }
    }
    bytes.extend(fixed(lists.len()));
    let mut terms = Vec::with_capacity(lists.len());
    for (text, (_, list)) in lists {
        number(text.len(), &mut bytes);
        bytes.extend(text);
        let text = bytes.len() - text.len()..bytes.len();
        number(list.len(), &mut bytes);
        bytes.extend(&list);
        terms.push(Term { text, list: bytes.len() - list.len()..bytes.len() });
    }
    Segment { bytes, rows, terms }
}

fn fixed(count: usize) -> [u8; 4] {
    u32::try_from(count).expect("a segment has fewer than four billion of anything").to_be_bytes()
}

fn number(mut value: usize, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Result<Range<usize>, Malformed> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len()).ok_or(Malformed)?;
        Ok(std::mem::replace(&mut self.at, end)..end)
    }

    fn fixed(&mut self) -> Result<usize, Malformed> {
        let bytes = self.take(4)?;
        Ok(self.bytes[bytes].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
    }

    fn number(&mut self) -> Result<usize, Malformed> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.bytes[self.take(1)?.start];
            value |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }
}
