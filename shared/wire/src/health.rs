//! Bodies of `/health`, `/api/admin/health` and `/api/admin/limits`.

use domain::health::Hour;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: String,
    pub version: String,
    pub environment: String,
}

/// `GET /api/admin/health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeploymentHealth {
    /// `ok` if every check is, otherwise `degraded`.
    pub status: String,
    pub checks: Vec<Check>,
    pub runners: RunnersNow,
    pub syncs: SyncsNow,
    /// The last 48 hours, oldest first, quiet ones included.
    pub hours: Vec<Hour>,
}

/// One thing that has to work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// `table`, `bucket`, `bus`, `sweeper` or `sync_schedule`.
    pub name: String,
    pub ok: bool,
    /// What is wrong and what to do.
    pub problem: Option<String>,
    pub took_ms: u64,
}

/// Sandboxes, of all users.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnersNow {
    /// Sessions that have, or lately had, a sandbox. The others are of the first 200 of them.
    pub live: usize,
    /// Asked for, and not here yet.
    pub starting: usize,
    /// With a turn in hand.
    pub working: usize,
    /// Waiting for a message.
    pub idle: usize,
}

/// Integrations, of all users.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncsNow {
    /// Those that are synchronised by the schedule.
    pub integrations: usize,
    /// Those that are due.
    pub waiting: usize,
    /// Those that have been due for too long.
    pub late: usize,
}

/// `GET /api/admin/limits`: the bounds that a deployment may set otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LimitList {
    pub limits: Vec<LimitView>,
}

/// One bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LimitView {
    /// As a refusal names it.
    pub name: String,
    /// The functions' variable that sets it, by the template's parameter of about that name.
    pub variable: String,
    /// What it bounds.
    pub bounds: String,
    pub unit: String,
    pub value: u32,
    /// The value unless it is set.
    pub default: u32,
}
