//! The search index: segments in the bucket, and one item that lists them.
//!
//! A worker adds the segment of a page before it writes the page's entities. What a
//! segment says is checked against the entities when it is read, so nothing in the index
//! has to be taken back; merging forgets what is outdated.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use domain::search::{Document, Query, Row, Segment};
use domain::{Entity, EntityId, UserId, limits};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::conditions::Condition;
use crate::entities::EntityPosition;
use crate::item::{Error, Result, n, to_item};
use crate::{Store, keys};

/// Bytes of segments that a process keeps: they never change, so a warm function searches
/// without reading them again.
const CACHE_BYTES_MAX: usize = 96 * 1024 * 1024;

/// The index of a user.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Manifest {
    segments: Vec<Part>,
    rev: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Part {
    name: String,
    rows: usize,
}

impl Part {
    /// Parts of one tier are of about the same size.
    fn tier(&self) -> u32 {
        self.rows.max(1).ilog(limits::SEARCH_FAN)
    }
}

#[derive(Clone, Default)]
pub(crate) struct SegmentCache(Arc<Mutex<Cached>>);

#[derive(Default)]
struct Cached {
    segments: HashMap<String, Arc<Segment>>,
    order: VecDeque<String>,
    bytes: usize,
}

impl SegmentCache {
    fn get(&self, key: &str) -> Option<Arc<Segment>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).segments.get(key).cloned()
    }

    fn put(&self, key: String, segment: Arc<Segment>) {
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.bytes += segment.bytes().len();
        if cached.segments.insert(key.clone(), segment).is_none() {
            cached.order.push_back(key);
        }
        while cached.bytes > CACHE_BYTES_MAX {
            let Some(oldest) = cached.order.pop_front() else { break };
            let freed = cached.segments.remove(&oldest).map_or(0, |segment| segment.bytes().len());
            cached.bytes -= freed;
        }
    }
}

impl Store {
    /// Adds entities to the index, before they are written.
    pub async fn index_entities<'a>(
        &self,
        owner: UserId,
        entities: impl IntoIterator<Item = &'a Entity>,
        now: Timestamp,
    ) -> Result<()> {
        // The last one of each, should a page have an entity twice.
        let documents: HashMap<EntityId, Document> =
            entities.into_iter().map(|entity| (entity.id, Document::of(entity, now))).collect();
        if documents.is_empty() {
            return Ok(());
        }
        let segment = Segment::build(documents.into_values().collect());
        let part = self.write_segment(owner, segment, now).await?;
        for _ in 0..limits::RACE_RETRIES_MAX {
            let mut manifest = self.manifest(owner).await?;
            manifest.segments.push(part.clone());
            if self.put_manifest(owner, manifest).await? {
                return Ok(());
            }
        }
        self.delete_object(&keys::segment_object(owner, &part.name)).await?;
        Err(Error::Throttled)
    }

    /// Merges segments of one size while there are many; whether anything was.
    pub async fn tidy_index(&self, owner: UserId, now: Timestamp) -> Result<bool> {
        let manifest = self.manifest(owner).await?;
        let mut tiers: HashMap<u32, Vec<Part>> = HashMap::new();
        for part in &manifest.segments {
            tiers.entry(part.tier()).or_default().push(part.clone());
        }
        let crowded =
            tiers.into_iter().filter(|(_, parts)| parts.len() >= limits::SEARCH_FAN).min_by_key(|(tier, _)| *tier);
        match crowded {
            Some((_, parts)) => self.merge(owner, parts, |_| true, now).await,
            None => Ok(false),
        }
    }

    /// Forgets every entity whose id begins with one of the prefixes.
    pub async fn forget_indexed(&self, owner: UserId, prefixes: &[String], now: Timestamp) -> Result<()> {
        for _ in 0..limits::RACE_RETRIES_MAX {
            let parts = self.manifest(owner).await?.segments;
            let keep = |id: EntityId| {
                let id = id.to_string();
                !prefixes.iter().any(|prefix| id.starts_with(prefix))
            };
            if parts.is_empty() || self.merge(owner, parts, keep, now).await? {
                return Ok(());
            }
        }
        Err(Error::Throttled)
    }

    /// Entities that a query finds, newest first, from behind `after`, and where the next
    /// page begins. A page may be short when the index is far behind the entities.
    pub async fn search(
        &self,
        owner: UserId,
        query: &Query,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
        after: Option<EntityPosition>,
        limit: u32,
    ) -> Result<(Vec<Entity>, Option<EntityPosition>)> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let prefixes = query.prefixes();
        let mut rows: Vec<Row> = Vec::new();
        for segment in self.segments(owner).await? {
            rows.extend(segment.find(&prefixes));
        }
        let position = |row: &Row| EntityPosition { listed_ms: row.listed_ms, id: row.id };
        rows.retain(|row| {
            after.is_none_or(|after| position(row) < after)
                && from.is_none_or(|from| row.listed_ms >= from.as_millisecond())
                && until.is_none_or(|until| row.listed_ms < until.as_millisecond())
        });
        rows.sort_by_key(Row::order);
        rows.dedup_by_key(|row| position(row));
        let oldest = rows.last().map(position);
        let readable = rows.len().min(limits::ENTITY_READS_MAX);
        let mut found = Vec::new();
        for rows in rows[..readable].chunks(limit.max(1)) {
            let ids: Vec<EntityId> = rows.iter().map(|row| row.id).collect();
            let mut entities = self.entities_by_id(owner, &ids).await?;
            for row in rows {
                // A row of what the entity was once stands elsewhere in the order.
                let is_now = |entity: &Entity| EntityPosition::of(entity) == position(row) && query.matches(entity);
                found.extend(entities.remove(&row.id).filter(is_now));
                if found.len() == limit {
                    let next = (Some(position(row)) > oldest).then(|| position(row));
                    return Ok((found, next));
                }
            }
        }
        let next = (readable < rows.len()).then(|| position(&rows[readable - 1]));
        Ok((found, next))
    }

    /// Rows of all segments together.
    #[cfg(test)]
    pub(crate) async fn indexed_rows(&self, owner: UserId) -> Result<usize> {
        Ok(self.manifest(owner).await?.segments.iter().map(|part| part.rows).sum())
    }

    async fn segments(&self, owner: UserId) -> Result<Vec<Arc<Segment>>> {
        for _ in 0..limits::RACE_RETRIES_MAX {
            let parts = self.manifest(owner).await?.segments;
            let read = try_join_all(parts.iter().map(|part| self.segment(owner, &part.name))).await?;
            // One that is gone was merged since: the list is another by now.
            if let Some(segments) = read.into_iter().collect() {
                return Ok(segments);
            }
        }
        Err(Error::Throttled)
    }

    async fn segment(&self, owner: UserId, name: &str) -> Result<Option<Arc<Segment>>> {
        let key = keys::segment_object(owner, name);
        if let Some(segment) = self.segments.get(&key) {
            return Ok(Some(segment));
        }
        let Some(bytes) = self.find_object(&key).await? else { return Ok(None) };
        let segment = Arc::new(Segment::parse(bytes).map_err(Error::malformed)?);
        self.segments.put(key, segment.clone());
        Ok(Some(segment))
    }

    /// Puts one segment in the place of `parts`; false when another worker was faster.
    async fn merge(
        &self,
        owner: UserId,
        parts: Vec<Part>,
        keep: impl Fn(EntityId) -> bool,
        now: Timestamp,
    ) -> Result<bool> {
        let read = try_join_all(parts.iter().map(|part| self.segment(owner, &part.name))).await?;
        let Some(read) = read.into_iter().collect::<Option<Vec<_>>>() else { return Ok(false) };
        let segments: Vec<&Segment> = read.iter().map(Arc::as_ref).collect();
        let merged = self.write_segment(owner, Segment::merge(&segments, keep), now).await?;
        for _ in 0..limits::RACE_RETRIES_MAX {
            let mut manifest = self.manifest(owner).await?;
            if !parts.iter().all(|part| manifest.segments.contains(part)) {
                break;
            }
            manifest.segments.retain(|part| !parts.contains(part));
            if merged.rows > 0 {
                manifest.segments.push(merged.clone());
            }
            if self.put_manifest(owner, manifest).await? {
                let unused = parts.iter().chain((merged.rows == 0).then_some(&merged));
                let delete = |part: &Part| keys::segment_object(owner, &part.name);
                for key in unused.map(delete).collect::<Vec<_>>() {
                    self.delete_object(&key).await?;
                }
                return Ok(true);
            }
        }
        self.delete_object(&keys::segment_object(owner, &merged.name)).await?;
        Ok(false)
    }

    async fn write_segment(&self, owner: UserId, segment: Segment, now: Timestamp) -> Result<Part> {
        // Any name will do that nobody else takes.
        let part = Part { name: domain::SyncLogId::mint(now).to_string(), rows: segment.rows() };
        let key = keys::segment_object(owner, &part.name);
        self.write_object(&key, "application/octet-stream", segment.bytes().to_vec()).await?;
        Ok(part)
    }

    async fn manifest(&self, owner: UserId) -> Result<Manifest> {
        Ok(self.get(keys::search(owner)).await?.unwrap_or_default())
    }

    /// Writes a changed manifest, if it is as it was read.
    async fn put_manifest(&self, owner: UserId, mut changed: Manifest) -> Result<bool> {
        let before = changed.rev;
        changed.rev += 1;
        let item = to_item(keys::search(owner), &changed)?;
        Ok(self.put_if(item, Condition::SearchUnchanged, &[(":before", n(before))]).await?.is_some())
    }
}
