//! Writes a page: first the search index, then the entities.

use std::collections::HashMap;

use domain::entity::{Change, Place, Stamp, decide};
use domain::sync::Cursor;
use domain::{Entity, EntityId, Service};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;

use crate::{Deps, WorkError};

/// Entities that are written at once.
const WRITES_AT_ONCE: usize = 16;

/// What came of a page.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) written: u64,
    pub(super) deleted: u64,
}

/// Applies a page's changes under the cursor's generation and epoch.
pub(super) async fn apply(
    deps: &Deps,
    cursor: &Cursor,
    service: &Service,
    changes: Vec<Change>,
) -> Result<Written, WorkError> {
    let now = web::now();
    let place = Place { integration_id: cursor.integration_id, provider: service, resource: &cursor.resource };
    let ids: Vec<EntityId> = changes.iter().map(|change| place.id(change)).collect();
    let mut known = deps.store.entities_by_id(cursor.owner, &distinct(&ids)).await?;
    let mut writes: HashMap<EntityId, (Entity, Option<Vec<u8>>)> = HashMap::new();
    for (id, change) in ids.into_iter().zip(&changes) {
        let stored = known.get(&id);
        let decided = decide(place, stored, change, cursor.walk.generation, cursor.epoch, now);
        let Some(entity) = decided else { continue };
        let raw = match change {
            Change::Upsert(draft) => Some(serde_json::to_vec(&draft.raw).unwrap_or_default()),
            // What a patch leaves alone may just have been read.
            Change::Patch(_) => writes.remove(&id).and_then(|(_, raw)| raw),
            Change::Delete(_) => None,
        };
        known.insert(id, entity.clone());
        writes.insert(id, (entity, raw));
    }
    let live = writes.values().map(|(entity, _)| entity).filter(|entity| entity.deleted_at.is_none());
    deps.store.index_entities(cursor.owner, live, now).await?;
    write(deps, cursor, writes.into_values(), now).await
}

/// Buries what the full synchronisation did not see; how many, or `None` when the time is up.
pub(super) async fn bury_unseen(deps: &Deps, cursor: &Cursor, deadline: Timestamp) -> Result<Option<u64>, WorkError> {
    bury(deps, cursor, cursor.walk.generation, deadline).await
}

/// Buries all that was read of a resource that is gone. Should it come back, it is read
/// from scratch.
pub(super) async fn bury_all(deps: &Deps, cursor: &mut Cursor, deadline: Timestamp) -> Result<(), WorkError> {
    bury(deps, cursor, cursor.walk.generation + 1, deadline).await?;
    cursor.walk.state = None;
    cursor.walk.full = false;
    Ok(())
}

async fn bury(deps: &Deps, cursor: &Cursor, generation: u64, deadline: Timestamp) -> Result<Option<u64>, WorkError> {
    let prefix = EntityId::prefix(cursor.integration_id, &cursor.resource);
    let (mut after, mut buried) = (None, 0);
    loop {
        if web::now() >= deadline {
            return Ok(None);
        }
        let (unseen, next) = deps.store.unseen_entities(cursor.owner, &prefix, generation, after).await?;
        let now = web::now();
        let tombstones = unseen.into_iter().map(|entity| {
            let stamp = Stamp { generation, version: entity.stamp.version, epoch: cursor.epoch };
            (entity.buried(stamp, now), None)
        });
        buried += write(deps, cursor, tombstones, now).await?.deleted;
        match next {
            Some(_) => after = next,
            None => return Ok(Some(buried)),
        }
    }
}

async fn write(
    deps: &Deps,
    cursor: &Cursor,
    writes: impl Iterator<Item = (Entity, Option<Vec<u8>>)>,
    now: Timestamp,
) -> Result<Written, WorkError> {
    let counted = stream::iter(writes)
        .map(async |(entity, raw)| {
            let deleted = entity.deleted_at.is_some();
            let written = deps.store.put_entity(cursor.owner, entity, raw, now).await?;
            Ok::<_, WorkError>((written && !deleted, written && deleted))
        })
        .buffer_unordered(WRITES_AT_ONCE);
    let count = |sum: Written, (written, deleted)| {
        std::future::ready(Ok(Written {
            written: sum.written + u64::from(written),
            deleted: sum.deleted + u64::from(deleted),
        }))
    };
    counted.try_fold(Written::default(), count).await
}

fn distinct(ids: &[EntityId]) -> Vec<EntityId> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids.dedup();
    ids
}
