//! What happens without a caller: the schedule, ended tasks, the bus.

use domain::message::TurnError;
use domain::session::{Runner, SweepStep, sweep};
use domain::{RunnerClaim, Session};
use futures_util::future::join_all;
use serde::Deserialize;
use store::{LiveSession, LogReader};
use wire::bus::{CallerRevoked, SessionChanged};

use crate::archive::put_by;
use crate::delivery::publish;
use crate::tasks::TaskGroup;
use crate::transition::start_runner;
use crate::{AgentError, Deps, control, revoked};

/// An event as EventBridge delivers it; the schedule's has no detail of use.
#[derive(Debug, Deserialize)]
pub struct BusEvent {
    #[serde(rename = "detail-type", default)]
    detail_type: String,
    #[serde(default)]
    detail: serde_json::Value,
}

/// The part of a task's state change that matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TaskStateChange {
    group: String,
    last_status: String,
    #[serde(default)]
    stopped_reason: Option<String>,
}

/// Handles one event; repeats and disorder are harmless.
pub async fn handle(deps: &Deps, event: BusEvent) -> Result<(), AgentError> {
    match event.detail_type.as_str() {
        "ECS Task State Change" => match serde_json::from_value(event.detail) {
            Ok(change) => task_changed(deps, change).await,
            Err(error) => ignore(&event.detail_type, &error),
        },
        SessionChanged::DETAIL_TYPE => match serde_json::from_value(event.detail) {
            Ok(changed) => session_changed(deps, changed).await,
            Err(error) => ignore(&event.detail_type, &error),
        },
        CallerRevoked::DETAIL_TYPE => match serde_json::from_value(event.detail) {
            Ok(CallerRevoked { user_id, actor }) => revoked::close_sockets(deps, user_id, actor).await,
            Err(error) => ignore(&event.detail_type, &error),
        },
        _ => sweep_all(deps).await,
    }
}

fn ignore(detail_type: &str, error: &serde_json::Error) -> Result<(), AgentError> {
    tracing::error!(event.detail_type = detail_type, %error, "an event does not have its form");
    Ok(())
}

async fn task_changed(deps: &Deps, change: TaskStateChange) -> Result<(), AgentError> {
    // Tasks that others run in the cluster are not ours to judge.
    let Ok(TaskGroup(claim)) = change.group.parse() else { return Ok(()) };
    if change.last_status != "STOPPED" {
        return Ok(());
    }
    let Some(session) = deps.store.session(claim.user_id, claim.session_id).await? else { return Ok(()) };
    tracing::info!(
        session.id = %claim.session_id,
        session.epoch = claim.epoch,
        reason = change.stopped_reason.as_deref().unwrap_or(""),
        "a task has stopped"
    );
    let (code, message) = match session.runner {
        Runner::Starting { .. } => ("start_failed", "the sandbox ended before it was ready; send the message again"),
        _ => ("runner_lost", "the sandbox ended in the middle of the turn; send the message again"),
    };
    control::lose_runner(deps, claim, TurnError { code: code.to_owned(), message: message.to_owned() }).await
}

async fn session_changed(deps: &Deps, changed: SessionChanged) -> Result<(), AgentError> {
    let Some(session) = deps.store.session(changed.user_id, changed.session_id).await? else { return Ok(()) };
    let events = LogReader::recent(changed.user_id, changed.session_id, changed.after).read(&deps.store).await?;
    publish(deps, changed.user_id, changed.session_id, &events).await;
    if session.terminated_at.is_some() {
        control::clear_up(deps, &session).await;
        deps.store.forget_live(&session).await?;
    }
    Ok(())
}

/// Looks after revoked callers, and after every session that has a runner.
async fn sweep_all(deps: &Deps) -> Result<(), AgentError> {
    revoked::sweep(deps).await;
    let live = deps.store.live_sessions().await?;
    let swept = join_all(live.iter().map(|live| sweep_one(deps, *live))).await;
    for error in swept.into_iter().filter_map(Result::err) {
        tracing::error!(%error, "a session was not swept; the next sweep will");
    }
    put_by(deps, &live).await;
    Ok(())
}

async fn sweep_one(deps: &Deps, live: LiveSession) -> Result<(), AgentError> {
    let Some(session) = deps.store.session(live.owner, live.session).await? else { return Ok(()) };
    let record = deps.store.runner(live.owner, live.session, session.task_epoch).await?;
    match sweep(&session, record.heartbeat_at, record.task_arn.is_some(), web::now()) {
        SweepStep::Leave => Ok(()),
        SweepStep::StartRunner => {
            start_runner(deps, &session).await;
            Ok(())
        }
        SweepStep::LoseRunner { code, message } => lose(deps, &session, code, message).await,
        SweepStep::Forget => {
            if session.terminated_at.is_some() {
                control::clear_up(deps, &session).await;
            }
            Ok(deps.store.forget_live(&session).await?)
        }
    }
}

async fn lose(deps: &Deps, session: &Session, code: &str, message: &str) -> Result<(), AgentError> {
    let claim = RunnerClaim { user_id: session.owner, session_id: session.id, epoch: session.epoch };
    control::lose_runner(deps, claim, TurnError { code: code.to_owned(), message: message.to_owned() }).await
}
