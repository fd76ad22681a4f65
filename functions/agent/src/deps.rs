//! What the use-cases work with, built once per process.

use axum::extract::FromRef;
use store::Store;
use web::secret::Secret;
use web::{aws, config};

use crate::connections::ConnectionCache;
use crate::sockets::Sockets;
use crate::tasks::Tasks;

#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub(crate) sockets: Sockets,
    pub(crate) tasks: Tasks,
    pub(crate) secret: Secret,
    pub(crate) connections: ConnectionCache,
}

impl Deps {
    /// From the variables that the template sets.
    pub async fn from_env() -> Result<Self, config::Missing> {
        let sdk = aws::load().await;
        Ok(Self {
            store: aws::store(&sdk)?,
            sockets: Sockets::from_env(&sdk)?,
            tasks: Tasks::from_env(&sdk)?,
            secret: Secret::from_env(&sdk)?,
            connections: ConnectionCache::default(),
        })
    }

    /// The key that signs runners' tokens.
    pub(crate) async fn signing_key(&self) -> Result<&[u8], web::secret::SecretError> {
        self.secret.value("ENCRYPTION_KEY").await.map(str::as_bytes)
    }
}

impl FromRef<Deps> for Store {
    fn from_ref(deps: &Deps) -> Self {
        deps.store.clone()
    }
}
