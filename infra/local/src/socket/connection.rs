//! One client, as the rest of the gateway knows it: an id and a bounded queue.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What is to be sent.
#[derive(Debug)]
pub(super) enum Outbound {
    Data(Bytes),
    /// Ends the connection, after what was queued before.
    Close,
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: String,
    pub(super) host: String,
    pub(super) user_agent: Option<String>,
    pub(super) source: IpAddr,
    pub(super) connected_at: Timestamp,
    /// The client takes its messages too slowly.
    pub(super) slow: CancellationToken,
    /// A fault wants it to break.
    pub(super) broken: CancellationToken,
    since: Instant,
    /// Milliseconds after `since` of the last message in either direction.
    active_ms: AtomicU64,
    outbox: mpsc::UnboundedSender<Outbound>,
    queued: AtomicUsize,
    limit: usize,
}

impl Connection {
    /// A connection whose queue holds at most `limit` bytes; the other end of it.
    pub(super) fn new(headers: &HeaderMap, source: IpAddr, limit: usize) -> (Self, mpsc::UnboundedReceiver<Outbound>) {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (outbox, inbox) = mpsc::unbounded_channel();
        let connection = Self {
            // Like AWS's: padded, so that it must be escaped in a path.
            id: URL_SAFE.encode(rand::random::<[u8; 11]>()),
            host: text("host").unwrap_or_default(),
            user_agent: text("user-agent"),
            source,
            connected_at: Timestamp::now(),
            slow: CancellationToken::new(),
            broken: CancellationToken::new(),
            since: Instant::now(),
            active_ms: AtomicU64::new(0),
            outbox,
            queued: AtomicUsize::new(0),
            limit,
        };
        (connection, inbox)
    }

    /// Queues data for the client; false when it is gone, or so slow that it now is.
    pub(super) fn send(&self, data: Bytes) -> bool {
        if self.slow.is_cancelled() {
            return false;
        }
        let length = data.len();
        if self.queued.fetch_add(length, Ordering::Relaxed) + length > self.limit {
            self.slow.cancel();
            return false;
        }
        self.touch();
        self.outbox.send(Outbound::Data(data)).is_ok()
    }

    /// Ends the connection once the client has what is queued.
    pub(super) fn close(&self) {
        // It may have ended by itself meanwhile.
        let _ = self.outbox.send(Outbound::Close);
    }

    /// Ends the connection at once, without a word to the client.
    pub(super) fn break_off(&self) {
        self.broken.cancel();
    }

    /// Tells the client of a message that came to nothing, as API Gateway does.
    pub(super) fn complain(&self, message: &str, request: &str) {
        let told = json!({ "message": message, "connectionId": self.id, "requestId": request });
        self.send(told.to_string().into());
    }

    pub(super) fn sent(&self, length: usize) {
        self.queued.fetch_sub(length, Ordering::Relaxed);
    }

    pub(super) fn touch(&self) {
        let active = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.active_ms.store(active, Ordering::Relaxed);
    }

    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    pub(super) fn active_at(&self) -> Instant {
        self.since + self.active_for()
    }

    pub(super) fn last_active(&self) -> Timestamp {
        self.connected_at + self.active_for()
    }

    fn active_for(&self) -> Duration {
        Duration::from_millis(self.active_ms.load(Ordering::Relaxed))
    }
}
