//! Entities: one item each under its owner, listed by kind and time through a sparse index.
//!
//! A tombstone is not in the index. The index tells ids only; what is shown is read from
//! the items themselves, so that it is never older than they are.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::{Entity, EntityId, Kind, Service, UserId, limits};
use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::conditions::Condition;
use crate::item::{Error, Item, Result, from_item, n, s, service, to_item, ttl};
use crate::{Store, keys};

/// Items that one BatchGetItem takes.
const BATCH_MAX: usize = 100;

/// Which entities are asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntityFilter {
    pub kinds: Vec<Kind>,
    pub provider: Option<Service>,
    pub state: Option<String>,
    /// Listed at this time or later.
    pub from: Option<Timestamp>,
    /// Listed before this time.
    pub until: Option<Timestamp>,
}

impl EntityFilter {
    fn holds(&self, entity: &Entity) -> bool {
        let at = entity.listed_at();
        entity.deleted_at.is_none()
            && self.kinds.contains(&entity.kind)
            && self.provider.as_ref().is_none_or(|provider| *provider == entity.provider)
            && (self.state.is_none() || self.state == entity.state)
            && self.from.is_none_or(|from| at >= from)
            && self.until.is_none_or(|until| at < until)
    }
}

/// A place in a list of entities, newest first; as text `<milliseconds>.<id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntityPosition {
    pub listed_ms: i64,
    pub id: EntityId,
}

impl EntityPosition {
    pub fn of(entity: &Entity) -> Self {
        Self { listed_ms: entity.listed_at().as_millisecond(), id: entity.id }
    }
}

impl std::fmt::Display for EntityPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.listed_ms, self.id)
    }
}

impl std::str::FromStr for EntityPosition {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let (ms, id) = text.split_once('.').ok_or(())?;
        Ok(Self { listed_ms: ms.parse().map_err(|_| ())?, id: id.parse().map_err(|_| ())? })
    }
}

/// An entity as it lies in the table: what conditions and filters look at stands outside.
#[derive(Serialize, Deserialize)]
struct EntityItem {
    /// JSON.
    doc: String,
    generation: u64,
    version: u64,
    epoch: u64,
    deleted: bool,
    provider: Service,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entity_state: Option<String>,
}

fn entity(item: Item) -> Result<Entity> {
    serde_json::from_str(&from_item::<EntityItem>(item)?.doc).map_err(Error::malformed)
}

fn item(owner: UserId, entity: &Entity, now: Timestamp) -> Result<Item> {
    let deleted = entity.deleted_at.is_some();
    let mut item = to_item(
        keys::entity(owner, entity.id),
        &EntityItem {
            doc: serde_json::to_string(entity).map_err(Error::malformed)?,
            generation: entity.stamp.generation,
            version: entity.stamp.version,
            epoch: entity.stamp.epoch,
            deleted,
            provider: entity.provider.clone(),
            entity_state: entity.state.clone(),
        },
    )?;
    if deleted {
        let kept = SignedDuration::from_hours(24 * limits::TOMBSTONE_TTL_DAYS);
        item.insert("ttl".into(), n(ttl(now, kept)));
    } else {
        let listed = entity.listed_at().as_millisecond();
        item.insert(keys::KIND_PK.into(), s(keys::kind_partition(owner, &entity.kind)));
        item.insert(keys::KIND_SK.into(), s(keys::kind_sort(listed, entity.id)));
    }
    Ok(item)
}

impl Store {
    /// Writes an entity unless a newer one is stored; whether it did. `raw` is what the
    /// service sent: it is put into the bucket first, so that it is there when the item is.
    pub async fn put_entity(
        &self,
        owner: UserId,
        mut entity: Entity,
        raw: Option<Vec<u8>>,
        now: Timestamp,
    ) -> Result<bool> {
        let fresh = match raw {
            Some(raw) => {
                let key = keys::raw_object(owner, entity.id, entity.stamp);
                self.write_object(&key, "application/json", raw).await?;
                entity.raw = Some(key.clone());
                Some(key)
            }
            None => None,
        };
        let stamp = entity.stamp;
        let values = [(":generation", n(stamp.generation)), (":version", n(stamp.version)), (":epoch", n(stamp.epoch))];
        let put = self.put_if(item(owner, &entity, now)?, Condition::EntityNotNewer, &values).await?;
        let unused = match &put {
            Some(replaced) => {
                let replaced = replaced.clone().map(self::entity).transpose()?;
                replaced.and_then(|replaced| replaced.raw).filter(|raw| Some(raw) != entity.raw.as_ref())
            }
            None => fresh,
        };
        if let Some(unused) = unused {
            self.delete_object(&unused).await?;
        }
        Ok(put.is_some())
    }

    /// The owner's entity of this id; `None` when it was deleted.
    pub async fn entity(&self, owner: UserId, id: EntityId) -> Result<Option<Entity>> {
        Ok(self.entities_by_id(owner, &[id]).await?.remove(&id).filter(|entity| entity.deleted_at.is_none()))
    }

    /// What the service sent of an entity, as JSON.
    pub async fn raw(&self, entity: &Entity) -> Result<Option<Vec<u8>>> {
        match &entity.raw {
            Some(key) => self.find_object(key).await,
            None => Ok(None),
        }
    }

    /// The owner's entities of these ids, tombstones too.
    pub async fn entities_by_id(&self, owner: UserId, ids: &[EntityId]) -> Result<HashMap<EntityId, Entity>> {
        let mut found = HashMap::new();
        for ids in ids.chunks(BATCH_MAX) {
            let keys = ids.iter().map(|id| keys::entity(owner, *id).into_map()).collect();
            for item in self.batch_get(keys).await? {
                let entity = entity(item)?;
                found.insert(entity.id, entity);
            }
        }
        Ok(found)
    }

    pub(crate) async fn batch_get(&self, keys: Vec<HashMap<String, AttributeValue>>) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        let mut wanted = Some(keys);
        let mut attempts = 0;
        while let Some(keys) = wanted.take() {
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            let keys = keys.map_err(Error::malformed)?;
            let got = self.db.batch_get_item().request_items(&self.table, keys).send().await;
            let got = got.map_err(service("BatchGetItem"))?;
            items.extend(got.responses.into_iter().flatten().flat_map(|(_, items)| items));
            // An answer holds 16 MB at most; the rest is asked for again.
            wanted = got.unprocessed_keys.and_then(|mut rest| rest.remove(&self.table)).map(|rest| rest.keys);
            attempts += 1;
            if wanted.is_some() && attempts > limits::RACE_RETRIES_MAX {
                return Err(Error::Throttled);
            }
        }
        Ok(items)
    }

    /// Entities, newest first, from behind `after`, and where the next page begins. A page
    /// may be short, even empty, when a filter lets few pass.
    pub async fn entities(
        &self,
        owner: UserId,
        filter: &EntityFilter,
        after: Option<EntityPosition>,
        limit: u32,
    ) -> Result<(Vec<Entity>, Option<EntityPosition>)> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let lists = filter.kinds.iter().map(|kind| self.list_kind(owner, kind, filter, after, limit));
        let lists = try_join_all(lists).await?;
        // A list that goes on says nothing of what comes behind its end.
        let end = lists.iter().filter_map(|(_, end)| *end).max();
        let mut positions: Vec<EntityPosition> = lists.into_iter().flat_map(|(positions, _)| positions).collect();
        positions.retain(|position| end.is_none_or(|end| *position >= end));
        positions.sort_by(|a, b| b.cmp(a));
        let next = if positions.len() > limit { Some(positions[limit - 1]) } else { end };
        positions.truncate(limit);
        let ids: Vec<EntityId> = positions.iter().map(|position| position.id).collect();
        let mut found = self.entities_by_id(owner, &ids).await?;
        let entities = ids.iter().filter_map(|id| found.remove(id)).filter(|entity| filter.holds(entity));
        Ok((entities.collect(), next))
    }

    /// Positions of one kind, newest first; where they stop, unless the list is at its end.
    async fn list_kind(
        &self,
        owner: UserId,
        kind: &Kind,
        filter: &EntityFilter,
        after: Option<EntityPosition>,
        limit: usize,
    ) -> Result<(Vec<EntityPosition>, Option<EntityPosition>)> {
        let from = filter.from.map_or(i64::MIN, Timestamp::as_millisecond);
        let mut to = match filter.until {
            Some(until) => keys::kind_time(until.as_millisecond()),
            None => keys::kind_time(i64::MAX),
        };
        if let Some(after) = after {
            // BETWEEN includes its ends; the position itself is left out below.
            to = to.min(keys::kind_sort(after.listed_ms, after.id));
        }
        let low = keys::kind_time(from);
        if low > to {
            return Ok((Vec::new(), None));
        }
        let filtered = filter.provider.is_some() || filter.state.is_some();
        let page_size = if filtered { limits::ENTITY_READS_MAX / 4 } else { limit + 2 };
        let mut positions = Vec::new();
        let (mut start, mut read) = (None, 0);
        loop {
            let mut query = self
                .db
                .query()
                .table_name(&self.table)
                .index_name(keys::BY_KIND)
                .key_condition_expression("kind_pk = :pk AND kind_sk BETWEEN :low AND :high")
                .expression_attribute_values(":pk", s(keys::kind_partition(owner, kind)))
                .expression_attribute_values(":low", s(&low))
                .expression_attribute_values(":high", s(&to))
                .set_exclusive_start_key(start)
                .scan_index_forward(false)
                .limit(i32::try_from(page_size).unwrap_or(i32::MAX));
            let mut conditions = Vec::new();
            if let Some(provider) = &filter.provider {
                conditions.push("provider = :provider");
                query = query.expression_attribute_values(":provider", s(provider.as_str()));
            }
            if let Some(state) = &filter.state {
                conditions.push("entity_state = :state");
                query = query.expression_attribute_values(":state", s(state));
            }
            if !conditions.is_empty() {
                query = query.filter_expression(conditions.join(" AND "));
            }
            let page = query.send().await.map_err(service("Query"))?;
            read += usize::try_from(page.scanned_count).unwrap_or(0);
            let found = page.items.unwrap_or_default().into_iter().map(|item| position(&item));
            for position in found {
                positions.extend(Some(position?).filter(|position| after.is_none_or(|after| *position < after)));
            }
            start = page.last_evaluated_key;
            let Some(last) = &start else { return Ok((positions, None)) };
            if positions.len() > limit || read >= limits::ENTITY_READS_MAX {
                return Ok((positions, Some(position(last)?)));
            }
        }
    }

    /// Entities of a resource that no synchronisation from `generation` on has seen, a page
    /// of them, and where the next begins. `prefix` is that of their ids.
    pub async fn unseen_entities(
        &self,
        owner: UserId,
        prefix: &str,
        generation: u64,
        after: Option<EntityId>,
    ) -> Result<(Vec<Entity>, Option<EntityId>)> {
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .filter_expression("generation < :generation AND deleted = :no")
            .expression_attribute_values(":pk", s(keys::entity_partition(owner)))
            .expression_attribute_values(":prefix", s(prefix))
            .expression_attribute_values(":generation", n(generation))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .set_exclusive_start_key(after.map(|id| keys::entity(owner, id).into_map()))
            .consistent_read(true)
            .send()
            .await
            .map_err(service("Query"))?;
        let next = page.last_evaluated_key.as_ref().map(id).transpose()?;
        Ok((page.items.unwrap_or_default().into_iter().map(entity).collect::<Result<_>>()?, next))
    }

    /// Deletes some of a resource's entities for good, payloads first; whether there are more.
    pub async fn delete_entities(&self, owner: UserId, prefix: &str) -> Result<bool> {
        let (items, more) =
            self.page_with_prefix(keys::entity_partition(owner), prefix, None, limits::PAGE_MAX).await?;
        try_join_all(items.into_iter().map(async |item| {
            let entity = entity(item)?;
            if let Some(raw) = &entity.raw {
                self.delete_object(raw).await?;
            }
            self.delete(keys::entity(owner, entity.id)).await
        }))
        .await?;
        Ok(more)
    }
}

fn id(item: &Item) -> Result<EntityId> {
    let id = item.get("sk").and_then(|sk| sk.as_s().ok()).and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::malformed("an entity's key is not its id"))
}

fn position(item: &Item) -> Result<EntityPosition> {
    let sort = item.get(keys::KIND_SK).and_then(|sort| sort.as_s().ok());
    let parsed = sort.and_then(|sort| {
        let (time, id) = sort.split_once('#')?;
        Some(EntityPosition { listed_ms: keys::time_of_kind(time)?, id: id.parse().ok()? })
    });
    parsed.ok_or_else(|| Error::malformed("the index by kind has another form"))
}
