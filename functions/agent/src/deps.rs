//! What the use-cases work with, built once per process.

use axum::extract::FromRef;
use domain::limits;
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
    /// `IDLE_STOP_SECONDS`: after how long without a turn a sandbox ends.
    pub(crate) idle_stop_seconds: u64,
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
            idle_stop_seconds: idle_stop_seconds(),
        })
    }

    /// The key that signs runners' tokens.
    pub(crate) async fn signing_key(&self) -> Result<&[u8], web::secret::SecretError> {
        self.secret.value("ENCRYPTION_KEY").await.map(str::as_bytes)
    }
}

fn idle_stop_seconds() -> u64 {
    let given = config::optional("IDLE_STOP_SECONDS").and_then(|seconds| seconds.parse().ok());
    given.unwrap_or(limits::IDLE_STOP_SECONDS)
}

impl FromRef<Deps> for Store {
    fn from_ref(deps: &Deps) -> Self {
        deps.store.clone()
    }
}
