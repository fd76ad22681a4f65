//! A connection to a third-party service, and how its troubles are told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::session::Policy;
use crate::{IntegrationId, Service, UserId};

/// What a user chose to synchronise; each provider has its own keys.
pub type Config = Map<String, Value>;

/// Whose account at the service it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// The service's own stable id, never a name that can be changed.
    pub id: String,
    /// For people: a login or an e-mail address.
    pub name: String,
}

/// Whether the service lets us in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// Configured only.
    NotConnected,
    Connected,
    /// The service no longer accepts our credentials: the user has to connect again.
    NeedsReauth,
    /// On its way out: credentials are revoked, data is deleted.
    Disconnecting,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Integration {
    pub id: IntegrationId,
    pub owner: UserId,
    pub service: Service,
    pub connection: Connection,
    #[serde(default)]
    pub account: Option<Account>,
    /// What the account's owner granted, which may be less than was asked for.
    #[serde(default)]
    pub scopes: Vec<String>,
    #[serde(default)]
    pub config: Config,
    /// Whether agents may do something there, beside reading.
    #[serde(default = "off")]
    pub actions: Policy,
    /// What keeps the integration as a whole from working.
    #[serde(default)]
    pub problem: Option<Problem>,
    /// When its resources were last listed.
    #[serde(default)]
    pub planned_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Counts the changes.
    pub rev: u64,
}

/// Until the user says otherwise.
fn off() -> Policy {
    Policy::Deny
}

/// What is to be done about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// It may work next time: 429, 5xx, the network.
    Retry,
    /// The service said when.
    WaitUntil(Timestamp),
    /// The access token was not accepted; a renewed one may be.
    Unauthorized,
    /// The grant is gone: only its owner can help.
    Reauth,
    /// The cursor is of no use any more: begin from scratch.
    Resync,
    /// The resource is gone, or out of our sight.
    Gone,
    /// It will not work until someone changes something at the service.
    Permanent,
    /// Our mistake, or our operator's.
    Bug,
}

impl ErrorClass {
    /// Stable, for metrics and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::WaitUntil(_) => "wait_until",
            Self::Unauthorized => "unauthorized",
            Self::Reauth => "reauth",
            Self::Resync => "resync",
            Self::Gone => "gone",
            Self::Permanent => "permanent",
            Self::Bug => "bug",
        }
    }

    /// What the user can do.
    pub fn next_step(self) -> &'static str {
        match self {
            Self::Retry | Self::WaitUntil(_) => "Nothing to do: it is tried again by itself.",
            Self::Unauthorized | Self::Reauth => "Connect the account again.",
            Self::Resync => "Nothing to do: everything is read again from the beginning.",
            Self::Gone => "If you still need it, restore the access at the service, then sync again.",
            Self::Permanent => "Check at the service what the account may see, or change what is synced here.",
            Self::Bug => "Tell the operator of this deployment; trying again will not help until it is fixed.",
        }
    }
}

/// A failure as it is told to the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub class: ErrorClass,
    /// In plain words.
    pub message: String,
    pub at: Timestamp,
    /// When it is tried again by itself.
    #[serde(default)]
    pub retry_at: Option<Timestamp>,
}

impl Integration {
    /// Configured, not yet connected.
    pub fn new(owner: UserId, service: Service, config: Config, now: Timestamp) -> Self {
        Self {
            id: IntegrationId::mint(now),
            owner,
            service,
            connection: Connection::NotConnected,
            account: None,
            scopes: Vec::new(),
            config,
            actions: off(),
            problem: None,
            planned_at: None,
            created_at: now,
            updated_at: now,
            rev: 1,
        }
    }

    fn changed(&self, now: Timestamp) -> Self {
        Self { updated_at: now, rev: self.rev + 1, ..self.clone() }
    }

    /// The account's owner let us in.
    pub fn connect(&self, account: Account, scopes: Vec<String>, now: Timestamp) -> Self {
        Self { connection: Connection::Connected, account: Some(account), scopes, problem: None, ..self.changed(now) }
    }

    pub fn configure(&self, config: Config, actions: Policy, now: Timestamp) -> Self {
        Self { config, actions, ..self.changed(now) }
    }

    /// Its resources were listed.
    pub fn planned(&self, now: Timestamp) -> Self {
        Self { planned_at: Some(now), problem: None, ..self.changed(now) }
    }

    /// Something keeps it from working as a whole.
    pub fn fail(&self, problem: Problem, now: Timestamp) -> Self {
        let connection = match problem.class {
            ErrorClass::Reauth | ErrorClass::Unauthorized if self.connection == Connection::Connected => {
                Connection::NeedsReauth
            }
            _ => self.connection,
        };
        Self { connection, problem: Some(problem), ..self.changed(now) }
    }

    pub fn disconnect(&self, now: Timestamp) -> Self {
        Self { connection: Connection::Disconnecting, ..self.changed(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_grant_asks_for_the_owner_and_connecting_again_clears_it() {
        let now = Timestamp::from_second(1).unwrap();
        let account = Account { id: "1".into(), name: "ana".into() };
        let new = Integration::new(UserId::mint(now), Service::new("toy"), Config::new(), now);
        let connected = new.connect(account.clone(), vec!["read".into()], now);
        let problem = |class| Problem { class, message: "m".into(), at: now, retry_at: None };
        assert_eq!(connected.fail(problem(ErrorClass::Retry), now).connection, Connection::Connected);
        let lost = connected.fail(problem(ErrorClass::Reauth), now);
        assert_eq!(lost.connection, Connection::NeedsReauth);
        let again = lost.connect(account, Vec::new(), now);
        assert_eq!((again.connection, again.problem, again.rev), (Connection::Connected, None, 4));
        // What is being disconnected stays so.
        let leaving = connected.disconnect(now).fail(problem(ErrorClass::Reauth), now);
        assert_eq!(leaving.connection, Connection::Disconnecting);
    }
}
