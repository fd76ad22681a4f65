//! Dead letters: events that a function did not carry out at the last retry either. They
//! wait in its queue; the command `dead-letters.redrive` has the function carry them out
//! again, when what was in their way is gone.

use std::time::Instant;

use aws_config::SdkConfig;
use serde_json::{Value, json};

use crate::config::{self, Missing};

/// `detail-type` of the event that is the command.
const REDRIVE: &str = "dead-letters.redrive";

/// How long nobody else is handed a letter: as long as any function runs, so that one
/// that fails again does not come again within the same command.
const HIDDEN_SECONDS: i32 = 900;

/// The queue could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the dead letters could not be read")]
pub struct Unreadable(#[source] Box<aws_sdk_sqs::Error>);

/// A function's dead letters.
pub struct DeadLetters {
    sqs: aws_sdk_sqs::Client,
    queue_url: String,
}

impl DeadLetters {
    /// `DEAD_LETTERS_URL` names the queue.
    pub fn from_env(sdk: &SdkConfig) -> Result<Self, Missing> {
        Ok(Self { sqs: aws_sdk_sqs::Client::new(sdk), queue_url: config::required("DEAD_LETTERS_URL")? })
    }

    /// Whether an event is the command.
    pub fn asked_by(event: &Value) -> bool {
        event["detail-type"] == REDRIVE
    }

    /// Carries letters out until none is left or `deadline` is near, and forgets those of
    /// which `carry_out` says that it is done. Says how many those were, and how many failed.
    pub async fn redrive(
        &self,
        deadline: Instant,
        carry_out: impl AsyncFn(Value) -> bool,
    ) -> Result<Value, Unreadable> {
        let (mut redriven, mut failed) = (0, 0);
        while Instant::now() < deadline
            && let Some(letter) = self.fetch().await?
        {
            // What is no event fails as one does that is not known.
            let event = letter.body().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
            if carry_out(event).await {
                self.forget(letter.receipt_handle().unwrap_or_default()).await?;
                redriven += 1;
            } else {
                failed += 1;
            }
        }
        tracing::info!(redriven, failed, "dead letters were carried out again");
        Ok(json!({ "redriven": redriven, "failed": failed }))
    }

    /// One at a time: what was fetched and not looked at would be hidden as well.
    async fn fetch(&self) -> Result<Option<aws_sdk_sqs::types::Message>, Unreadable> {
        let receive = self.sqs.receive_message().queue_url(&self.queue_url).visibility_timeout(HIDDEN_SECONDS);
        let received = receive.send().await.map_err(unreadable)?;
        Ok(received.messages.unwrap_or_default().into_iter().next())
    }

    async fn forget(&self, receipt: &str) -> Result<(), Unreadable> {
        let delete = self.sqs.delete_message().queue_url(&self.queue_url).receipt_handle(receipt);
        delete.send().await.map(drop).map_err(unreadable)
    }
}

fn unreadable(error: impl Into<aws_sdk_sqs::Error>) -> Unreadable {
    Unreadable(Box::new(error.into()))
}
