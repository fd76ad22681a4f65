//! Whom a webhook concerns, and which ones were carried out.

use domain::{IntegrationId, Service, TokenHash, UserId, limits};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::item::{Result, from_item, n, to_item, ttl};
use crate::{Store, keys};

/// A resource that webhooks under a route speak of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookTarget {
    pub owner: UserId,
    pub integration_id: IntegrationId,
    pub resource: String,
    /// Of the secret that its webhooks have to show, if they do.
    #[serde(default)]
    pub proof: Option<TokenHash>,
}

impl Store {
    pub async fn put_hook(&self, service: &Service, route: &str, target: &HookTarget) -> Result<()> {
        let key = keys::hook(service, route, target.integration_id, &target.resource);
        self.put(to_item(key, target)?).await
    }

    /// Everyone whom webhooks under this route concern: tenants may share a repository.
    pub async fn hooks(&self, service: &Service, route: &str) -> Result<Vec<HookTarget>> {
        let items = self.all_with_prefix(keys::hook_partition(service, route), "int_").await?;
        items.into_iter().map(from_item).collect()
    }

    pub async fn delete_hook(
        &self,
        service: &Service,
        route: &str,
        integration: IntegrationId,
        resource: &str,
    ) -> Result<()> {
        self.delete(keys::hook(service, route, integration, resource)).await
    }

    /// Whether this delivery was carried out.
    pub async fn delivered(&self, service: &Service, id: &str) -> Result<bool> {
        Ok(self.get::<serde::de::IgnoredAny>(keys::delivery(service, id)).await?.is_some())
    }

    /// Notes that a delivery was carried out, so that a repeat is not.
    pub async fn put_delivered(&self, service: &Service, id: &str, now: Timestamp) -> Result<()> {
        let mut item = keys::delivery(service, id).into_map();
        item.insert("ttl".into(), n(ttl(now, SignedDuration::from_hours(limits::DELIVERY_TTL_HOURS))));
        self.put(item).await
    }
}
