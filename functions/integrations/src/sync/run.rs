//! A worker: holds one resource's cursor and reads on from it, page by page.
//!
//! Index, entities, cursor, in this order: a worker that dies anywhere leaves a page to
//! be repeated, never one to be missed.

use std::time::Duration;

use domain::health::Happening;
use domain::integration::{Connection, ErrorClass};
use domain::metric::Metric;
use domain::sync::{Cursor, Reason};
use domain::{Integration, limits};
use jiff::{SignedDuration, Timestamp};
use web::metric;
use wire::bus::SyncRequested;

use super::{Access, apply, ask, disconnect, plan};
use crate::error::chain;
use crate::providers::{Page, Provider, Resource};
use crate::{Deps, WorkError};

/// How a worker's part in a run ended.
pub(super) enum Outcome {
    /// Everything was read.
    Complete,
    /// The time is up; the next worker goes on.
    HandOver,
    /// The user's quota at the service is spent for now.
    Pause(Timestamp),
}

/// Runs one resource's synchronisation, unless another worker does.
pub(super) async fn run(deps: &Deps, request: SyncRequested, started: Timestamp) -> Result<(), WorkError> {
    let (owner, id) = (request.user_id, request.integration_id);
    let resource = request.resource.as_deref().unwrap_or_default();
    let Some(integration) = deps.store.integration(owner, id).await? else { return Ok(()) };
    let providers = deps.providers().await?;
    let Some(provider) = providers.get(&integration.service) else { return Ok(()) };
    if integration.connection != Connection::Connected {
        return Ok(());
    }
    let Some(mut cursor) = deps.store.take_cursor(owner, id, resource, started).await? else { return Ok(()) };
    // Should this worker die, the schedule looks when its lease has lapsed.
    let lapse = started + SignedDuration::from_secs(limits::SYNC_LEASE_SECONDS);
    deps.store.hasten_due(id, lapse).await?;
    if cursor.removed {
        return disconnect::remove_resource(deps, provider, &integration, cursor, request, started).await;
    }
    if !wanted(&cursor, request.reason, started) {
        return deps.store.release_cursor(&cursor).await.map(drop).map_err(WorkError::from);
    }
    let asked = cursor.asked;
    cursor.begin(request.reason, started);
    commit(deps, &cursor).await?;
    let outcome = pages(deps, provider, &integration, &mut cursor, started).await;
    finish(deps, &integration, cursor, outcome, asked, request).await
}

/// Whether there is something to do that may be done now. A user's wish, or a grant that they have
/// given anew, goes before our own patience, not before the service's.
fn wanted(cursor: &Cursor, reason: Reason, now: Timestamp) -> bool {
    let waits = cursor.retry_at().is_some_and(|at| at > now);
    let told_to = cursor.walk.problem.as_ref().is_some_and(|p| matches!(p.class, ErrorClass::WaitUntil(_)));
    let is_users = matches!(reason, Reason::Manual | Reason::Connected);
    cursor.asked > cursor.walk.done && (!waits || is_users && !told_to)
}

/// Writes how far the worker is, and keeps the lease.
async fn commit(deps: &Deps, cursor: &Cursor) -> Result<(), WorkError> {
    if !deps.store.commit_cursor(cursor, web::now()).await? {
        return Err(WorkError::Fenced);
    }
    if let Some(run) = &cursor.walk.run {
        deps.store.put_run(cursor.owner, run).await?;
    }
    Ok(())
}

async fn pages(
    deps: &Deps,
    provider: &dyn Provider,
    integration: &Integration,
    cursor: &mut Cursor,
    started: Timestamp,
) -> Result<Outcome, WorkError> {
    let deadline = started + SignedDuration::from_secs(limits::SYNC_BUDGET_SECONDS);
    let resource = Resource {
        key: cursor.resource.clone(),
        name: cursor.name.clone(),
        params: cursor.params.clone(),
        routes: cursor.routes.clone(),
    };
    let mut access = Access::open(deps, provider, integration).await?;
    loop {
        if web::now() >= deadline {
            return Ok(Outcome::HandOver);
        }
        if let Some(at) = spend(deps, provider, cursor, deadline).await? {
            return Ok(Outcome::Pause(at));
        }
        let state = cursor.walk.state.clone();
        let page = match ask!(access, |call| provider.sync_page(call, &resource, state.as_ref())) {
            Err(error) if error.class() == Some(ErrorClass::Resync) => {
                restart(cursor, error)?;
                commit(deps, cursor).await?;
                continue;
            }
            page => page?,
        };
        let Page { changes, state, done, units } = page;
        let written = apply::apply(deps, cursor, &integration.service, changes).await?;
        cursor.turn_page(state, written.written, written.deleted, u64::from(units));
        if !done {
            commit(deps, cursor).await?;
            continue;
        }
        if cursor.walk.full {
            let Some(buried) = apply::bury_unseen(deps, cursor, deadline).await? else {
                return Ok(Outcome::HandOver);
            };
            if let Some(run) = &mut cursor.walk.run {
                run.records_deleted += buried;
            }
        }
        return Ok(Outcome::Complete);
    }
}

/// Takes the page's price from the user's quota, waiting a little if need be; when there
/// will be enough, if that is later.
async fn spend(
    deps: &Deps,
    provider: &dyn Provider,
    cursor: &Cursor,
    deadline: Timestamp,
) -> Result<Option<Timestamp>, WorkError> {
    let (service, full) = (&provider.about().service, cursor.walk.full);
    loop {
        let now = web::now();
        let spent =
            deps.store.spend(cursor.owner, service, provider.quota(), provider.page_units(full), full, now).await?;
        let Err(at) = spent else { return Ok(None) };
        if at >= deadline || at > now + SignedDuration::from_secs(limits::SYNC_WAIT_SECONDS_MAX) {
            return Ok(Some(at));
        }
        tokio::time::sleep(Duration::try_from(at.duration_since(now)).unwrap_or_default()).await;
    }
}

/// Begins from scratch, unless that was done a short while ago.
fn restart(cursor: &mut Cursor, error: WorkError) -> Result<(), WorkError> {
    tracing::warn!(integration.id = %cursor.integration_id, error = chain(&error), "a cursor is of no use any more");
    cursor.resync(web::now()).map_err(|_| {
        tracing::error!(integration.id = %cursor.integration_id, "a provider keeps refusing its own cursors");
        error
    })
}

async fn finish(
    deps: &Deps,
    integration: &Integration,
    mut cursor: Cursor,
    outcome: Result<Outcome, WorkError>,
    asked: u64,
    request: SyncRequested,
) -> Result<(), WorkError> {
    let now = web::now();
    let mut again = false;
    let last_synced = cursor.walk.synced_at;
    match &outcome {
        Ok(Outcome::Complete) => cursor.complete(asked, now),
        Ok(Outcome::HandOver) => again = true,
        Ok(Outcome::Pause(at)) => cursor.pause(*at, now),
        Err(WorkError::Fenced) => return Ok(()),
        Err(error) => {
            let Some(class) = error.class() else {
                // Not the provider: Lambda tries again, and what was read so far stays read.
                deps.store.release_cursor(&cursor).await?;
                return outcome.map(drop);
            };
            tracing::warn!(integration.id = %integration.id, class = class.name(), error = chain(error), "a run failed");
            metric::count(Metric::Errors, class.name());
            if class == ErrorClass::Gone {
                let deadline = now + SignedDuration::from_secs(limits::SYNC_WAIT_SECONDS_MAX);
                apply::bury_all(deps, &mut cursor, deadline).await?;
            }
            cursor.fail(class, error.to_string(), now);
        }
    }
    if let (Some(last), Ok(Outcome::Complete) | Err(_)) = (last_synced, &outcome) {
        metric::took(Metric::SyncLag, now.duration_since(last));
    }
    let Some(released) = deps.store.release_cursor(&cursor).await? else { return Ok(()) };
    match &outcome {
        Ok(Outcome::Complete) => metric::happened(&deps.store, Happening::SyncCompleted, now).await,
        Ok(_) => {}
        Err(_) => metric::happened(&deps.store, Happening::SyncFailed, now).await,
    }
    if let Some(run) = &cursor.walk.run {
        deps.store.put_run(cursor.owner, run).await?;
    }
    if let Some(at) = cursor.retry_at() {
        deps.store.hasten_due(integration.id, at).await?;
    }
    if let Err(error) = &outcome
        && error.class() == Some(ErrorClass::Reauth)
    {
        plan::fail(deps, integration, error, now).await?;
    }
    // Something was asked for while this run read on: it may have come too late for it.
    if again || (cursor.walk.problem.is_none() && released.asked > asked) {
        deps.outbox.sync(&[request]).await?;
    }
    while deps.store.tidy_index(cursor.owner, now).await? {}
    Ok(())
}
