//! Deletes what was read of a resource, or of a whole integration that its owner took back.
//!
//! Each step may be repeated, and the integration itself goes last: whatever dies on the
//! way, the next event or the schedule finds it and goes on.

use domain::integration::{Connection, ErrorClass};
use domain::sync::Cursor;
use domain::{EntityId, Integration, limits};
use jiff::{SignedDuration, Timestamp};
use wire::bus::{DisconnectRequested, SyncRequested};

use super::{Access, ask, plan};
use crate::error::chain;
use crate::providers::{Provider, Subscription};
use crate::{Deps, WorkError};

/// Takes a disconnected integration back at the service, and deletes all its data.
pub(super) async fn carry_out(deps: &Deps, request: DisconnectRequested, now: Timestamp) -> Result<(), WorkError> {
    let (owner, id) = (request.user_id, request.integration_id);
    let Some(integration) = deps.store.integration(owner, id).await? else { return Ok(()) };
    if integration.connection != Connection::Disconnecting {
        return Ok(());
    }
    let deadline = now + SignedDuration::from_secs(limits::SYNC_BUDGET_SECONDS);
    let cursors = deps.store.cursors(owner, id).await?;
    let providers = deps.providers().await?;
    if let Some(provider) = providers.get(&integration.service) {
        withdraw(deps, provider, &integration, &cursors).await?;
    }
    deps.store.delete_credentials(owner, id).await?;
    if let Some(account) = &integration.account {
        let route = plan::account_route(&account.id);
        deps.store.delete_hook(&integration.service, &route, id, "").await?;
    }
    let mut held = Vec::new();
    for cursor in cursors {
        // One that is held: its worker finds the integration gone, and its lease lapses.
        let Some(cursor) = deps.store.take_cursor(owner, id, &cursor.resource, web::now()).await? else {
            return later(deps, &integration, web::now()).await;
        };
        held.push(cursor);
    }
    let prefixes: Vec<String> = held.iter().map(|cursor| EntityId::prefix(id, &cursor.resource)).collect();
    deps.store.forget_indexed(owner, &prefixes, now).await?;
    for cursor in held {
        if !delete_data(deps, &integration, &cursor, deadline).await? {
            deps.store.release_cursor(&cursor).await?;
            return Ok(deps.outbox.disconnect(request).await?);
        }
        deps.store.delete_cursor(&cursor).await?;
    }
    deps.store.delete_runs(owner, id).await?;
    deps.store.delete_integration(&integration).await?;
    tracing::info!(integration.id = %id, "an integration was disconnected");
    Ok(())
}

async fn later(deps: &Deps, integration: &Integration, now: Timestamp) -> Result<(), WorkError> {
    let lapse = now + SignedDuration::from_secs(limits::SYNC_LEASE_SECONDS);
    Ok(deps.store.hasten_due(integration.id, lapse).await?)
}

/// Ends the subscriptions and takes the grant back. A service that does not answer is
/// asked again; one that refuses does not keep the user's data with us.
async fn withdraw(
    deps: &Deps,
    provider: &dyn Provider,
    integration: &Integration,
    cursors: &[Cursor],
) -> Result<(), WorkError> {
    if deps.store.credentials(integration.owner, integration.id).await?.is_none() {
        return Ok(());
    }
    for cursor in cursors {
        if let Some(subscription) = subscription(cursor) {
            plan::end_subscription(deps, provider, integration, &cursor.resource, &subscription).await?;
        }
    }
    if is_shared(deps, provider, integration).await? {
        return Ok(());
    }
    let revoked = match Access::open(deps, provider, integration).await {
        Ok(mut access) => ask!(access, |call| provider.revoke(call.credentials)),
        Err(error) => Err(error),
    };
    match revoked {
        Err(error) if matches!(error.class(), None | Some(ErrorClass::Retry | ErrorClass::WaitUntil(_))) => Err(error),
        Err(error) => {
            tracing::warn!(integration.id = %integration.id, error = chain(&error), "a grant was not revoked");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Whether another integration of the owner lives on the same grant.
async fn is_shared(deps: &Deps, provider: &dyn Provider, integration: &Integration) -> Result<bool, WorkError> {
    let providers = deps.providers().await?;
    let all = deps.store.all_integrations(integration.owner).await?;
    let shares = |other: &&Integration| {
        other.id != integration.id
            && other.connection == Connection::Connected
            && other.account.as_ref().map(|account| &account.id) == integration.account.as_ref().map(|a| &a.id)
            && providers.get(&other.service).is_some_and(|service| service.family() == provider.family())
    };
    Ok(all.iter().any(|other| shares(&other)))
}

fn subscription(cursor: &Cursor) -> Option<Subscription> {
    cursor.subscription.clone().and_then(|subscription| serde_json::from_value(subscription).ok())
}

/// Deletes a resource that is no longer synchronised, under the lease of `cursor`.
pub(super) async fn remove_resource(
    deps: &Deps,
    provider: &dyn Provider,
    integration: &Integration,
    cursor: Cursor,
    request: SyncRequested,
    started: Timestamp,
) -> Result<(), WorkError> {
    let deadline = started + SignedDuration::from_secs(limits::SYNC_BUDGET_SECONDS);
    if let Some(subscription) = subscription(&cursor) {
        plan::end_subscription(deps, provider, integration, &cursor.resource, &subscription).await?;
    }
    let prefix = EntityId::prefix(integration.id, &cursor.resource);
    deps.store.forget_indexed(cursor.owner, &[prefix], started).await?;
    if delete_data(deps, integration, &cursor, deadline).await? {
        deps.store.delete_cursor(&cursor).await?;
        return Ok(());
    }
    deps.store.release_cursor(&cursor).await?;
    Ok(deps.outbox.sync(&[request]).await?)
}

/// Deletes hooks and entities; false when the time is up.
async fn delete_data(
    deps: &Deps,
    integration: &Integration,
    cursor: &Cursor,
    deadline: Timestamp,
) -> Result<bool, WorkError> {
    for route in &cursor.routes {
        deps.store.delete_hook(&integration.service, route, integration.id, &cursor.resource).await?;
    }
    let prefix = EntityId::prefix(integration.id, &cursor.resource);
    while deps.store.delete_entities(cursor.owner, &prefix).await? {
        if web::now() >= deadline {
            return Ok(false);
        }
    }
    Ok(true)
}
