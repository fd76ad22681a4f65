//! The state of a synchronisation, and when it goes on.
//!
//! An integration has a cursor for each of its resources. One worker at a time holds
//! a cursor, by a lease with an epoch that fences the ones before.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::integration::{Connection, ErrorClass, Problem};
use crate::{Epoch, Integration, IntegrationId, SyncLogId, UserId, limits};

/// How far a resource is synchronised.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    pub owner: UserId,
    pub integration_id: IntegrationId,
    /// Unique in the integration: `repo:1296269`.
    pub resource: String,
    /// For people.
    pub name: String,
    /// What is read of it; with other parameters it is read from scratch.
    pub params: Value,
    /// Keys under which webhooks speak of it.
    pub routes: Vec<String>,
    /// The provider's own: what makes the service tell us of changes.
    pub subscription: Option<Value>,
    /// No longer wanted, or no longer there: what was read of it is to be deleted.
    pub removed: bool,
    /// How often a synchronisation was asked for.
    pub asked: u64,
    pub epoch: Epoch,
    /// While a worker holds it.
    pub lease_until: Option<Timestamp>,
    pub walk: Walk,
}

/// The part of a cursor that its worker writes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Walk {
    /// The provider's own: where the next page begins. `None`: at the very beginning.
    #[serde(default)]
    pub state: Option<Value>,
    /// The parameters that `state` goes with.
    #[serde(default)]
    pub params: Value,
    /// Counts the full synchronisations.
    pub generation: u64,
    /// In the middle of one.
    pub full: bool,
    /// When the last one began.
    #[serde(default)]
    pub full_at: Option<Timestamp>,
    /// As many as `asked` was when the last complete run began.
    pub done: u64,
    /// In a row.
    pub failures: u32,
    #[serde(default)]
    pub problem: Option<Problem>,
    /// When the last complete run ended.
    #[serde(default)]
    pub synced_at: Option<Timestamp>,
    /// The run in hand, or the last one.
    #[serde(default)]
    pub run: Option<Run>,
}

/// What started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The account was connected, or something else chosen to be synchronised.
    Connected,
    /// A user asked.
    Manual,
    /// The service said that something changed.
    Webhook,
    Schedule,
}

/// A row of `SYNC_LOGS`: one run over one resource, however many workers it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Run {
    pub id: SyncLogId,
    pub integration_id: IntegrationId,
    /// Of the resource, for people.
    pub resource: String,
    pub reason: Reason,
    /// From scratch.
    pub full: bool,
    pub status: RunStatus,
    /// Entities written.
    pub records_synced: u64,
    pub records_deleted: u64,
    pub pages: u64,
    /// What the provider counts, spent.
    pub units: u64,
    #[serde(default)]
    pub error_message: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub completed_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    Running,
    Completed,
    Failed,
}

impl Cursor {
    /// Whether a worker holds it.
    pub fn held(&self, now: Timestamp) -> bool {
        self.lease_until.is_some_and(|until| until > now)
    }

    /// Whether there is something to do that nobody does.
    pub fn waits(&self, now: Timestamp) -> bool {
        !self.held(now) && self.retry_at().is_none_or(|at| at <= now) && (self.asked > self.walk.done || self.removed)
    }

    /// When it is tried again after a failure.
    pub fn retry_at(&self) -> Option<Timestamp> {
        self.walk.problem.as_ref().and_then(|problem| problem.retry_at)
    }

    /// Begins a run, or goes on with the one that another worker left.
    pub fn begin(&mut self, reason: Reason, now: Timestamp) {
        let fresh = self.walk.state.is_none() && !self.walk.full;
        if fresh || self.walk.params != self.params {
            self.restart(now);
        }
        self.walk.problem = None;
        let goes_on = self.walk.run.as_ref().is_some_and(|run| run.status == RunStatus::Running);
        if !goes_on {
            self.walk.run = Some(Run {
                id: SyncLogId::mint(now),
                integration_id: self.integration_id,
                resource: self.name.clone(),
                reason,
                full: self.walk.full,
                status: RunStatus::Running,
                records_synced: 0,
                records_deleted: 0,
                pages: 0,
                units: 0,
                error_message: None,
                started_at: now,
                completed_at: None,
            });
        }
    }

    /// From scratch, as a new generation; readers keep the old one until this is complete.
    pub fn restart(&mut self, now: Timestamp) {
        self.walk.state = None;
        self.walk.params = self.params.clone();
        self.walk.generation += 1;
        self.walk.full = true;
        self.walk.full_at = Some(now);
        if let Some(run) = &mut self.walk.run {
            run.full = true;
        }
    }

    /// The provider refuses the cursor. Once in a while that leads to a new beginning; a
    /// provider that keeps doing so is left alone for a while.
    pub fn resync(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        let pause = SignedDuration::from_mins(limits::FULL_SYNC_MINUTES_MIN);
        match self.walk.full_at.map(|at| at + pause) {
            Some(end) if end > now && self.walk.generation > 1 => Err(end),
            _ => {
                self.restart(now);
                Ok(())
            }
        }
    }

    /// A page was applied.
    pub fn turn_page(&mut self, state: Value, written: u64, deleted: u64, units: u64) {
        self.walk.state = Some(state);
        self.walk.failures = 0;
        if let Some(run) = &mut self.walk.run {
            run.records_synced += written;
            run.records_deleted += deleted;
            run.pages += 1;
            run.units += units;
        }
    }

    /// Everything that was asked for until `asked` is done.
    pub fn complete(&mut self, asked: u64, now: Timestamp) {
        self.walk.full = false;
        self.walk.done = asked;
        self.walk.problem = None;
        self.walk.synced_at = Some(now);
        self.close(RunStatus::Completed, None, now);
    }

    /// The run ends with a failure; `asked` stays ahead of `done`, so it is tried again.
    pub fn fail(&mut self, class: ErrorClass, message: String, now: Timestamp) {
        self.walk.failures += 1;
        let retry_at = retry_at(class, self.walk.failures, now);
        self.walk.problem = Some(Problem { class, message: message.clone(), at: now, retry_at: Some(retry_at) });
        self.close(RunStatus::Failed, Some(message), now);
    }

    /// The user's quota is spent for now; the run goes on then.
    pub fn pause(&mut self, until: Timestamp, now: Timestamp) {
        let message = "as much was read as the service allows for now".to_owned();
        let class = ErrorClass::WaitUntil(until);
        self.walk.problem = Some(Problem { class, message, at: now, retry_at: Some(until) });
    }

    fn close(&mut self, status: RunStatus, error_message: Option<String>, now: Timestamp) {
        if let Some(run) = &mut self.walk.run {
            run.status = status;
            run.error_message = error_message;
            run.completed_at = Some(now);
        }
    }
}

/// When a failed run is tried again: what cannot help itself waits for the next schedule.
pub fn retry_at(class: ErrorClass, failures: u32, now: Timestamp) -> Timestamp {
    let interval = SignedDuration::from_mins(limits::SYNC_INTERVAL_MINUTES);
    match class {
        ErrorClass::Retry | ErrorClass::Unauthorized => {
            let doubled = limits::SYNC_BACKOFF_MINUTES << failures.saturating_sub(1).min(10);
            now + SignedDuration::from_mins(doubled).min(interval)
        }
        ErrorClass::WaitUntil(at) => at.max(now),
        ErrorClass::Resync | ErrorClass::Gone | ErrorClass::Permanent | ErrorClass::Bug | ErrorClass::Reauth => {
            now + interval
        }
    }
}

/// What is to be done for an integration now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// List its resources again and ask for all of them.
    pub plan: bool,
    /// Resources whose synchronisation waits for a worker.
    pub run: Vec<String>,
    /// When to look again.
    pub due_at: Timestamp,
}

/// Looks after an integration: what the hour brings, what failed, what a dead worker left.
pub fn look(integration: &Integration, cursors: &[Cursor], now: Timestamp) -> Look {
    let interval = SignedDuration::from_mins(limits::SYNC_INTERVAL_MINUTES);
    if integration.connection != Connection::Connected {
        return Look { plan: false, run: Vec::new(), due_at: now + interval };
    }
    let plan_at = match (&integration.problem, integration.planned_at) {
        (Some(Problem { retry_at: Some(at), .. }), _) => *at,
        (_, Some(at)) => at + jittered(integration, at),
        (_, None) => now,
    };
    let waiting = |cursor: &&Cursor| cursor.waits(now);
    let run: Vec<String> = cursors.iter().filter(waiting).map(|cursor| cursor.resource.clone()).collect();
    // While one runs, or waits to: until its lease, or that of the worker to come, has lapsed.
    let watch = |cursor: &Cursor| {
        let open = cursor.asked > cursor.walk.done || cursor.removed;
        let lapse = now + SignedDuration::from_secs(limits::SYNC_LEASE_SECONDS);
        open.then(|| cursor.lease_until.filter(|_| cursor.held(now)).or(cursor.retry_at()).unwrap_or(lapse).max(lapse))
    };
    let plan = plan_at <= now;
    let next_plan = if plan { now + interval } else { plan_at };
    let due_at = cursors.iter().filter_map(watch).chain([next_plan]).min().unwrap_or(next_plan);
    Look { plan, run, due_at }
}

/// The interval, moved by up to a quarter, differently each time.
fn jittered(integration: &Integration, planned_at: Timestamp) -> SignedDuration {
    let seed = integration
        .id
        .to_string()
        .bytes()
        .fold(planned_at.as_second(), |sum, byte| sum.wrapping_mul(31).wrapping_add(i64::from(byte)));
    let minutes = limits::SYNC_INTERVAL_MINUTES;
    let quarter = minutes * 60 / 4;
    SignedDuration::from_secs(minutes * 60 - quarter + seed.rem_euclid(2 * quarter))
}

/// What a provider lets one user spend: it fills up by the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub units_per_minute: u32,
    /// As many may be spent at once.
    pub burst: u32,
}

/// How much of the quota is left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    pub units: f64,
    pub at: Timestamp,
    pub rev: u64,
}

impl Bucket {
    pub fn full(quota: Quota, now: Timestamp) -> Self {
        Self { units: f64::from(quota.burst), at: now, rev: 0 }
    }

    /// Takes `units`, or says when there will be as many. A full synchronisation leaves
    /// half of the bucket to live changes.
    pub fn take(&self, quota: Quota, units: u32, full: bool, now: Timestamp) -> Result<Self, Timestamp> {
        let burst = f64::from(quota.burst);
        let per_second = f64::from(quota.units_per_minute) / 60.0;
        let passed = now.duration_since(self.at).as_secs_f64().max(0.0);
        let there = (self.units + passed * per_second).min(burst);
        let reserve = if full { burst / 2.0 } else { 0.0 };
        // More than the bucket holds is let through when it is full.
        let wanted = (reserve + f64::from(units)).min(burst);
        if there < wanted {
            let seconds = ((wanted - there) / per_second).ceil();
            return Err(now + SignedDuration::from_secs(seconds as i64));
        }
        Ok(Self { units: there - f64::from(units), at: now, rev: self.rev + 1 })
    }
}

#[cfg(test)]
mod tests;
