//! What was done to a user's things, and by whom: a chain in which every record
//! carries the hash of the one before. A record that is changed, taken out or put
//! in later breaks it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::UserId;

/// One thing that was done, or tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deed {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub user_id: UserId,
    /// The token or the browser's sign-in that did it; null for the service itself.
    pub by: Option<String>,
    /// Method and route, such as `DELETE /api/sessions/{id}`.
    pub action: String,
    /// What it was done to: an id or a path.
    pub target: String,
    /// `ok`, or the code of the error that refused it.
    pub result: String,
    /// The address that the request came from.
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

/// A deed in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditRecord {
    /// From 1, without a gap.
    pub seq: u64,
    /// The hash of the record before; zeros for the first.
    pub previous: String,
    #[serde(flatten)]
    pub deed: Deed,
    /// SHA-256 of the record's JSON without this field, in hex.
    pub hash: String,
}

/// What stands before the first record.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The end of a chain, or of the part of it that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChainHead {
    pub seq: u64,
    pub hash: String,
}

impl Default for ChainHead {
    fn default() -> Self {
        Self { seq: 0, hash: NOTHING.to_owned() }
    }
}

/// Where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("record {found} stands where {wanted} belongs: records are missing, added or out of order")]
    Order { wanted: u64, found: u64 },
    #[error("record {seq} does not follow from the one before it: that one was changed or replaced")]
    Link { seq: u64 },
    #[error("record {seq} is not what it was when it was written")]
    Content { seq: u64 },
}

/// What is hashed: all fields but the hash, in this order.
#[derive(Serialize)]
struct Hashed<'a> {
    seq: u64,
    previous: &'a str,
    #[serde(flatten)]
    deed: &'a Deed,
}

impl ChainHead {
    /// The record that `deed` makes behind this end.
    pub fn append(&self, deed: Deed) -> AuditRecord {
        let mut record = AuditRecord { seq: self.seq + 1, previous: self.hash.clone(), deed, hash: String::new() };
        record.hash = record.digest();
        record
    }

    /// Goes one record further, if it is the next one and whole.
    pub fn verify(&mut self, record: &AuditRecord) -> Result<(), Broken> {
        let seq = record.seq;
        if seq != self.seq + 1 {
            return Err(Broken::Order { wanted: self.seq + 1, found: seq });
        }
        if record.previous != self.hash {
            return Err(Broken::Link { seq });
        }
        if record.digest() != record.hash {
            return Err(Broken::Content { seq });
        }
        *self = record.head();
        Ok(())
    }
}

impl AuditRecord {
    /// The chain's end, if this is the last record.
    pub fn head(&self) -> ChainHead {
        ChainHead { seq: self.seq, hash: self.hash.clone() }
    }

    fn digest(&self) -> String {
        let hashed = Hashed { seq: self.seq, previous: &self.previous, deed: &self.deed };
        let json = serde_json::to_vec(&hashed).expect("strings and numbers are JSON");
        hex::encode(Sha256::digest(json))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deed(target: &str) -> Deed {
        Deed {
            at: Timestamp::from_second(100).unwrap(),
            user_id: "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
            by: Some("tok_01ARZ3NDEKTSV4RRFFQ69G5FAV".into()),
            action: "DELETE /api/sessions/{id}".into(),
            target: target.into(),
            result: "ok".into(),
            ip: Some("192.0.2.1".into()),
            user_agent: None,
        }
    }

    fn chain() -> Vec<AuditRecord> {
        let mut head = ChainHead::default();
        ["a", "b", "c", "d"]
            .map(|target| {
                let record = head.append(deed(target));
                head = record.head();
                record
            })
            .into()
    }

    fn verify(records: &[AuditRecord]) -> Result<(), Broken> {
        let mut head = ChainHead::default();
        records.iter().try_for_each(|record| head.verify(record))
    }

    #[test]
    fn a_chain_holds_and_still_does_after_a_way_through_json() {
        let lines: Vec<String> = chain().iter().map(|record| serde_json::to_string(record).unwrap()).collect();
        let read: Vec<AuditRecord> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, chain());
        assert_eq!(verify(&read), Ok(()));
    }

    #[test]
    fn every_field_is_protected() {
        let changes: [fn(&mut AuditRecord); 8] = [
            |record| record.deed.at = Timestamp::from_second(101).unwrap(),
            |record| record.deed.user_id = UserId::mint(Timestamp::UNIX_EPOCH),
            |record| record.deed.by = None,
            |record| record.deed.action.push('x'),
            |record| record.deed.target.push('x'),
            |record| record.deed.result = "session_not_found".into(),
            |record| record.deed.ip = Some("192.0.2.2".into()),
            |record| record.deed.user_agent = Some("x".into()),
        ];
        for change in changes {
            let mut records = chain();
            change(&mut records[1]);
            assert_eq!(verify(&records), Err(Broken::Content { seq: 2 }));
        }
    }

    #[test]
    fn what_is_missing_added_moved_or_hashed_anew_is_noticed() {
        let mut missing = chain();
        missing.remove(1);
        assert_eq!(verify(&missing), Err(Broken::Order { wanted: 2, found: 3 }));

        let mut moved = chain();
        moved.swap(1, 2);
        assert_eq!(verify(&moved), Err(Broken::Order { wanted: 2, found: 3 }));

        let mut replaced = chain();
        replaced[1] = replaced[0].head().append(deed("another"));
        assert_eq!(verify(&replaced), Err(Broken::Link { seq: 3 }), "the forged one is whole; the next tells");
    }
}
