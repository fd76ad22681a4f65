//! Whether the service answers, and, for its operator, whether everything behind it does.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use domain::health::{hours, is_left_alone};
use domain::session::Runner;
use domain::{Session, limits};
use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{DueIntegration, LiveSession, Store};
use web::{ApiError, Caller, scope};
use wire::error::ErrorBody;
use wire::health::{Check, DeploymentHealth, Health, RunnersNow, SyncsNow};

use crate::Deps;
use crate::admin::require_admin;

/// Sessions read at once.
const READ_AT_ONCE: usize = 16;

#[utoipa::path(get, path = "/health", tag = "service", responses((status = 200, body = Health)))]
pub(crate) async fn health(State(deps): State<Deps>) -> Json<Health> {
    Json(Health {
        status: "ok".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        environment: deps.environment,
    })
}

#[utoipa::path(get, path = "/api/admin/health", tag = "admin", security(("bearer" = ["admin"])),
    responses((status = 200, body = DeploymentHealth, description = "`status` says whether all is well"),
        (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn deployment_health(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
) -> Result<Json<DeploymentHealth>, ApiError> {
    require_admin(&deps, &caller).await?;
    let now = web::now();
    let nothing = json!({});
    let (table, bucket, bus, (runners, sweeper), (syncs, schedule)) = tokio::join!(
        probe("table", "look at the table's alarms and at the function's role", deps.store.probe_table()),
        probe("bucket", "look at the bucket's policy and at the function's role", deps.store.probe_bucket()),
        probe(
            "bus",
            "look at the bus and at the function's role",
            deps.tell("agent-ops.health", "health.probed", &nothing)
        ),
        look("sweeper", "sandboxes", runners(&deps, now)),
        look("sync_schedule", "integrations", syncs(&deps, now)),
    );
    let checks = vec![table, bucket, bus, sweeper, schedule];
    let told = deps.store.hours(now - SignedDuration::from_hours(i64::from(limits::HOURS_SHOWN))).await?;
    Ok(Json(DeploymentHealth {
        status: if checks.iter().all(|check| check.ok) { "ok" } else { "degraded" }.to_owned(),
        checks,
        runners,
        syncs,
        hours: hours(told, limits::HOURS_SHOWN, now),
    }))
}

/// Whether a service that everything needs answers.
async fn probe<E: std::fmt::Debug>(name: &str, advice: &str, asked: impl Future<Output = Result<(), E>>) -> Check {
    let began = Instant::now();
    let problem = asked.await.err().map(|error| {
        // The whole of it is for the log; a browser is told what to do.
        tracing::error!(?error, "the {name} does not answer");
        format!("The {name} does not answer: {advice}.")
    });
    check(name, problem, began)
}

fn check(name: &str, problem: Option<String>, began: Instant) -> Check {
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    Check { name: name.to_owned(), ok: problem.is_none(), problem, took_ms }
}

/// What was counted, and the check that it gives.
async fn look<T: Default>(
    name: &str,
    what: &str,
    counted: impl Future<Output = store::Result<(T, Option<String>)>>,
) -> (T, Check) {
    let began = Instant::now();
    let (seen, problem) = counted.await.unwrap_or_else(|error| {
        tracing::error!(%error, "the {what} could not be read");
        (T::default(), Some(format!("The {what} could not be read; see the table.")))
    });
    (seen, check(name, problem, began))
}

/// The sandboxes, and what is wrong if the sweeper does not see to them.
async fn runners(deps: &Deps, now: Timestamp) -> store::Result<(RunnersNow, Option<String>)> {
    let (runners, left_alone) = count_runners(deps, now).await?;
    let problem = (left_alone > 0).then(|| {
        format!(
            "{left_alone} sandboxes are overdue and nobody has seen to them: look whether the schedule of \
             AgentEventsFunction is on, and at its log."
        )
    });
    Ok((runners, problem))
}

/// What the sandboxes do, and how many of them the sweeper has left alone.
async fn count_runners(deps: &Deps, now: Timestamp) -> store::Result<(RunnersNow, usize)> {
    let live = deps.store.live_sessions().await?;
    let mut runners = RunnersNow { live: live.len(), ..RunnersNow::default() };
    let mut left_alone = 0;
    let looks = live.into_iter().take(limits::LIVE_LOOKED_AT_MAX).map(|live| look_at(&deps.store, live, now));
    let mut looks = stream::iter(looks).buffer_unordered(READ_AT_ONCE);
    while let Some(look) = looks.next().await {
        let Some((session, alone)) = look? else { continue };
        left_alone += usize::from(alone);
        match (&session.runner, &session.turn) {
            (Runner::Absent, _) => {}
            (Runner::Starting { .. }, _) => runners.starting += 1,
            (Runner::Connected { .. }, Some(_)) => runners.working += 1,
            (Runner::Connected { .. }, None) => runners.idle += 1,
        }
    }
    Ok((runners, left_alone))
}

/// A session with a sandbox, and whether the sweeper has left it alone.
async fn look_at(store: &Store, live: LiveSession, now: Timestamp) -> store::Result<Option<(Session, bool)>> {
    let Some(session) = store.session(live.owner, live.session).await? else { return Ok(None) };
    let runner = store.runner(session.owner, session.id, session.epoch).await?;
    let left_alone = is_left_alone(&session, runner.heartbeat_at, now);
    Ok(Some((session, left_alone)))
}

/// The integrations, and what is wrong if the schedule does not synchronise them.
async fn syncs(deps: &Deps, now: Timestamp) -> store::Result<(SyncsNow, Option<String>)> {
    let due = deps.store.due_integrations().await?;
    let late = SignedDuration::from_mins(limits::SYNC_LATE_MINUTES);
    let late = due.iter().filter(|due: &&DueIntegration| due.is_due(now - late)).count();
    let problem = (late > 0).then(|| {
        format!(
            "{late} integrations are overdue by more than {} minutes: look whether the schedule of \
             IntegrationsSyncFunction is on, and at its log and dead letters.",
            limits::SYNC_LATE_MINUTES
        )
    });
    let waiting = due.iter().filter(|due| due.is_due(now)).count();
    Ok((SyncsNow { integrations: due.len(), waiting, late }, problem))
}
