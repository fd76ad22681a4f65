//! Looks after an integration: lists its resources, asks for their synchronisation, and
//! has those run that wait for it.

use std::collections::BTreeSet;

use domain::integration::{Connection, ErrorClass, Problem};
use domain::sync::{Cursor, Reason, look, retry_at};
use domain::{Integration, TokenHash, limits};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use store::{HookTarget, PlannedResource};
use wire::bus::{DisconnectRequested, SyncRequested};

use super::{Access, ask, disconnect};
use crate::error::chain;
use crate::providers::{Provider, Resource, Subscription};
use crate::{Deps, WorkError, credentials};

/// Writes of a plan that are on their way at once.
const WRITES_AT_ONCE: usize = 16;

/// Looks after the integration of `request`; unless the schedule asks, everything is
/// synchronised, due or not.
pub(super) async fn look_after(deps: &Deps, request: SyncRequested, now: Timestamp) -> Result<(), WorkError> {
    let (owner, id) = (request.user_id, request.integration_id);
    let Some(integration) = deps.store.integration(owner, id).await? else { return Ok(()) };
    if integration.connection == Connection::Disconnecting {
        let request = DisconnectRequested { user_id: owner, integration_id: id };
        return disconnect::carry_out(deps, request, now).await;
    }
    let due = deps.store.due_integration(id).await?;
    let cursors = deps.store.cursors(owner, id).await?;
    let mut looked = look(&integration, &cursors, now);
    let asked = request.reason != Reason::Schedule && integration.connection == Connection::Connected;
    if looked.plan || asked {
        match plan(deps, &integration, cursors, now).await {
            Ok(resources) => looked.run = resources,
            Err(error) => {
                let Some(at) = fail(deps, &integration, &error, now).await? else { return Err(error) };
                looked.due_at = looked.due_at.min(at.max(now));
            }
        }
        let cursors = deps.store.cursors(owner, id).await?;
        looked.due_at = looked.due_at.min(look(&integration, &cursors, now).due_at);
    }
    if let Some(due) = due {
        deps.store.move_due(&due, looked.due_at).await?;
    }
    let requests: Vec<SyncRequested> =
        looked.run.into_iter().map(|resource| SyncRequested { resource: Some(resource), ..request.clone() }).collect();
    Ok(deps.outbox.sync(&requests).await?)
}

/// Lists the resources anew, and asks for all of them and for the removal of those that
/// are no longer there; what is to be run.
async fn plan(
    deps: &Deps,
    integration: &Integration,
    cursors: Vec<Cursor>,
    now: Timestamp,
) -> Result<Vec<String>, WorkError> {
    let providers = deps.providers().await?;
    let Some(provider) = providers.get(&integration.service) else { return Ok(Vec::new()) };
    credentials::reseal(deps, integration).await?;
    let mut access = Access::open(deps, provider, integration).await?;
    let resources = ask!(access, |call| provider.resources(call))?;
    put_account_hook(deps, integration).await?;
    stream::iter(&resources)
        .map(async |resource| plan_one(deps, provider, integration, resource, now).await)
        .buffer_unordered(WRITES_AT_ONCE)
        .try_collect::<Vec<()>>()
        .await?;
    let listed: BTreeSet<&str> = resources.iter().map(|resource| resource.key.as_str()).collect();
    let mut run: Vec<String> = resources.iter().map(|resource| resource.key.clone()).collect();
    for cursor in cursors.iter().filter(|cursor| !listed.contains(cursor.resource.as_str())) {
        deps.store.remove_cursor(cursor.owner, cursor.integration_id, &cursor.resource).await?;
        run.push(cursor.resource.clone());
    }
    change(deps, integration, |integration| integration.planned(now)).await?;
    Ok(run)
}

/// News that concern the account as a whole, such as a repository more, come under its id.
async fn put_account_hook(deps: &Deps, integration: &Integration) -> Result<(), WorkError> {
    let Some(account) = &integration.account else { return Ok(()) };
    let target =
        HookTarget { owner: integration.owner, integration_id: integration.id, resource: String::new(), proof: None };
    Ok(deps.store.put_hook(&integration.service, &account_route(&account.id), &target).await?)
}

pub(super) fn account_route(account: &str) -> String {
    format!("account:{account}")
}

async fn plan_one(
    deps: &Deps,
    provider: &dyn Provider,
    integration: &Integration,
    resource: &Resource,
    now: Timestamp,
) -> Result<(), WorkError> {
    let (owner, id) = (integration.owner, integration.id);
    let planned = PlannedResource {
        resource: resource.key.clone(),
        name: resource.name.clone(),
        params: resource.params.clone(),
        routes: resource.routes.clone(),
    };
    for route in &resource.routes {
        put_hook(deps, integration, &resource.key, route, None).await?;
    }
    let cursor = deps.store.plan_cursor(owner, id, &planned).await?;
    // Without a subscription the hour brings what the service does not tell.
    if let Err(error) = subscribe(deps, provider, integration, resource, &cursor, now).await {
        match error.class() {
            Some(ErrorClass::Reauth) | None => return Err(error),
            Some(_) => tracing::warn!(integration.id = %id, error = chain(&error), "a resource has no subscription"),
        }
    }
    Ok(())
}

/// Makes or renews the subscription; the old one ends when the new one is in force.
async fn subscribe(
    deps: &Deps,
    provider: &dyn Provider,
    integration: &Integration,
    resource: &Resource,
    cursor: &Cursor,
    now: Timestamp,
) -> Result<(), WorkError> {
    if deps.public_url.is_none() {
        return Ok(());
    }
    let current: Option<Subscription> =
        cursor.subscription.clone().and_then(|current| serde_json::from_value(current).ok());
    let in_force = current.as_ref().filter(|current| current.expires_at > now);
    let mut access = Access::open(deps, provider, integration).await?;
    let Some(new) = ask!(access, |call| provider.subscribe(call, resource, in_force))? else { return Ok(()) };
    let proof = new.proof.as_deref().map(|proof| domain::BearerToken::from_text(proof).hash());
    put_hook(deps, integration, &resource.key, &new.route, proof).await?;
    let value = serde_json::to_value(&new).map_err(|_| credentials::SealError::Unreadable)?;
    deps.store.put_subscription(cursor, &value).await?;
    if let Some(old) = current.filter(|old| old.route != new.route) {
        end_subscription(deps, provider, integration, &resource.key, &old).await?;
    }
    Ok(())
}

async fn put_hook(
    deps: &Deps,
    integration: &Integration,
    resource: &str,
    route: &str,
    proof: Option<TokenHash>,
) -> Result<(), WorkError> {
    let target =
        HookTarget { owner: integration.owner, integration_id: integration.id, resource: resource.to_owned(), proof };
    Ok(deps.store.put_hook(&integration.service, route, &target).await?)
}

/// Ends a subscription; one that the service does not let us end runs out by itself, and
/// what still comes under it leads nowhere.
pub(super) async fn end_subscription(
    deps: &Deps,
    provider: &dyn Provider,
    integration: &Integration,
    resource: &str,
    subscription: &Subscription,
) -> Result<(), WorkError> {
    deps.store.delete_hook(&integration.service, &subscription.route, integration.id, resource).await?;
    let ended = match Access::open(deps, provider, integration).await {
        Ok(mut access) => ask!(access, |call| provider.unsubscribe(call, subscription)),
        Err(error) => Err(error),
    };
    if let Err(error) = ended {
        tracing::warn!(integration.id = %integration.id, error = chain(&error), "a subscription was not ended");
    }
    Ok(())
}

/// Tells the user of a failure that concerns the integration as a whole, and when it is
/// tried again; `None` when it was not the provider that failed.
pub(super) async fn fail(
    deps: &Deps,
    integration: &Integration,
    error: &WorkError,
    now: Timestamp,
) -> Result<Option<Timestamp>, WorkError> {
    let Some(class) = error.class() else { return Ok(None) };
    let level = if class == ErrorClass::Bug { "error" } else { "warning" };
    tracing::warn!(integration.id = %integration.id, level, class = class.name(), error = chain(error), "an integration failed");
    let at = retry_at(class, 1, now);
    let problem = Problem { class, message: error.to_string(), at: now, retry_at: Some(at) };
    change(deps, integration, |integration| integration.fail(problem.clone(), now)).await?;
    Ok(Some(at))
}

/// Repeats a change on the integration as it is until it is written; one that is gone, or
/// leaving, stays as it is.
async fn change(
    deps: &Deps,
    integration: &Integration,
    decide: impl Fn(&Integration) -> Integration,
) -> Result<(), WorkError> {
    for _ in 0..limits::RACE_RETRIES_MAX {
        let Some(current) = deps.store.integration(integration.owner, integration.id).await? else { return Ok(()) };
        let leaving = current.connection == Connection::Disconnecting;
        // The account was connected again meanwhile: the verdict on the old grant is void.
        let again = current.connection != integration.connection;
        if leaving || again || deps.store.change_integration(&decide(&current)).await? {
            return Ok(());
        }
    }
    Err(store::Error::Throttled.into())
}
