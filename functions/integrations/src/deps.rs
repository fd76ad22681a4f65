//! What the use-cases work with, built once per process.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use store::Store;
use tokio::sync::OnceCell;
use web::secret::{Secret, SecretError};
use web::{aws, config};

use crate::credentials::Keys;
use crate::outbox::Outbox;
use crate::providers::{self, Providers, Settings};

/// Longest that a provider may take to answer; GitHub itself gives up after 10 seconds.
const ANSWER_SECONDS_MAX: Duration = Duration::from_secs(20);

#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub(crate) outbox: Outbox,
    pub(crate) keys: Keys,
    /// `PUBLIC_URL`: where services and browsers reach us; absent when nobody said.
    pub(crate) public_url: Option<String>,
    secret: Secret,
    providers: Arc<OnceCell<Providers>>,
}

impl Deps {
    /// From the variables that the template sets.
    pub async fn from_env() -> Result<Self, config::Missing> {
        let sdk = aws::load().await;
        let secret = Secret::from_env(&sdk)?;
        Ok(Self {
            store: aws::store(&sdk)?,
            outbox: Outbox::from_env(&sdk)?,
            keys: Keys::new(secret.clone()),
            public_url: config::optional("PUBLIC_URL"),
            secret,
            providers: Arc::default(),
        })
    }

    /// For tests: with these providers and an encryption key.
    #[cfg(test)]
    pub(crate) fn fixed(store: Store, outbox: Outbox, providers: Providers) -> Self {
        let secret = Secret::of([("ENCRYPTION_KEY".to_owned(), "key".to_owned())].into());
        Self {
            store,
            outbox,
            keys: Keys::new(secret.clone()),
            public_url: None,
            secret,
            providers: Arc::new(OnceCell::new_with(Some(providers))),
        }
    }

    /// The deployment's secret.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The providers; their settings are read when they are first needed.
    pub async fn providers(&self) -> Result<&Providers, SecretError> {
        let load = async || {
            let secret = self.secret.values().await?.clone();
            let values = std::env::vars().chain(secret);
            Ok(providers::all(&Settings::new(http(), values)))
        };
        self.providers.get_or_try_init(load).await
    }
}

impl FromRef<Deps> for Store {
    fn from_ref(deps: &Deps) -> Self {
        deps.store.clone()
    }
}

/// Follows redirects, unlike [`web::http::client`]: a repository that was renamed answers with one.
fn http() -> reqwest::Client {
    let client = web::http::builder().timeout(ANSWER_SECONDS_MAX);
    client.build().expect("a client without files or system settings")
}
