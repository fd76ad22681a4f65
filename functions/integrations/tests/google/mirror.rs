//! What the engine does with pages, in memory: generations, cursors, entities.

use std::collections::BTreeMap;

use domain::entity::{Entity, Place, decide};
use domain::integration::{Config, ErrorClass};
use domain::{IntegrationId, Service};
use integrations::providers::{Call, Credentials, Failure, Grant, Provider, Resource, Subscription};
use jiff::Timestamp;
use serde_json::Value;

/// Pages of one run; more of them is a run without end.
const PAGES_MAX: usize = 200;

/// An integration, as far as a provider is concerned.
pub(crate) struct Mirror<'a> {
    provider: &'a dyn Provider,
    pub(crate) grant: Grant,
    pub(crate) config: Config,
    id: IntegrationId,
    cursors: BTreeMap<String, Cursor>,
    entities: BTreeMap<String, Entity>,
    /// Units that the pages were said to cost.
    pub(crate) units: u32,
}

#[derive(Default)]
struct Cursor {
    state: Option<Value>,
    params: Value,
    generation: u64,
    full: bool,
}

impl<'a> Mirror<'a> {
    pub(crate) fn new(provider: &'a dyn Provider, grant: Grant) -> Self {
        let config = provider.check_config(Config::new()).unwrap();
        let id = IntegrationId::mint(Timestamp::now());
        let (cursors, entities) = (BTreeMap::new(), BTreeMap::new());
        Self { provider, grant, config, id, cursors, entities, units: 0 }
    }

    pub(crate) fn configure(&mut self, config: Value) {
        self.config = self.provider.check_config(config.as_object().unwrap().clone()).unwrap();
    }

    pub(crate) fn call(&self) -> Call<'_> {
        Call {
            credentials: &self.grant.credentials,
            account: &self.grant.account,
            scopes: &self.grant.scopes,
            config: &self.config,
            webhook_url: "http://127.0.0.1:9/webhooks/google",
            now: Timestamp::now(),
        }
    }

    pub(crate) async fn resources(&self) -> Result<Vec<Resource>, Failure> {
        self.provider.resources(&self.call()).await
    }

    pub(crate) async fn renew(&mut self) -> Result<(), Failure> {
        let renewed: Credentials = self.provider.refresh(&self.grant.credentials).await?;
        self.grant.credentials = renewed;
        Ok(())
    }

    /// Synchronises everything; resources that are gone lose their entities.
    pub(crate) async fn sync(&mut self) -> Result<(), Failure> {
        let resources = self.resources().await?;
        let keys: Vec<_> = resources.iter().map(|resource| resource.key.clone()).collect();
        self.cursors.retain(|key, _| keys.contains(key));
        self.entities.retain(|_, entity| keys.contains(&entity.resource));
        for resource in resources {
            self.resource(&resource).await?;
        }
        Ok(())
    }

    async fn resource(&mut self, resource: &Resource) -> Result<(), Failure> {
        let mut cursor = self.cursors.remove(&resource.key).unwrap_or_default();
        if cursor.generation == 0 || cursor.params != resource.params {
            cursor.restart(resource);
        }
        let ended = self.walk(resource, &mut cursor).await;
        self.cursors.insert(resource.key.clone(), cursor);
        ended
    }

    async fn walk(&mut self, resource: &Resource, cursor: &mut Cursor) -> Result<(), Failure> {
        let mut resynced = false;
        for _ in 0..PAGES_MAX {
            let call = self.call();
            let page = match self.provider.sync_page(&call, resource, cursor.state.as_ref()).await {
                Err(failure) if failure.class == ErrorClass::Resync && !resynced => {
                    resynced = true;
                    cursor.restart(resource);
                    continue;
                }
                page => page?,
            };
            self.units += page.units;
            for change in &page.changes {
                self.apply(resource, change, cursor.generation);
            }
            cursor.state = Some(page.state);
            if page.done {
                if cursor.full {
                    let old = |entity: &Entity| {
                        entity.resource == resource.key && entity.stamp.generation < cursor.generation
                    };
                    self.entities.retain(|_, entity| !old(entity));
                    cursor.full = false;
                }
                return Ok(());
            }
        }
        panic!("the synchronisation does not end");
    }

    fn apply(&mut self, resource: &Resource, change: &domain::entity::Change, generation: u64) {
        let service: &Service = &self.provider.about().service;
        let place = Place { integration_id: self.id, provider: service, resource: &resource.key };
        let id = place.id(change).to_string();
        let stored = self.entities.get(&id);
        if let Some(entity) = decide(place, stored, change, generation, 1, Timestamp::now()) {
            self.entities.insert(id, entity);
        }
    }

    /// Entities of a kind that are there.
    pub(crate) fn all(&self, kind: &str) -> Vec<&Entity> {
        self.entities.values().filter(|entity| entity.kind.as_str() == kind && entity.deleted_at.is_none()).collect()
    }

    pub(crate) fn find(&self, kind: &str, external_id: &str) -> Option<&Entity> {
        self.all(kind).into_iter().find(|entity| entity.external_id == external_id)
    }

    /// A new subscription for the first resource, if one is due.
    pub(crate) async fn subscribe(&self, current: Option<&Subscription>, now: Timestamp) -> Option<Subscription> {
        let resource = self.resources().await.unwrap().remove(0);
        let call = Call { now, ..self.call() };
        self.provider.subscribe(&call, &resource, current).await.unwrap()
    }
}

impl Cursor {
    fn restart(&mut self, resource: &Resource) {
        *self = Self { state: None, params: resource.params.clone(), generation: self.generation + 1, full: true };
    }
}
