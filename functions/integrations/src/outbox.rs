//! What this function has to tell the bus, and with it itself.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde::Serialize;
use web::config::{self, Missing};
use wire::bus::{DisconnectRequested, INTEGRATIONS_SOURCE, SyncRequested};

/// Entries of one PutEvents.
const ENTRIES_MAX: usize = 10;

#[derive(Clone)]
pub(crate) struct Outbox {
    client: Client,
    bus_name: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the event bus took no event")]
pub struct OutboxError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Outbox {
    pub(crate) fn from_env(sdk: &SdkConfig) -> Result<Self, Missing> {
        Ok(Self { client: Client::new(sdk), bus_name: config::required("BUS_NAME")? })
    }

    #[cfg(test)]
    pub(crate) fn to(client: Client, bus_name: &str) -> Self {
        Self { client, bus_name: bus_name.to_owned() }
    }

    pub(crate) async fn sync(&self, requests: &[SyncRequested]) -> Result<(), OutboxError> {
        self.put(SyncRequested::DETAIL_TYPE, requests).await
    }

    pub(crate) async fn disconnect(&self, request: DisconnectRequested) -> Result<(), OutboxError> {
        self.put(DisconnectRequested::DETAIL_TYPE, &[request]).await
    }

    async fn put(&self, detail_type: &str, details: &[impl Serialize]) -> Result<(), OutboxError> {
        for details in details.chunks(ENTRIES_MAX) {
            let mut put = self.client.put_events();
            for detail in details {
                let detail = serde_json::to_string(detail).map_err(|error| OutboxError(error.into()))?;
                let entry = PutEventsRequestEntry::builder()
                    .event_bus_name(&self.bus_name)
                    .source(INTEGRATIONS_SOURCE)
                    .detail_type(detail_type)
                    .detail(detail);
                put = put.entries(entry.build());
            }
            let taken = put.send().await.map_err(|error| OutboxError(error.into()))?;
            if taken.failed_entry_count > 0 {
                let code = taken.entries().iter().find_map(|entry| entry.error_code()).unwrap_or("unknown");
                return Err(OutboxError(code.into()));
            }
        }
        Ok(())
    }
}
