//! Asks a service about one thing, or does one thing there, right now.

use domain::integration::Connection;
use domain::{Entity, UserId, limits};
use jiff::Timestamp;
use serde_json::Value;

use crate::providers::{Action, Failure};
use crate::sync::{Access, ask};
use crate::{Deps, WorkError};

/// When everything was last read of the resource that the entity belongs to.
pub async fn synced_at(deps: &Deps, owner: UserId, entity: &Entity) -> Result<Option<Timestamp>, WorkError> {
    let cursors = deps.store.cursors(owner, entity.integration_id).await?;
    Ok(cursors.into_iter().find(|cursor| cursor.resource == entity.resource).and_then(|cursor| cursor.walk.synced_at))
}

/// What the service says of the entity.
pub async fn look(deps: &Deps, owner: UserId, entity: &Entity) -> Result<Value, WorkError> {
    let integration = deps.store.integration(owner, entity.integration_id).await?;
    let integration = integration.ok_or_else(|| Failure::reauth("the account is not connected"))?;
    let provider = deps.providers().await?.get(&integration.service);
    let provider = provider.ok_or_else(|| Failure::bug("this deployment does not know the service"))?;
    let raw = deps.store.raw(entity).await?.and_then(|raw| serde_json::from_slice(&raw).ok()).unwrap_or_default();
    let mut access = Access::open(deps, provider, &integration).await?;
    ask!(access, |call| provider.look(call, entity, &raw))
}

/// Does it, in the name of the account that is connected; what the service says of it.
pub async fn act(deps: &Deps, owner: UserId, action: &Action) -> Result<Value, WorkError> {
    let (integrations, _) = deps.store.integrations(owner, None, limits::PAGE_MAX).await?;
    let fits = |known: &domain::Integration| {
        known.connection == Connection::Connected && known.service.as_str() == action.service()
    };
    let integration = integrations.into_iter().find(fits);
    let integration =
        integration.ok_or_else(|| Failure::reauth(format!("No {} account is connected", action.service())))?;
    let provider = deps.providers().await?.get(&integration.service);
    let provider = provider.ok_or_else(|| Failure::bug("this deployment does not know the service"))?;
    let mut access = Access::open(deps, provider, &integration).await?;
    ask!(access, |call| provider.act(call, action))
}
