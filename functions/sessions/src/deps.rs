//! What the handlers work with, built once per process.

use std::sync::Arc;

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use axum::extract::FromRef;
use domain::limits;
use serde::Serialize;
use store::Store;
use web::config::{self, Missing};
use web::secret::Secret;
use web::{ApiError, aws};

use crate::signin::Providers;

#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    bus: aws_sdk_eventbridge::Client,
    /// `BUS_NAME`
    bus_name: String,
    /// `ENVIRONMENT`: `development` or `production`.
    pub environment: String,
    /// `ERASURE_SETTLE_SECONDS`: how long a deletion waits before it looks again.
    pub(crate) erasure_settle_seconds: u32,
    /// Who vouches for users.
    pub(crate) providers: Arc<Providers>,
}

impl Deps {
    /// From the variables that the template sets.
    pub async fn from_env() -> Result<Self, Missing> {
        let sdk = aws::load().await;
        Ok(Self {
            store: aws::store(&sdk)?,
            providers: Arc::new(Providers::from_env(Secret::from_env(&sdk)?)?),
            bus: aws_sdk_eventbridge::Client::new(&sdk),
            bus_name: config::required("BUS_NAME")?,
            environment: config::required("ENVIRONMENT")?,
            erasure_settle_seconds: config::number("ERASURE_SETTLE_SECONDS", limits::ERASURE_SETTLE_SECONDS),
        })
    }

    /// Puts an event on the deployment's bus.
    pub(crate) async fn tell(&self, source: &str, detail_type: &str, detail: &impl Serialize) -> Result<(), ApiError> {
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus_name)
            .source(source)
            .detail_type(detail_type)
            .detail(serde_json::to_string(detail).map_err(ApiError::internal)?)
            .build();
        let put = self.bus.put_events().entries(entry).send().await.map_err(ApiError::internal)?;
        match put.failed_entry_count() {
            0 => Ok(()),
            _ => Err(ApiError::unavailable()),
        }
    }
}

impl FromRef<Deps> for Store {
    fn from_ref(deps: &Deps) -> Self {
        deps.store.clone()
    }
}
