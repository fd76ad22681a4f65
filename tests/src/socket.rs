//! A viewer on a WebSocket that does what every client must: order events by
//! number, drop repeats, and subscribe again behind a gap.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::{Api, PATIENCE, Record, Seen};

/// How long frames may overtake each other before a missing number is a gap.
const GAP_PATIENCE: Duration = Duration::from_millis(500);

/// The handshake was answered with a status.
#[derive(Debug)]
pub struct SocketRefused {
    pub status: u16,
}

impl std::fmt::Display for SocketRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the socket was refused with {}", self.status)
    }
}

impl std::error::Error for SocketRefused {}

/// A frame of events, each as its own bytes.
#[derive(Deserialize)]
struct Events<'a> {
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

/// Watches a session and keeps what came.
pub struct SocketViewer {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Events so far, in order and without gap.
    pub record: Record,
    /// Frames other than events.
    pub frames: Vec<Value>,
    /// Events that came more than once.
    pub repeats: u64,
    /// Times that it had to subscribe again.
    pub gaps: u64,
    /// Whether the server has closed the socket.
    pub closed: bool,
    after: u64,
    waiting: BTreeMap<u64, Seen>,
    /// When to subscribe again, if what is missing has not come by then.
    gap_until: Option<Instant>,
    read: usize,
}

impl SocketViewer {
    /// Opens a session's socket with a ticket, or with `api`'s token. A refusal
    /// is a [`SocketRefused`].
    pub async fn open(api: &Api, session: &str, ticket: Option<&str>) -> Result<Self> {
        let address = format!("{}/agent/sessions/{session}/ws", api.origin().replacen("http", "ws", 1));
        let request = match (ticket, api.token()) {
            (Some(ticket), _) => ClientRequestBuilder::new(format!("{address}?ticket={ticket}").parse()?),
            (None, Some(token)) => {
                ClientRequestBuilder::new(address.parse()?).with_header("Authorization", format!("Bearer {token}"))
            }
            (None, None) => ClientRequestBuilder::new(address.parse()?),
        };
        let connected = tokio::time::timeout(PATIENCE, connect_async(request)).await.context("no answer")?;
        let stream = match connected {
            Ok((stream, _)) => stream,
            Err(Error::Http(response)) => bail!(SocketRefused { status: response.status().as_u16() }),
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            stream,
            record: Record::default(),
            frames: Vec::new(),
            repeats: 0,
            gaps: 0,
            closed: false,
            after: 0,
            waiting: BTreeMap::new(),
            gap_until: None,
            read: 0,
        })
    }

    /// Watches from behind `after` on; for the first time.
    pub async fn subscribe(&mut self, after: u64) -> Result<()> {
        self.after = after;
        self.send(&json!({ "action": "subscribe", "after": after })).await
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &Value) -> Result<()> {
        self.send_text(&frame.to_string()).await
    }

    /// Sends a frame as it is.
    pub async fn send_text(&mut self, text: &str) -> Result<()> {
        Ok(self.stream.send(Message::text(text)).await?)
    }

    /// The number of the last event before which none is missing.
    pub fn head(&self) -> u64 {
        self.record.0.last().map_or(self.after, |seen| seen.seq)
    }

    /// Reads until an event meets the condition, and gives it.
    pub async fn until(&mut self, wanted: impl Fn(&Seen) -> bool) -> Result<Seen> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            while let Some(seen) = self.record.0.get(self.read) {
                self.read += 1;
                if wanted(seen) {
                    return Ok(seen.clone());
                }
            }
            ensure!(!self.closed, "the socket was closed before it; what came: {}", self.record.names());
            self.receive(deadline).await?;
        }
    }

    /// Reads until an event of this type came.
    pub async fn until_type(&mut self, name: &str) -> Result<Seen> {
        self.until(|seen| seen.name == name).await.with_context(|| format!("waiting for {name}"))
    }

    /// Reads until a frame with this member came, and gives the member; each is given once.
    pub async fn frame(&mut self, member: &str) -> Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.frames.iter().position(|frame| frame.get(member).is_some()) {
                return Ok(self.frames.remove(at)[member].take());
            }
            ensure!(!self.closed, "the socket was closed before a frame with {member}");
            self.receive(deadline).await.with_context(|| format!("waiting for a frame with {member}"))?;
        }
    }

    /// Reads until the server has closed the socket.
    pub async fn until_closed(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !self.closed {
            self.receive(deadline).await?;
        }
        Ok(())
    }

    /// Takes what comes next, at most for so long; whether anything came.
    pub async fn take_within(&mut self, wait: Duration) -> Result<bool> {
        self.step(Instant::now() + wait).await
    }

    /// Hands over the events so far.
    pub fn drain(&mut self) -> Vec<Seen> {
        self.after = self.head();
        self.read = 0;
        std::mem::take(&mut self.record.0)
    }

    /// Asks for what is missing behind the last event that it has.
    pub async fn catch_up(&mut self) -> Result<()> {
        let after = self.head();
        self.send(&json!({ "action": "subscribe", "after": after })).await
    }

    async fn receive(&mut self, deadline: Instant) -> Result<()> {
        if !self.step(deadline).await? {
            bail!("nothing of the kind came; what came: {} and {:?}", self.record.names(), self.frames);
        }
        Ok(())
    }

    /// Takes one message, or subscribes again when a gap has stayed too long; false at the deadline.
    async fn step(&mut self, deadline: Instant) -> Result<bool> {
        let patience = self.gap_until.map_or(deadline, |until| until.min(deadline));
        match timeout_at(patience, self.stream.next()).await {
            Ok(Some(Ok(Message::Text(text)))) => self.take(&text)?,
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => self.closed = true,
            Ok(Some(Ok(_))) => {}
            Err(_) if Instant::now() < deadline => {
                self.gaps += 1;
                self.gap_until = Some(Instant::now() + GAP_PATIENCE);
                // A broken socket shows by what comes next.
                drop(self.catch_up().await);
            }
            Err(_) => return Ok(false),
        }
        Ok(true)
    }

    fn take(&mut self, text: &str) -> Result<()> {
        let Ok(Events { events }) = serde_json::from_str(text) else {
            self.frames.push(serde_json::from_str(text).with_context(|| format!("not a frame: {text}"))?);
            return Ok(());
        };
        for event in events {
            self.place(Seen::parse(event.get())?)?;
        }
        while let Some(seen) = self.waiting.remove(&(self.head() + 1)) {
            self.record.0.push(seen);
            self.gap_until = None;
        }
        if !self.waiting.is_empty() {
            self.gap_until.get_or_insert_with(|| Instant::now() + GAP_PATIENCE);
        }
        Ok(())
    }

    fn place(&mut self, seen: Seen) -> Result<()> {
        if seen.seq <= self.after {
            self.repeats += 1;
            return Ok(());
        }
        let at = usize::try_from(seen.seq - self.after - 1)?;
        if let Some(known) = self.record.0.get(at).or_else(|| self.waiting.get(&seen.seq)) {
            ensure!(known.raw == seen.raw, "event {} changed: {} and {}", seen.seq, known.raw, seen.raw);
            self.repeats += 1;
            return Ok(());
        }
        self.waiting.insert(seen.seq, seen);
        Ok(())
    }
}
