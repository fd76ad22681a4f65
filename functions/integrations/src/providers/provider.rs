//! The one trait that an integration implements.
//!
//! A provider is stateless: it speaks the service's language and classifies its
//! failures. Cursors, credentials, leases, retries and what is stored are the engine's.

use std::collections::BTreeMap;
use std::fmt;

use domain::entity::Change;
use domain::integration::{Account, Config};
use domain::sync::Quota;
use domain::{Action, Entity, Kind, Repository, Service};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::runner::GitAccess;

use super::Failure;
use super::webhook::{Refused, Verdict, WebhookRequest};

/// What a provider's methods give, later. Implementations are `Box::pin(async move { … })`:
/// providers are kept in a list, and a trait with `async fn` can't be.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Failure>>;

pub trait Provider: Send + Sync {
    fn about(&self) -> &About;

    /// Whether the operator has set what it needs, such as a client id.
    fn configured(&self) -> bool;

    // ---- OAuth -----------------------------------------------------------

    /// Where the user goes to let us in. PKCE is S256 always.
    fn authorize_url(&self, authorization: &Authorization<'_>) -> Result<String, Failure>;

    /// Trades the code that the user came back with for credentials, and learns whose they are.
    fn exchange<'a>(&'a self, code: &'a Code<'a>) -> Answer<'a, Grant>;

    /// Renews an access token; called by one caller at a time.
    fn refresh<'a>(&'a self, credentials: &'a Credentials) -> Answer<'a, Credentials>;

    /// Takes back what the user granted; one that is gone already is fine.
    fn revoke<'a>(&'a self, credentials: &'a Credentials) -> Answer<'a, ()>;

    /// Services of one family share their grant: while another one of the same account is
    /// connected, nothing is revoked.
    fn family(&self) -> &str {
        self.about().service.as_str()
    }

    // ---- Configuration ---------------------------------------------------

    /// What a user can choose from, such as their repositories.
    fn choices<'a>(&'a self, call: &'a Call<'a>) -> Answer<'a, BTreeMap<String, Vec<Choice>>>;

    /// The configuration with its defaults, or what is wrong with it.
    fn check_config(&self, config: Config) -> Result<Config, String>;

    /// What there is to synchronise under this configuration.
    fn resources<'a>(&'a self, call: &'a Call<'a>) -> Answer<'a, Vec<Resource>>;

    // ---- Synchronisation -------------------------------------------------

    /// The next page behind `state`, from the very beginning without one.
    ///
    /// Called under the resource's lease: never twice at once, but perhaps twice with the
    /// same `state`. What is not in any page of a full synchronisation counts as deleted.
    fn sync_page<'a>(
        &'a self,
        call: &'a Call<'a>,
        resource: &'a Resource,
        state: Option<&'a Value>,
    ) -> Answer<'a, Page>;

    /// What one user may spend, and what the next page is likely to cost.
    fn quota(&self) -> Quota;

    fn page_units(&self, _full: bool) -> u32 {
        1
    }

    // ---- One thing -------------------------------------------------------

    /// What the service says of one entity right now, in its own form; `raw` is what it
    /// said when the entity was last read.
    fn look<'a>(&'a self, _call: &'a Call<'a>, _entity: &'a Entity, _raw: &'a Value) -> Answer<'a, Value> {
        Box::pin(async { Err(Failure::permanent("This service can't be asked about one thing alone.")) })
    }

    // ---- Actions ---------------------------------------------------------

    /// What actions need beside the scopes of reading; it is asked for once they are switched on.
    fn action_scope(&self) -> Option<&str> {
        None
    }

    /// Does something there on the user's behalf; what the service says of it. A failure of the
    /// class `Retry` says that it may have been done, any other that it was not.
    fn act<'a>(&'a self, _call: &'a Call<'a>, _deed: Deed<'a>) -> Answer<'a, Value> {
        Box::pin(async { Err(Failure::permanent("This service can't be acted on")) })
    }

    // ---- Repositories ----------------------------------------------------

    /// Whether accounts of this service have repositories that git reaches.
    fn has_repositories(&self) -> bool {
        false
    }

    /// What lets git reach a repository, and as little else as can be.
    fn open_repository<'a>(&'a self, _call: &'a Call<'a>, _repository: &'a Repository) -> Answer<'a, GitAccess> {
        Box::pin(async { Err(Failure::permanent("This service has no repositories.")) })
    }

    // ---- News ------------------------------------------------------------

    /// Verifies a webhook and says whom it concerns. Fails closed.
    fn webhook<'a>(&'a self, _request: &'a WebhookRequest<'a>) -> Verdict<'a> {
        Box::pin(async { Err(Refused::Forged("this service sends no webhooks")) })
    }

    /// Asks the service to tell us of changes to a resource, or renews that: `current` is
    /// the subscription in force, if one is. Called at least once an hour; answers `None`
    /// when `current` is good for long enough yet, or when the service needs no asking. A
    /// new subscription's `route` and `proof` are stored before the next call.
    fn subscribe<'a>(
        &'a self,
        _call: &'a Call<'a>,
        _resource: &'a Resource,
        _current: Option<&'a Subscription>,
    ) -> Answer<'a, Option<Subscription>> {
        Box::pin(async { Ok(None) })
    }

    /// Ends a subscription: one that was renewed, or whose resource is no longer synchronised.
    fn unsubscribe<'a>(&'a self, _call: &'a Call<'a>, _subscription: &'a Subscription) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    /// What has to be done every hour for the deployment as a whole, such as asking for
    /// lost deliveries again.
    fn maintain(&self, _now: Timestamp) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// What can be said of a service without asking it.
#[derive(Debug, Clone)]
pub struct About {
    pub service: Service,
    /// `Google Calendar`
    pub name: String,
    /// One sentence: what is read.
    pub description: String,
    /// Kinds of its entities.
    pub kinds: Vec<Kind>,
    /// What it asks the account's owner for.
    pub scopes: Vec<String>,
    /// JSON Schema of the configuration.
    pub config_schema: Value,
}

/// A user who is about to leave for the service.
pub struct Authorization<'a> {
    pub redirect_uri: &'a str,
    pub state: &'a str,
    /// PKCE, S256.
    pub code_challenge: &'a str,
    /// Whether actions are on, and what they need is to be asked for.
    pub actions: bool,
    /// Whom to suggest, when an account is connected again.
    pub account: Option<&'a Account>,
}

/// A user who came back.
pub struct Code<'a> {
    pub code: &'a str,
    pub redirect_uri: &'a str,
    pub code_verifier: &'a str,
    pub now: Timestamp,
}

/// What the account's owner granted.
#[derive(Debug)]
pub struct Grant {
    pub credentials: Credentials,
    pub account: Account,
    /// What was granted, which may be less than was asked for.
    pub scopes: Vec<String>,
}

/// What opens an account. Sealed at rest, and never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    pub access_token: AccessToken,
    /// `None`: the access token is all there is.
    #[serde(default)]
    pub refresh_token: Option<String>,
    /// `None`: it does not expire by itself.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// The provider's own, such as an installation's id.
    #[serde(default)]
    pub extra: Value,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccessToken(String);

impl AccessToken {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The token itself, for the one header that carries it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials(…, expires at {:?})", self.expires_at)
    }
}

/// On whose behalf, with what and when a service is called.
pub struct Call<'a> {
    /// Good for some minutes at least.
    pub credentials: &'a Credentials,
    pub account: &'a Account,
    pub scopes: &'a [String],
    pub config: &'a Config,
    /// Where the service can reach us: `https://…/webhooks/<service>`.
    pub webhook_url: &'a str,
    pub now: Timestamp,
}

/// What is to be done.
#[derive(Clone, Copy)]
pub struct Deed<'a> {
    pub action: &'a Action,
    /// The same for each attempt at it: 64 lower-case letters and digits, in hex.
    pub id: &'a str,
}

/// Something a user can choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// As it stands in the configuration.
    pub id: String,
    pub name: String,
}

/// A part of an account that has a cursor of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Stable whatever it is called: `repo:1296269`, `mailbox`, `calendar:<id>`.
    pub key: String,
    /// For people.
    pub name: String,
    /// What is read of it; when this changes, it is read from scratch.
    pub params: Value,
    /// Keys under which webhooks speak of it.
    pub routes: Vec<String>,
}

/// A part of what a resource holds.
#[derive(Debug, Clone)]
pub struct Page {
    /// In the order in which they are to be applied.
    pub changes: Vec<Change>,
    /// Where the next page begins; stored when this one is applied.
    pub state: Value,
    /// Nothing more for now.
    pub done: bool,
    /// What the page cost of the quota.
    pub units: u32,
}

/// What makes a service tell us of changes, until it expires.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// The key under which its webhooks come: `channel:<uuid>`.
    pub route: String,
    /// The secret that they show.
    #[serde(default)]
    pub proof: Option<String>,
    pub expires_at: Timestamp,
    /// The provider's own: what it takes to end it.
    #[serde(default)]
    pub data: Value,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscription({}, expires at {})", self.route, self.expires_at)
    }
}
