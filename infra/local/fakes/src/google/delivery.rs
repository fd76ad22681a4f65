//! Notifications on their way to our webhooks: Pub/Sub pushes and calendar channels.
//!
//! Sent in tasks of their own, again after a refusal as Google does, and spoilt to
//! order: dropped, doubled, or held back and then let go in another order.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The topic that Gmail publishes to.
pub const TOPIC: &str = "projects/fake/topics/gmail";
/// The subscription that pushes what it gets to the product.
pub const SUBSCRIPTION: &str = "projects/fake/subscriptions/gmail-push";
/// Whom the push's token is for.
pub const PUSH_AUDIENCE: &str = "gmail-push.fake";
/// Whom the push's token names.
pub const PUSH_ACCOUNT: &str = "gmail-push@fake.iam.gserviceaccount.com";

/// Tries of one notification; Google goes on for days.
const TRIES_MAX: u32 = 8;
/// Pause before the second try; it doubles. Google begins with more.
const BACKOFF: Duration = Duration::from_millis(100);
/// Notifications that are remembered.
const SENT_MAX: usize = 1_000;

/// What becomes of new notifications.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    #[default]
    Deliver,
    Drop,
    Double,
    Hold,
}

/// Who notifies: they differ in what they try again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sender {
    /// Until it is acknowledged.
    PubSub,
    /// Only after a 500, 502, 503 or 504.
    Channel,
}

/// A request to a webhook.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Notification {
    pub(crate) sender: Sender,
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

#[derive(Default)]
pub(crate) struct Delivery {
    pub(crate) mode: Mode,
    held: Vec<Notification>,
    /// What was handed to the network, the newest last.
    pub(crate) sent: VecDeque<Notification>,
}

impl Delivery {
    /// Sends it, or does what the mode says.
    pub(crate) fn give(&mut self, http: &reqwest::Client, notification: Notification) {
        match self.mode {
            Mode::Deliver => self.send(http, notification),
            Mode::Drop => {}
            Mode::Hold => self.held.push(notification),
            Mode::Double => {
                self.send(http, notification.clone());
                self.send(http, notification);
            }
        }
    }

    /// Sends what was held back, the last first.
    pub(crate) fn release(&mut self, http: &reqwest::Client) {
        while let Some(notification) = self.held.pop() {
            self.send(http, notification);
        }
    }

    fn send(&mut self, http: &reqwest::Client, notification: Notification) {
        if self.sent.len() == SENT_MAX {
            self.sent.pop_front();
        }
        self.sent.push_back(notification.clone());
        tokio::spawn(deliver(http.clone(), notification));
    }
}

async fn deliver(http: reqwest::Client, notification: Notification) {
    let mut pause = BACKOFF;
    for _ in 0..TRIES_MAX {
        let mut request = http.post(&notification.url).body(notification.body.clone());
        for (name, value) in &notification.headers {
            request = request.header(*name, value);
        }
        let status = request.send().await.map(|response| response.status());
        match status {
            Ok(status) if status.is_success() => return,
            Ok(status) if notification.sender == Sender::Channel && !status.is_server_error() => return,
            Ok(_) | Err(_) => tokio::time::sleep(pause).await,
        }
        pause *= 2;
    }
}
