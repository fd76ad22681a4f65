//! A viewer on a WebSocket that notes when each event came, and does nothing else.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tests::Api;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A turn with a real agent takes seconds.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Viewer {
    socket: Socket,
}

/// One event and when it came.
pub(crate) struct Came {
    pub(crate) at: Instant,
    pub(crate) event: Event,
}

#[derive(Deserialize)]
pub(crate) struct Event {
    pub(crate) seq: u64,
    #[serde(rename = "type")]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) delta: String,
    #[serde(default)]
    pub(crate) message: Value,
}

impl Viewer {
    /// Opens a socket on a session and watches from now on.
    pub(crate) async fn watch(api: &Api, session: &str) -> Result<Self> {
        let mut viewer = Self { socket: open(api, session).await? };
        let history = api.get(&format!("/agent/sessions/{session}/messages?limit=1")).await?.expect(200)?;
        viewer.send(&json!({ "action": "subscribe", "after": history["head"] })).await?;
        viewer.until_key("subscribed").await?;
        Ok(viewer)
    }

    /// The next frame's events; none in a frame that carries something else.
    pub(crate) async fn next(&mut self) -> Result<Vec<Came>> {
        let (frame, at) = self.frame().await?;
        let Some(events) = frame.get("events") else { return Ok(Vec::new()) };
        let events = Vec::<Event>::deserialize(events)?;
        Ok(events.into_iter().map(|event| Came { at, event }).collect())
    }

    /// Milliseconds for a ping to come back: gateway, function, gateway, without the table.
    pub(crate) async fn ping_ms(&mut self) -> Result<f64> {
        let began = Instant::now();
        self.send(&json!({ "action": "ping" })).await?;
        self.until_key("pong").await?;
        Ok(crate::alternate::ms(began.elapsed()))
    }

    /// Everything up to the end of a turn.
    pub(crate) async fn turn(&mut self) -> Result<Vec<Came>> {
        let mut all = Vec::new();
        loop {
            all.extend(self.next().await?);
            if all.iter().any(|came: &Came| came.event.ends_turn()) {
                all.sort_by_key(|came| came.event.seq);
                return Ok(all);
            }
        }
    }

    async fn send(&mut self, frame: &Value) -> Result<()> {
        Ok(self.socket.send(Message::text(frame.to_string())).await?)
    }

    async fn until_key(&mut self, key: &str) -> Result<()> {
        loop {
            let (frame, _) = self.frame().await?;
            ensure!(frame.get("error").is_none(), "the relay refused: {frame}");
            if frame.get(key).is_some() {
                return Ok(());
            }
        }
    }

    async fn frame(&mut self) -> Result<(Value, Instant)> {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await.context("the relay is silent")?;
            let at = Instant::now();
            match message.context("the relay hung up")?? {
                Message::Text(text) => return Ok((serde_json::from_str(&text)?, at)),
                Message::Close(frame) => bail!("the relay hung up: {frame:?}"),
                _ => {}
            }
        }
    }
}

impl Event {
    pub(crate) fn ends_turn(&self) -> bool {
        matches!(self.name.as_str(), "turn.completed" | "turn.failed" | "turn.aborted")
    }

    pub(crate) fn is_text(&self) -> bool {
        self.name == "text.delta"
    }
}

async fn open(api: &Api, session: &str) -> Result<Socket> {
    let url = format!("{}/agent/sessions/{session}/ws", api.origin().replacen("http", "ws", 1));
    let mut request = url.into_client_request()?;
    let token = api.token().context("a viewer has a token")?;
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse()?);
    Ok(tokio_tungstenite::connect_async_with_config(request, None, true).await?.0)
}
