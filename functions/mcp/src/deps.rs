//! What the tools work with, built once per process.

use axum::extract::FromRef;
use store::Store;
use web::config;
use web::secret::{Secret, SecretError};

#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub(crate) integrations: integrations::Deps,
    secret: Secret,
}

impl Deps {
    /// From the variables that the template sets.
    pub async fn from_env() -> Result<Self, config::Missing> {
        let integrations = integrations::Deps::from_env().await?;
        let secret = integrations.secret().clone();
        Ok(Self { store: integrations.store.clone(), integrations, secret })
    }

    /// The key that signs runners' tokens.
    pub(crate) async fn signing_key(&self) -> Result<&[u8], SecretError> {
        self.secret.value("ENCRYPTION_KEY").await.map(str::as_bytes)
    }
}

impl FromRef<Deps> for Store {
    fn from_ref(deps: &Deps) -> Self {
        deps.store.clone()
    }
}
