//! Bodies of `/api/integrations`.

use domain::integration::{Account, Connection, ErrorClass, Problem};
use domain::session::Policy;
use domain::sync::{Cursor, Run};
use domain::{Integration, IntegrationId, Kind, Service, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A service that can be connected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AvailableIntegration {
    pub service: Service,
    pub name: String,
    pub description: String,
    /// Kinds of its entities.
    pub kinds: Vec<Kind>,
    /// What the account's owner is asked for.
    pub scopes: Vec<String>,
    /// Whether the operator of this deployment has set it up.
    pub configured: bool,
    /// JSON Schema of `config`.
    pub config_schema: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AvailableIntegrations {
    pub integrations: Vec<AvailableIntegration>,
    /// Always null: there are few.
    pub next_cursor: Option<String>,
}

/// `POST /api/integrations/{service}/configure`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigureIntegration {
    /// What to synchronise; `config_schema` of the service describes it. Stays as it is when absent.
    #[serde(default)]
    pub config: Option<Map<String, Value>>,
    /// Whether agents may do something there, beside reading. Stays as it is when absent; `deny` at first.
    #[serde(default)]
    pub actions: Option<Policy>,
    /// Which of several integrations of the service is meant.
    #[serde(default)]
    pub integration_id: Option<IntegrationId>,
}

/// Where the browser has to go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuthorizationStart {
    pub url: String,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// `POST /api/integrations/callback`: what the service gave the browser on its way back.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorizationCallback {
    pub code: String,
    pub state: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IntegrationView {
    pub id: IntegrationId,
    pub user_id: UserId,
    pub service: Service,
    pub connection: Connection,
    /// `not_connected`, `pending`, `syncing`, `synced`, `error`, `needs_reauth` or `disconnecting`.
    pub sync_status: String,
    pub account: Option<Account>,
    /// What the account's owner granted.
    pub scopes: Vec<String>,
    pub config: Map<String, Value>,
    /// Whether agents may do something there, beside reading.
    pub actions: Policy,
    /// What actions need and the account's owner has not granted: connecting again asks for it.
    pub missing_scopes: Vec<String>,
    /// When a resource was last brought up to date.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_synced_at: Option<Timestamp>,
    /// What keeps it, or one of its resources, from working.
    pub problem: Option<ProblemView>,
    pub resources: Vec<ResourceView>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// What is wrong, in words, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProblemView {
    /// `retry`, `wait_until`, `reauth`, `resync`, `gone`, `permanent` or `bug`.
    pub class: String,
    pub message: String,
    pub next_step: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When it is tried again by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub retry_at: Option<Timestamp>,
}

/// A part of an integration that is synchronised on its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResourceView {
    pub name: String,
    /// `pending`, `syncing`, `waiting` (for the service's quota), `synced` or `error`.
    pub status: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_synced_at: Option<Timestamp>,
    /// The run in hand, or the last one.
    pub run: Option<Run>,
    pub problem: Option<ProblemView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IntegrationPage {
    pub integrations: Vec<IntegrationView>,
    /// Give it as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// `GET /api/integrations/{id}/logs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SyncLogPage {
    pub logs: Vec<Run>,
    pub next_cursor: Option<String>,
}

/// Something that a configuration can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChoiceView {
    pub id: String,
    pub name: String,
}

/// `GET /api/integrations/{id}/choices`: by the name of the configuration's field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChoicesView {
    pub choices: std::collections::BTreeMap<String, Vec<ChoiceView>>,
}

impl From<Problem> for ProblemView {
    fn from(problem: Problem) -> Self {
        Self {
            class: problem.class.name().to_owned(),
            next_step: problem.class.next_step().to_owned(),
            message: problem.message,
            at: problem.at,
            retry_at: problem.retry_at,
        }
    }
}

impl ResourceView {
    pub fn of(cursor: Cursor, now: Timestamp) -> Self {
        let open = cursor.asked > cursor.walk.done;
        let status = match (&cursor.walk.problem, cursor.held(now)) {
            (_, true) => "syncing",
            (Some(problem), false) if matches!(problem.class, ErrorClass::WaitUntil(_)) => "waiting",
            (Some(_), false) => "error",
            (None, false) if open => "pending",
            (None, false) => "synced",
        };
        Self {
            name: cursor.name,
            status: status.to_owned(),
            last_synced_at: cursor.walk.synced_at,
            run: cursor.walk.run,
            problem: cursor.walk.problem.map(ProblemView::from),
        }
    }
}

impl IntegrationView {
    pub fn of(integration: Integration, cursors: Vec<Cursor>, missing_scopes: Vec<String>, now: Timestamp) -> Self {
        let wanted = cursors.into_iter().filter(|cursor| !cursor.removed);
        let resources: Vec<ResourceView> = wanted.map(|cursor| ResourceView::of(cursor, now)).collect();
        let any = |status: &str| resources.iter().any(|resource| resource.status == status);
        let sync_status = match integration.connection {
            Connection::NotConnected => "not_connected",
            Connection::NeedsReauth => "needs_reauth",
            Connection::Disconnecting => "disconnecting",
            Connection::Connected if integration.problem.is_some() => "error",
            Connection::Connected if any("syncing") => "syncing",
            Connection::Connected if any("error") => "error",
            Connection::Connected if any("waiting") => "syncing",
            Connection::Connected if any("pending") || integration.planned_at.is_none() => "pending",
            Connection::Connected => "synced",
        };
        let problem = integration.problem.map(ProblemView::from);
        Self {
            id: integration.id,
            user_id: integration.owner,
            service: integration.service,
            connection: integration.connection,
            sync_status: sync_status.to_owned(),
            account: integration.account,
            scopes: integration.scopes,
            config: integration.config,
            actions: integration.actions,
            missing_scopes,
            last_synced_at: resources.iter().filter_map(|resource| resource.last_synced_at).max(),
            problem: problem.or_else(|| resources.iter().find_map(|resource| resource.problem.clone())),
            resources,
            created_at: integration.created_at,
            updated_at: integration.updated_at,
        }
    }
}
