//! The archive of a log: what ended turns put into it, in few compressed items.
//!
//! The batches of a turn are small and many, for they were written as they came.
//! Once it is over they are put by together, and a reader who comes later takes
//! those instead: a minute's turn is one item of a tenth of the bytes. Nothing is
//! merged or numbered anew, so an event reads the same, byte by byte, whenever a
//! viewer comes and from wherever it goes on.
//!
//! The batches themselves stay in their places until they expire. An occupied
//! place is what turns a late repeat, or a runner of the past, away.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Seq, SessionId, UserId, limits};

use crate::events::{BatchItem, Stretch};
use crate::item::{Error, Item, Result, n, s, service};
use crate::{Store, keys};

/// zstd's own default.
const LEVEL: i32 = 3;

impl Store {
    /// Puts the log by from where the archive ends up to `up_to`, which is not in
    /// the turn in hand; returns how far the archive goes then. At most a few
    /// pages of the log at a time: called again, it goes on. It may die anywhere
    /// and run twice at once, as each item is put where none stands, behind one
    /// that does.
    pub async fn archive(&self, owner: UserId, session: SessionId, up_to: Seq) -> Result<Seq> {
        let last = self.archive_items(owner, session, keys::archive_sort(up_to), None, 1, true).await?;
        let mut end = last.first().map(head).transpose()?.unwrap_or(0);
        for _ in 0..limits::ARCHIVE_PAGES_MAX {
            if end >= up_to {
                break;
            }
            let batches = self.batches(owner, session, Stretch::Between(end + 1, up_to)).await?;
            let whole: Vec<BatchItem> = batches.into_iter().filter(|batch| batch.head() <= up_to).collect();
            let Some(reached) = whole.last().map(BatchItem::head) else { break };
            for stretch in stretches(whole) {
                if !self.put_new(to_item(owner, session, &stretch)?).await? {
                    // Someone else is at it.
                    return Ok(end);
                }
            }
            end = reached;
        }
        Ok(end)
    }

    /// The archived batches from the one that holds `first` on, some of them;
    /// none when the archive does not have it. `aligned` says that no batch before
    /// `first` can hold it.
    pub(crate) async fn archived(
        &self,
        owner: UserId,
        session: SessionId,
        first: Seq,
        aligned: bool,
    ) -> Result<Vec<BatchItem>> {
        let sort = keys::archive_sort(first);
        let items = match aligned {
            true => {
                let end = Some(keys::archive_sort(keys::SEQ_MAX));
                self.archive_items(owner, session, sort, end, limits::ARCHIVE_ITEMS_MAX, false).await?
            }
            false => self.archive_items(owner, session, sort, None, 1, false).await?,
        };
        let mut batches = Vec::new();
        for item in items {
            batches.extend(unpack(item)?);
        }
        let there = batches.first().is_some_and(|batch| batch.first <= first);
        batches.retain(|batch| there && batch.head() >= first);
        Ok(batches)
    }

    /// Items from `sort` on to `end`; without an end, the last ones up to `sort`.
    async fn archive_items(
        &self,
        owner: UserId,
        session: SessionId,
        sort: String,
        end: Option<String>,
        limit: i32,
        consistent: bool,
    ) -> Result<Vec<Item>> {
        let forward = end.is_some();
        let (from, to) = match end {
            Some(end) => (sort, end),
            None => (keys::ARCHIVE_PREFIX.to_owned(), sort),
        };
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", s(keys::session_partition(owner, session)))
            .expression_attribute_values(":from", s(from))
            .expression_attribute_values(":to", s(to))
            .scan_index_forward(forward)
            // Half the price; what is not seen yet is read from the log.
            .consistent_read(consistent)
            .limit(limit)
            .send()
            .await
            .map_err(service("Query"))?;
        Ok(page.items.unwrap_or_default())
    }
}

/// Cuts batches into what one item holds.
fn stretches(batches: Vec<BatchItem>) -> Vec<Vec<BatchItem>> {
    let mut stretches: Vec<Vec<BatchItem>> = Vec::new();
    let mut bytes = 0;
    for batch in batches {
        bytes += batch.events.len();
        match stretches.last_mut() {
            Some(stretch) if bytes <= limits::ARCHIVE_ITEM_BYTES_MAX => stretch.push(batch),
            _ => {
                bytes = batch.events.len();
                stretches.push(vec![batch]);
            }
        }
    }
    stretches
}

fn to_item(owner: UserId, session: SessionId, stretch: &[BatchItem]) -> Result<Item> {
    let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else {
        return Err(Error::malformed("an empty stretch"));
    };
    let json = serde_json::to_vec(stretch).map_err(Error::malformed)?;
    let packed = zstd::bulk::compress(&json, LEVEL).map_err(Error::malformed)?;
    let mut item = keys::archive(owner, session, first.first).into_map();
    item.insert("head".into(), n(last.head()));
    item.insert("batches".into(), AttributeValue::B(Blob::new(packed)));
    item.insert("ttl".into(), n(last.ttl));
    Ok(item)
}

fn head(item: &Item) -> Result<Seq> {
    let head = item.get("head").and_then(|head| head.as_n().ok()).and_then(|head| head.parse().ok());
    head.ok_or_else(|| Error::malformed("an archived stretch without its end"))
}

fn unpack(item: Item) -> Result<Vec<BatchItem>> {
    let packed = item.get("batches").and_then(|batches| batches.as_b().ok());
    let packed = packed.ok_or_else(|| Error::malformed("an archived stretch without its batches"))?;
    let json = zstd::decode_all(packed.as_ref()).map_err(Error::malformed)?;
    serde_json::from_slice(&json).map_err(Error::malformed)
}
