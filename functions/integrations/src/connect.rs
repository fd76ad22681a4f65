//! Connects an account: the user leaves for the service, and comes back with a code.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::integration::{Account, Config, Connection};
use domain::sync::Reason;
use domain::{Actor, BearerToken, Integration, Service, TokenHash, UserId, limits};
use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use store::PendingOauth;
use web::ApiError;
use wire::bus::SyncRequested;

use crate::error::chain;
use crate::providers::{Authorization, Code, Failure, Grant, Provider};
use crate::{Deps, WorkError, credentials};

/// A user who is about to leave.
pub(crate) struct Leaving<'a> {
    pub(crate) owner: UserId,
    /// By what they leave.
    pub(crate) actor: Actor,
    /// The integration whose account is connected again.
    pub(crate) again: Option<&'a Integration>,
    /// Whether it is for more than reading.
    pub(crate) actions: bool,
    pub(crate) browser: TokenHash,
    pub(crate) origin: &'a str,
    pub(crate) return_to: String,
}

/// Why an account was not connected.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("this sign-in was completed before, took too long, or was begun by someone else; start again")]
    StateUnknown,
    #[error("the sign-in came back from another service than it went to")]
    OtherService,
    #[error("the sign-in was begun in another browser; start again in this one")]
    OtherBrowser,
    #[error("the access was refused at the service")]
    Denied,
    #[error("the service did not complete the sign-in; start again")]
    Refused,
    #[error("this is another account than the one that was to be connected again")]
    OtherAccount,
    #[error("the account is still being disconnected; try again in a minute")]
    Disconnecting,
    #[error(transparent)]
    Work(#[from] WorkError),
}

impl ConnectError {
    /// Stable, for the client.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::StateUnknown => "state_unknown",
            Self::OtherService => "other_service",
            Self::OtherBrowser => "other_browser",
            Self::Denied => "access_denied",
            Self::Refused | Self::Work(WorkError::Provider(_)) => "provider_failed",
            Self::OtherAccount => "other_account",
            Self::Disconnecting => "disconnecting",
            Self::Work(_) => "internal_error",
        }
    }

    pub(crate) fn log(&self, service: &str) {
        tracing::warn!(service, code = self.code(), error = chain(self), "an account was not connected");
    }
}

impl From<ConnectError> for ApiError {
    fn from(error: ConnectError) -> Self {
        let status = match &error {
            ConnectError::Work(_) => {
                let ConnectError::Work(error) = error else { return Self::unavailable() };
                return error.into();
            }
            ConnectError::OtherAccount | ConnectError::Disconnecting => StatusCode::CONFLICT,
            ConnectError::StateUnknown
            | ConnectError::OtherService
            | ConnectError::OtherBrowser
            | ConnectError::Denied
            | ConnectError::Refused => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.code(), error.to_string())
    }
}

fn redirect_uri(origin: &str, provider: &dyn Provider) -> String {
    // One for each service, so that a code can't be taken to another one.
    format!("{origin}/api/integrations/{}/callback", provider.about().service)
}

/// Notes who leaves; where to, and until when the way back is open.
pub(crate) async fn leave(
    deps: &Deps,
    provider: &dyn Provider,
    leaving: Leaving<'_>,
) -> Result<(String, Timestamp), WorkError> {
    let expires_at = web::now() + SignedDuration::from_mins(limits::OAUTH_MINUTES_MAX);
    let state = BearerToken::mint_ticket();
    let code_verifier = BearerToken::mint_ticket().reveal().to_owned();
    let code_challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, code_verifier.as_bytes()));
    let redirect_uri = redirect_uri(leaving.origin, provider);
    let authorization = Authorization {
        redirect_uri: &redirect_uri,
        state: state.reveal(),
        code_challenge: &code_challenge,
        actions: leaving.actions,
        account: leaving.again.and_then(|integration| integration.account.as_ref()),
    };
    let url = provider.authorize_url(&authorization)?;
    let pending = PendingOauth {
        owner: leaving.owner,
        actor: leaving.actor,
        service: provider.about().service.clone(),
        integration_id: leaving.again.map(|integration| integration.id),
        code_verifier,
        redirect_uri,
        browser: leaving.browser,
        return_to: leaving.return_to,
        expires_at,
    };
    deps.store.put_oauth(&state.hash(), &pending).await?;
    Ok((url, expires_at))
}

/// Trades the code for credentials, keeps them and has everything synchronised.
pub(crate) async fn complete(
    deps: &Deps,
    pending: PendingOauth,
    code: &str,
    now: Timestamp,
) -> Result<Integration, ConnectError> {
    let providers = deps.providers().await.map_err(WorkError::from)?;
    let provider = providers.get(&pending.service).ok_or(ConnectError::OtherService)?;
    let code = Code { code, redirect_uri: &pending.redirect_uri, code_verifier: &pending.code_verifier, now };
    let grant = provider.exchange(&code).await.map_err(WorkError::from)?;
    for _ in 0..limits::RACE_RETRIES_MAX {
        if let Some(connected) = keep(deps, provider, &pending, &grant, now).await? {
            deps.store.put_due(connected.owner, connected.id, now).await.map_err(WorkError::from)?;
            let request = SyncRequested {
                user_id: connected.owner,
                integration_id: connected.id,
                resource: None,
                reason: Reason::Connected,
            };
            deps.outbox.sync(&[request]).await.map_err(WorkError::from)?;
            return Ok(connected);
        }
    }
    Err(WorkError::Store(store::Error::Throttled).into())
}

/// Writes credentials and integration; `None` when something else was written meanwhile.
async fn keep(
    deps: &Deps,
    provider: &dyn Provider,
    pending: &PendingOauth,
    grant: &Grant,
    now: Timestamp,
) -> Result<Option<Integration>, ConnectError> {
    let found = find(deps, pending, &grant.account).await?;
    let (integration, new) = match found {
        Some(integration) => (integration, false),
        None => {
            let config = provider.check_config(Config::new()).map_err(|wrong| WorkError::from(Failure::bug(wrong)))?;
            (Integration::new(pending.owner, pending.service.clone(), config, now), true)
        }
    };
    if integration.connection == Connection::Disconnecting {
        return Err(ConnectError::Disconnecting);
    }
    if integration.account.as_ref().is_some_and(|account| account.id != grant.account.id) {
        return Err(ConnectError::OtherAccount);
    }
    let connected = integration.connect(grant.account.clone(), grant.scopes.clone(), now);
    // The credentials first: an integration that says it is connected has some.
    credentials::keep(deps, &connected, &grant.credentials).await?;
    let written = deps.store.connect_integration(&connected, &grant.account, new).await.map_err(WorkError::from)?;
    if !written && new {
        deps.store.delete_credentials(connected.owner, connected.id).await.map_err(WorkError::from)?;
    }
    Ok(written.then_some(connected))
}

/// The integration that the account belongs to: the one that was to be connected again,
/// the one that has the account, or one that was configured and waits for an account.
async fn find(deps: &Deps, pending: &PendingOauth, account: &Account) -> Result<Option<Integration>, ConnectError> {
    let store = &deps.store;
    if let Some(id) = pending.integration_id {
        return Ok(store.integration(pending.owner, id).await.map_err(WorkError::from)?);
    }
    let known = store.integration_of_account(pending.owner, &pending.service, &account.id).await;
    if let Some(known) = known.map_err(WorkError::from)? {
        return Ok(Some(known));
    }
    Ok(waiting(deps, pending.owner, &pending.service).await.map_err(WorkError::from)?)
}

/// The integration that was configured and waits for an account.
pub(crate) async fn waiting(
    deps: &Deps,
    owner: UserId,
    service: &Service,
) -> Result<Option<Integration>, store::Error> {
    let all = deps.store.all_integrations(owner).await?;
    let waits = |known: &Integration| known.service == *service && known.connection == Connection::NotConnected;
    Ok(all.into_iter().find(waits))
}
