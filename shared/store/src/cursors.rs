//! Cursors: one item for each resource of an integration.
//!
//! Three write to it, each its own attributes: whoever plans says what there is, anyone
//! asks, and the worker that holds the lease writes how far it is.

use domain::sync::Cursor;
use domain::{Epoch, IntegrationId, UserId, limits};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::conditions::Condition;
use crate::item::{Error, Item, Result, from_item, n, s};
use crate::{Store, keys};

/// A resource as the provider lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedResource {
    pub resource: String,
    pub name: String,
    pub params: Value,
    /// Keys under which webhooks speak of it.
    pub routes: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct CursorItem {
    user_id: UserId,
    integration_id: IntegrationId,
    resource_key: String,
    resource_name: String,
    /// JSON.
    params: String,
    #[serde(default)]
    hook_routes: Vec<String>,
    #[serde(default)]
    removed: bool,
    #[serde(default)]
    asked: u64,
    #[serde(default)]
    epoch: Epoch,
    #[serde(default)]
    lease_ms: Option<i64>,
    /// JSON.
    #[serde(default)]
    walk: Option<String>,
    /// JSON: the provider's subscription to changes of the resource.
    #[serde(default)]
    subscription: Option<String>,
}

impl CursorItem {
    fn cursor(self) -> Result<Cursor> {
        Ok(Cursor {
            owner: self.user_id,
            integration_id: self.integration_id,
            resource: self.resource_key,
            name: self.resource_name,
            params: serde_json::from_str(&self.params).map_err(Error::malformed)?,
            routes: self.hook_routes,
            subscription: self
                .subscription
                .as_deref()
                .map(serde_json::from_str)
                .transpose()
                .map_err(Error::malformed)?,
            removed: self.removed,
            asked: self.asked,
            epoch: self.epoch,
            lease_until: self.lease_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            walk: self
                .walk
                .as_deref()
                .map(serde_json::from_str)
                .transpose()
                .map_err(Error::malformed)?
                .unwrap_or_default(),
        })
    }
}

fn cursor(item: Item) -> Result<Cursor> {
    from_item::<CursorItem>(item)?.cursor()
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::malformed)
}

fn lease(now: Timestamp) -> i64 {
    (now + SignedDuration::from_secs(limits::SYNC_LEASE_SECONDS)).as_millisecond()
}

impl Store {
    /// Notes that a resource is to be synchronised, and asks for it.
    pub async fn plan_cursor(
        &self,
        owner: UserId,
        integration: IntegrationId,
        planned: &PlannedResource,
    ) -> Result<Cursor> {
        let routes = serde_dynamo::to_attribute_value(&planned.routes).map_err(Error::malformed)?;
        let values = [
            (":owner", s(owner.to_string())),
            (":integration", s(integration.to_string())),
            (":resource", s(&planned.resource)),
            (":name", s(&planned.name)),
            (":params", s(json(&planned.params)?)),
            (":routes", routes),
            (":one", n(1)),
        ];
        let set = "SET user_id = :owner, integration_id = :integration, resource_key = :resource, \
                   resource_name = :name, params = :params, hook_routes = :routes REMOVE removed ADD asked :one";
        cursor(self.update(keys::cursor(owner, integration, &planned.resource), set, &values).await?)
    }

    /// Asks for a synchronisation; `None` when the resource is no longer synchronised.
    pub async fn ask_cursor(
        &self,
        owner: UserId,
        integration: IntegrationId,
        resource: &str,
    ) -> Result<Option<Cursor>> {
        let key = keys::cursor(owner, integration, resource);
        let asked = self.update_if(key, "ADD asked :one", Condition::CursorThere, &[(":one", n(1))]).await?;
        asked.map(cursor).transpose()
    }

    /// Notes that a resource is no longer wanted: its worker deletes what was read of it.
    pub async fn remove_cursor(&self, owner: UserId, integration: IntegrationId, resource: &str) -> Result<()> {
        let key = keys::cursor(owner, integration, resource);
        let values = [(":one", n(1)), (":removed", aws_sdk_dynamodb::types::AttributeValue::Bool(true))];
        let set = "SET removed = :removed ADD asked :one";
        self.update_if(key, set, Condition::CursorThere, &values).await.map(drop)
    }

    pub async fn cursor(&self, owner: UserId, integration: IntegrationId, resource: &str) -> Result<Option<Cursor>> {
        let item: Option<CursorItem> = self.get(keys::cursor(owner, integration, resource)).await?;
        item.map(CursorItem::cursor).transpose()
    }

    /// All cursors of an integration.
    pub async fn cursors(&self, owner: UserId, integration: IntegrationId) -> Result<Vec<Cursor>> {
        let partition = keys::integration_partition(owner, integration);
        self.all_with_prefix(partition, keys::CURSOR_PREFIX).await?.into_iter().map(cursor).collect()
    }

    /// Takes the lease: `None` while another worker has it, or when the cursor is gone. The
    /// epoch that comes with it fences whoever had it before.
    pub async fn take_cursor(
        &self,
        owner: UserId,
        integration: IntegrationId,
        resource: &str,
        now: Timestamp,
    ) -> Result<Option<Cursor>> {
        let values = [(":now", n(now.as_millisecond())), (":lease", n(lease(now))), (":one", n(1))];
        let key = keys::cursor(owner, integration, resource);
        let taken = self.update_if(key, "SET lease_ms = :lease ADD epoch :one", Condition::CursorFree, &values).await?;
        taken.map(cursor).transpose()
    }

    /// Writes how far it is and keeps the lease; false when another worker has taken over.
    pub async fn commit_cursor(&self, cursor: &Cursor, now: Timestamp) -> Result<bool> {
        let values = [(":epoch", n(cursor.epoch)), (":walk", s(json(&cursor.walk)?)), (":lease", n(lease(now)))];
        let key = keys::cursor(cursor.owner, cursor.integration_id, &cursor.resource);
        let set = "SET walk = :walk, lease_ms = :lease";
        Ok(self.update_if(key, set, Condition::CursorHeld, &values).await?.is_some())
    }

    /// Writes how far it is and gives the lease back; the cursor as it is then, or `None`
    /// when another worker has taken over.
    pub async fn release_cursor(&self, held: &Cursor) -> Result<Option<Cursor>> {
        let values = [(":epoch", n(held.epoch)), (":walk", s(json(&held.walk)?))];
        let key = keys::cursor(held.owner, held.integration_id, &held.resource);
        let released = self.update_if(key, "SET walk = :walk REMOVE lease_ms", Condition::CursorHeld, &values).await?;
        released.map(cursor).transpose()
    }

    /// Deletes a cursor whose data is deleted; false when another worker has taken over.
    pub async fn delete_cursor(&self, held: &Cursor) -> Result<bool> {
        let key = keys::cursor(held.owner, held.integration_id, &held.resource);
        self.delete_if(key, Condition::CursorHeld, &[(":epoch", n(held.epoch))]).await
    }

    /// Notes by what the service tells us of changes.
    pub async fn put_subscription(&self, of: &Cursor, subscription: &Value) -> Result<()> {
        let key = keys::cursor(of.owner, of.integration_id, &of.resource);
        let values = [(":subscription", s(json(subscription)?))];
        self.update_if(key, "SET subscription = :subscription", Condition::CursorThere, &values).await.map(drop)
    }
}
