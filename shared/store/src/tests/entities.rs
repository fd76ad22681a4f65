//! Entities and the search index.

use super::*;
use domain::entity::Stamp;
use domain::search::Query;
use domain::{Entity, EntityId, IntegrationId, Kind, Service};

/// An issue of the resource `r`, changed at second `version`.
pub(super) fn entity(integration_id: IntegrationId, external_id: &str, version: u64) -> Entity {
    Entity {
        id: EntityId::of(integration_id, "r", "issue", external_id),
        integration_id,
        provider: Service::new("toy"),
        resource: "r".into(),
        kind: Kind::new("issue"),
        external_id: external_id.into(),
        title: format!("title {external_id}"),
        body: String::new(),
        url: None,
        author: None,
        people: Vec::new(),
        labels: Vec::new(),
        state: Some("open".into()),
        starts_at: None,
        ends_at: None,
        created_at: at(0),
        updated_at: at(i64::try_from(version).unwrap()),
        deleted_at: None,
        stamp: Stamp { generation: 1, version, epoch: 1 },
        fingerprint: version.to_string(),
        raw: None,
    }
}

struct World {
    store: Store,
    owner: UserId,
    integration: IntegrationId,
}

impl World {
    async fn new() -> Self {
        Self { store: store().await, owner: UserId::mint(at(0)), integration: IntegrationId::mint(at(0)) }
    }

    async fn put(&self, entity: Entity) {
        self.store.index_entities(self.owner, [&entity], at(0)).await.unwrap();
        assert!(self.store.put_entity(self.owner, entity, Some(b"{}".to_vec()), at(0)).await.unwrap());
    }

    async fn fill(&self, count: u64) {
        for number in 0..count {
            let mut entity = entity(self.integration, &number.to_string(), number);
            entity.state = Some(if number % 3 == 0 { "closed" } else { "open" }.into());
            if number % 2 == 0 {
                entity.kind = Kind::new("pull_request");
            }
            self.put(entity).await;
        }
    }

    /// Every page of a list; the titles' numbers.
    async fn listed(&self, filter: &EntityFilter, limit: u32) -> Vec<u64> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let (page, next) = self.store.entities(self.owner, filter, after, limit).await.unwrap();
            assert!(page.len() <= limit as usize);
            all.extend(page.iter().map(number));
            match next {
                Some(_) => after = next,
                None => return all,
            }
        }
    }

    async fn found(&self, text: &str, limit: u32) -> Vec<u64> {
        let (mut all, mut after) = (Vec::new(), None);
        let query = Query::new(text, None, None, None);
        loop {
            let (page, next) = self.store.search(self.owner, &query, None, None, after, limit).await.unwrap();
            all.extend(page.iter().map(number));
            match next {
                Some(_) => after = next,
                None => return all,
            }
        }
    }
}

fn number(entity: &Entity) -> u64 {
    entity.external_id.parse().unwrap()
}

fn kinds() -> Vec<Kind> {
    vec![Kind::new("issue"), Kind::new("pull_request"), Kind::new("event")]
}

#[tokio::test]
async fn pages_of_all_kinds_cover_every_entity_once_newest_first() {
    let world = World::new().await;
    world.fill(23).await;
    let all: Vec<u64> = (0..23).rev().collect();
    for limit in [1, 2, 5, 22, 23, 24, 100] {
        assert_eq!(world.listed(&EntityFilter { kinds: kinds(), ..Default::default() }, limit).await, all, "{limit}");
    }
    let issues = EntityFilter { kinds: vec![Kind::new("issue")], ..Default::default() };
    assert_eq!(world.listed(&issues, 4).await, (0..23).rev().filter(|n| n % 2 == 1).collect::<Vec<_>>());
    let others = world.store.entities(UserId::mint(at(0)), &issues, None, 10).await.unwrap();
    assert_eq!(others, (Vec::new(), None));
}

#[tokio::test]
async fn filters_are_those_of_the_entities_themselves() {
    let world = World::new().await;
    world.fill(12).await;
    let filter = EntityFilter {
        kinds: kinds(),
        state: Some("closed".into()),
        from: Some(at(3)),
        until: Some(at(9)),
        provider: Some(Service::new("toy")),
    };
    assert_eq!(world.listed(&filter, 1).await, [6, 3]);
    let other = EntityFilter { provider: Some(Service::new("other")), ..filter };
    assert_eq!(world.listed(&other, 10).await, [0; 0]);
}

#[tokio::test]
async fn a_deleted_entity_is_neither_listed_nor_found_nor_shown_and_its_payload_is_gone() {
    let world = World::new().await;
    let gone = entity(world.integration, "1", 1);
    world.put(gone.clone()).await;
    let stored = world.store.entity(world.owner, gone.id).await.unwrap().unwrap();
    assert_eq!(world.store.raw(&stored).await.unwrap(), Some(b"{}".to_vec()));
    let tombstone = gone.clone().buried(Stamp { version: 2, ..gone.stamp }, at(5));
    assert!(world.store.put_entity(world.owner, tombstone, None, at(5)).await.unwrap());
    assert_eq!(world.store.raw(&stored).await.unwrap(), None);
    assert_eq!(world.store.entity(world.owner, gone.id).await.unwrap(), None);
    assert_eq!(world.listed(&EntityFilter { kinds: kinds(), ..Default::default() }, 10).await, [0; 0]);
    assert_eq!(world.found("title", 10).await, [0; 0]);
}

#[tokio::test]
async fn a_late_write_leaves_the_newer_entity_and_its_payload() {
    let world = World::new().await;
    let new = entity(world.integration, "1", 2);
    assert!(world.store.put_entity(world.owner, new.clone(), Some(b"new".to_vec()), at(0)).await.unwrap());
    let late = entity(world.integration, "1", 1);
    assert!(!world.store.put_entity(world.owner, late, Some(b"late".to_vec()), at(0)).await.unwrap());
    let stored = world.store.entity(world.owner, new.id).await.unwrap().unwrap();
    assert_eq!(world.store.raw(&stored).await.unwrap(), Some(b"new".to_vec()));
}

#[tokio::test]
async fn a_search_finds_entities_as_they_are_now() {
    let world = World::new().await;
    world.fill(20).await;
    let mut changed = entity(world.integration, "7", 100);
    changed.title = "other words".into();
    world.put(changed).await;
    assert_eq!(world.found("other wor", 3).await, [7]);
    let expected: Vec<u64> = (0..20).rev().filter(|n| *n != 7).collect();
    assert_eq!(world.found("title", 3).await, expected);
    while world.store.tidy_index(world.owner, at(0)).await.unwrap() {}
    assert!(world.store.indexed_rows(world.owner).await.unwrap() <= 21);
    assert_eq!(world.found("title", 4).await, expected);
    assert_eq!(world.found("title 19", 4).await, [19]);
}

#[tokio::test]
async fn what_no_later_generation_saw_is_found_by_its_resource() {
    let world = World::new().await;
    for (external_id, generation) in [("1", 1), ("2", 2), ("3", 1)] {
        let mut entity = entity(world.integration, external_id, 1);
        entity.stamp.generation = generation;
        world.put(entity).await;
    }
    let prefix = EntityId::prefix(world.integration, "r");
    let (unseen, next) = world.store.unseen_entities(world.owner, &prefix, 2, None).await.unwrap();
    let mut unseen: Vec<u64> = unseen.iter().map(number).collect();
    unseen.sort_unstable();
    assert_eq!((unseen, next), (vec![1, 3], None));
    let other = EntityId::prefix(world.integration, "other");
    assert_eq!(world.store.unseen_entities(world.owner, &other, 2, None).await.unwrap().0, []);
    world.store.forget_indexed(world.owner, std::slice::from_ref(&prefix), at(0)).await.unwrap();
    while world.store.delete_entities(world.owner, &prefix).await.unwrap() {}
    assert_eq!(world.listed(&EntityFilter { kinds: kinds(), ..Default::default() }, 10).await, [0; 0]);
    assert_eq!(world.store.indexed_rows(world.owner).await.unwrap(), 0);
}
