//! Credentials: opened for the moment of a call, renewed by one caller at a time.

mod keyring;

use std::sync::Arc;
use std::time::Duration;

use domain::{Integration, limits};
use jiff::SignedDuration;
use store::SealedCredentials;
use tokio::sync::RwLock;
use web::secret::{Secret, SecretError};

use crate::providers::{Credentials, Failure, Provider};
use crate::{Deps, WorkError};

use keyring::Keyring;
pub(crate) use keyring::SealError;

/// Between two looks at credentials that another caller is renewing.
const RENEWAL_PAUSE: Duration = Duration::from_millis(150);
/// Looks: as long as a renewal may take.
const RENEWAL_LOOKS: u32 = 200;

/// The keys of the deployment: read when first needed, and again when one is asked for
/// that was added since.
#[derive(Clone)]
pub(crate) struct Keys {
    secret: Secret,
    keyring: Arc<RwLock<Option<Arc<Keyring>>>>,
}

impl Keys {
    pub(crate) fn new(secret: Secret) -> Self {
        Self { secret, keyring: Arc::default() }
    }

    async fn current(&self) -> Result<Arc<Keyring>, WorkError> {
        if let Some(keyring) = &*self.keyring.read().await {
            return Ok(keyring.clone());
        }
        self.read(&self.secret).await
    }

    /// The keyring that has this key.
    async fn with(&self, key_id: &str) -> Result<Arc<Keyring>, WorkError> {
        let keyring = self.current().await?;
        if keyring.has(key_id) { Ok(keyring) } else { self.read(&self.secret.unread()).await }
    }

    async fn read(&self, secret: &Secret) -> Result<Arc<Keyring>, WorkError> {
        let values = secret.values().await?;
        let keyring = Keyring::new(|name| values.get(name).map(String::as_str))
            .ok_or_else(|| WorkError::Secret(SecretError::Absent("ENCRYPTION_KEY")))?;
        let keyring = Arc::new(keyring);
        *self.keyring.write().await = Some(keyring.clone());
        Ok(keyring)
    }
}

/// Credentials as they were opened.
pub(crate) struct Opened {
    pub(crate) credentials: Credentials,
    rev: u64,
}

/// Binds a ciphertext to its place: elsewhere it does not open.
fn bound_to(integration: &Integration) -> String {
    format!("{}/{}", integration.owner, integration.id)
}

/// Seals new credentials and writes them.
pub(crate) async fn keep(deps: &Deps, integration: &Integration, new: &Credentials) -> Result<(), WorkError> {
    let sealed = seal(deps, integration, new).await?;
    deps.store.put_credentials(integration.owner, integration.id, &sealed).await?;
    Ok(())
}

async fn seal(deps: &Deps, integration: &Integration, new: &Credentials) -> Result<SealedCredentials, WorkError> {
    let keyring = deps.keys.current().await?;
    let plain = serde_json::to_vec(new).map_err(|_| SealError::Unreadable)?;
    let (key_id, sealed) = keyring.seal(&bound_to(integration), plain)?;
    Ok(SealedCredentials { key_id, sealed, expires_at: new.expires_at, rev: 0 })
}

async fn open(deps: &Deps, integration: &Integration, sealed: &SealedCredentials) -> Result<Opened, WorkError> {
    let keyring = deps.keys.with(&sealed.key_id).await?;
    let plain = keyring.open(&sealed.key_id, &sealed.sealed, &bound_to(integration))?;
    let credentials = serde_json::from_slice(&plain).map_err(|_| SealError::Unreadable)?;
    Ok(Opened { credentials, rev: sealed.rev })
}

/// The integration's credentials, good for some minutes. With `refused` only ones that
/// are newer than those, which the provider did not accept.
///
/// Of all callers at once one renews them, and everyone else waits for what it writes:
/// a provider that rotates refresh tokens kills all but the first.
pub(crate) async fn usable(
    deps: &Deps,
    provider: &dyn Provider,
    integration: &Integration,
    refused: Option<&Opened>,
) -> Result<Opened, WorkError> {
    let (owner, id) = (integration.owner, integration.id);
    for _ in 0..RENEWAL_LOOKS {
        let Some(sealed) = deps.store.credentials(owner, id).await? else {
            return Err(Failure::reauth("the account is not connected").into());
        };
        let opened = open(deps, integration, &sealed).await?;
        let now = web::now();
        let soon = now + SignedDuration::from_secs(limits::TOKEN_RENEW_SECONDS);
        let is_refused = refused.is_some_and(|refused| refused.rev >= sealed.rev);
        let ends = sealed.expires_at.is_some_and(|at| at <= soon);
        if !is_refused && !ends {
            return Ok(opened);
        }
        if opened.credentials.refresh_token.is_none() {
            let ended = sealed.expires_at.is_some_and(|at| at <= now);
            if is_refused || ended {
                return Err(Failure::reauth("the service no longer accepts the access that was granted").into());
            }
            return Ok(opened);
        }
        let time = SignedDuration::from_secs(limits::TOKEN_RENEW_LEASE_SECONDS);
        if deps.store.begin_renewal(owner, id, sealed.rev, now, time).await? {
            if let Some(renewed) = renew(deps, provider, integration, &opened).await? {
                return Ok(renewed);
            }
        } else {
            tokio::time::sleep(RENEWAL_PAUSE).await;
        }
    }
    Err(Failure::retry("the access to the account is being renewed").into())
}

/// Renews and writes, before anybody uses what came; `None` when the account was
/// connected again meanwhile.
async fn renew(
    deps: &Deps,
    provider: &dyn Provider,
    integration: &Integration,
    opened: &Opened,
) -> Result<Option<Opened>, WorkError> {
    let (owner, id) = (integration.owner, integration.id);
    let credentials = match provider.refresh(&opened.credentials).await {
        Ok(credentials) => credentials,
        Err(failure) => {
            deps.store.end_renewal(owner, id, opened.rev).await?;
            return Err(failure.into());
        }
    };
    let sealed = seal(deps, integration, &credentials).await?;
    let kept = deps.store.replace_credentials(owner, id, opened.rev, &sealed).await?;
    tracing::info!(integration.id = %id, kept = kept.is_some(), "an access token was renewed");
    Ok(kept.map(|kept| Opened { credentials, rev: kept.rev }))
}

/// Seals credentials again that are not sealed with the first of the keys; whether they were.
pub(crate) async fn reseal(deps: &Deps, integration: &Integration) -> Result<bool, WorkError> {
    let (owner, id) = (integration.owner, integration.id);
    let Some(sealed) = deps.store.credentials(owner, id).await? else { return Ok(false) };
    if deps.keys.current().await?.first() == sealed.key_id {
        return Ok(false);
    }
    let opened = open(deps, integration, &sealed).await?;
    let again = seal(deps, integration, &opened.credentials).await?;
    if again.key_id == sealed.key_id {
        return Ok(false);
    }
    // Whoever replaced them meanwhile sealed them anew.
    deps.store.replace_credentials(owner, id, sealed.rev, &again).await?;
    Ok(true)
}

#[cfg(test)]
mod tests;
