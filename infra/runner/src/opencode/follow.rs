//! Follows OpenCode's events across its restarts.
//!
//! The reader always drains: OpenCode buffers what is not read without bound.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tracing::{debug, info, warn};

use super::client::Client;
use super::event::Event;
use super::sse::Frames;

/// OpenCode sends a heartbeat each 10 s; two and a half of them lost is a dead stream.
const IDLE: Duration = Duration::from_secs(25);
/// Between two probes of a server that starts: it takes 1.2-2.8 s, so this adds little.
const PROBE_PAUSE: Duration = Duration::from_millis(40);
/// A frame holds one part; the largest is a tool's output.
const FRAME_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Events that wait for the driver, which never blocks.
const CAPACITY: usize = 1024;

/// What the follower sees.
#[derive(Debug, PartialEq)]
pub enum Follow {
    /// The stream is open; events may have been missed before it.
    Up,
    Event(Event),
    /// The stream ended: OpenCode died, restarts, or hangs.
    Down,
}

/// Follows the events of `client` from now on, until the receiver is dropped.
pub fn follow(client: Client) -> mpsc::Receiver<Follow> {
    let (seen, events) = mpsc::channel(CAPACITY);
    tokio::spawn(async move {
        // Ends when nobody listens any more.
        while attend(&client, &seen).await.is_some() {}
    });
    events
}

/// Waits for the server and relays one stream of it to its end.
async fn attend(client: &Client, seen: &mpsc::Sender<Follow>) -> Option<()> {
    while !client.healthy().await {
        if seen.is_closed() {
            return None;
        }
        sleep(PROBE_PAUSE).await;
    }
    let Ok(stream) = client.events().await else { return Some(()) };
    info!("OpenCode is up");
    seen.send(Follow::Up).await.ok()?;
    relay(stream, seen).await?;
    info!("the event stream of OpenCode ended");
    seen.send(Follow::Down).await.ok()
}

async fn relay(mut stream: impl Stream<Item = Option<Bytes>> + Unpin, seen: &mpsc::Sender<Follow>) -> Option<()> {
    let mut frames = Frames::default();
    while let Ok(Some(Some(bytes))) = timeout(IDLE, stream.next()).await {
        frames.push(&bytes);
        while let Some(frame) = frames.next() {
            match Event::parse(&frame) {
                Ok(Event::Other) => {}
                Ok(event) => seen.send(Follow::Event(event)).await.ok()?,
                // The content may be private; its place in the shape is what helps.
                Err(error) => warn!(category = ?error.classify(), "an event of OpenCode has an unknown shape"),
            }
        }
        if frames.pending() > FRAME_BYTES_MAX {
            debug!("a frame of OpenCode is larger than its bound");
            break;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tokio::net::TcpListener;

    use super::*;
    use crate::opencode::Endpoint;

    #[tokio::test]
    async fn a_server_that_hangs_while_it_starts_is_found_once_it_answers() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let endpoint = Endpoint { url, user: "u".into(), password: "p".into(), directory: "/w".into() };
        let mut seen = follow(Client::new(endpoint));
        // Between its bind and its listen OpenCode takes connections that it never answers.
        let hung = listener.accept().await.unwrap();
        let status = r#"{"payload":{"type":"session.status","properties":{"sessionID":"s","status":{"type":"idle"}}}}"#;
        let frames = format!(
            "data: {{\"payload\":{{\"type\":\"server.connected\",\"properties\":{{}}}}}}\n\ndata: {status}\n\n"
        );
        let router = Router::new()
            .route("/global/health", get(async || r#"{"healthy":true,"version":"1"}"#))
            .route("/global/event", get(async move || frames));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let mut next = async || timeout(Duration::from_secs(10), seen.recv()).await.unwrap().unwrap();
        assert_eq!(next().await, Follow::Up);
        assert!(matches!(next().await, Follow::Event(Event::Status { .. })));
        assert_eq!(next().await, Follow::Down, "the stream ended");
        assert_eq!(next().await, Follow::Up, "and is opened again");
        drop(hung);
    }
}
