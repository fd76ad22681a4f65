//! Sends to sockets through API Gateway's `@connections`.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use web::config::{self, Missing};

/// A send takes milliseconds; a stuck one must not hold up the turn.
const SEND_SECONDS_MAX: Duration = Duration::from_secs(3);

#[derive(Clone)]
pub(crate) struct Sockets(Client);

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    Delivered,
    /// The socket is closed for good.
    Gone,
    /// Not this time; a viewer notices the missing number, a runner its next heartbeat.
    Failed,
}

impl Sockets {
    /// `SOCKET_ENDPOINT` is the management address of the socket API's stage.
    pub(crate) fn from_env(sdk: &SdkConfig) -> Result<Self, Missing> {
        let config = aws_sdk_apigatewaymanagement::config::Builder::from(sdk)
            .endpoint_url(config::required("SOCKET_ENDPOINT")?)
            .timeout_config(TimeoutConfig::builder().operation_timeout(SEND_SECONDS_MAX).build())
            .build();
        Ok(Self(Client::from_conf(config)))
    }

    pub(crate) async fn send(&self, connection_id: &str, frame: impl Into<Vec<u8>>) -> Sent {
        let sent = self.0.post_to_connection().connection_id(connection_id).data(Blob::new(frame.into())).send().await;
        match sent {
            Ok(_) => Sent::Delivered,
            Err(error) if error.as_service_error().is_some_and(|e| e.is_gone_exception()) => Sent::Gone,
            Err(error) => {
                let cause = aws_smithy_types::error::display::DisplayErrorContext(&error);
                tracing::warn!(connection.id = connection_id, error = %cause, "a frame was not delivered");
                Sent::Failed
            }
        }
    }

    /// Sends a frame as JSON.
    pub(crate) async fn send_json(&self, connection_id: &str, frame: &impl serde::Serialize) -> Sent {
        match serde_json::to_vec(frame) {
            Ok(json) => self.send(connection_id, json).await,
            Err(error) => {
                tracing::error!(%error, "a frame could not be written as JSON");
                Sent::Failed
            }
        }
    }

    /// Closes a socket; one that is closed already is fine.
    pub(crate) async fn close(&self, connection_id: &str) {
        if let Err(error) = self.0.delete_connection().connection_id(connection_id).send().await {
            let cause = aws_smithy_types::error::display::DisplayErrorContext(&error);
            tracing::info!(connection.id = connection_id, error = %cause, "a socket was not closed");
        }
    }
}
