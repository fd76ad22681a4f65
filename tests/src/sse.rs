//! A viewer of Server-Sent Events.

use std::pin::Pin;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use reqwest::RequestBuilder;
use tokio::time::{Instant, timeout_at};

use crate::{PATIENCE, Record, Seen};

type Chunks = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>;

/// The answer was no stream.
#[derive(Debug)]
pub(crate) struct SseRefused {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl std::fmt::Display for SseRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no stream, but {}: {}", self.status, self.text)
    }
}

impl std::error::Error for SseRefused {}

/// Follows a stream and keeps what came.
pub struct SseViewer {
    chunks: Chunks,
    buffer: Vec<u8>,
    /// Numbered events so far.
    pub record: Record,
    /// The `after` of a planned close, once it came.
    pub renew: Option<u64>,
    /// Whether the server has ended the stream.
    pub ended: bool,
}

impl SseViewer {
    /// Sends the request and checks that a stream is the answer; else it is an [`SseRefused`].
    pub async fn open(request: RequestBuilder) -> Result<Self> {
        let request = request.header("accept", "text/event-stream");
        let response = tokio::time::timeout(PATIENCE, request.send()).await.context("no answer")??;
        let status = response.status().as_u16();
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if status != 200 || kind != "text/event-stream" {
            bail!(SseRefused { status, text: response.text().await.unwrap_or_default() });
        }
        let chunks: Chunks = Box::pin(response.bytes_stream());
        Ok(Self { chunks, buffer: Vec::new(), record: Record::default(), renew: None, ended: false })
    }

    /// Reads until an event meets the condition, and gives it.
    pub async fn until(&mut self, wanted: impl Fn(&Seen) -> bool) -> Result<Seen> {
        self.until_within(PATIENCE, wanted).await
    }

    /// Reads until an event of this type came.
    pub async fn until_type(&mut self, name: &str) -> Result<Seen> {
        self.until(|seen| seen.name == name).await.with_context(|| format!("waiting for {name}"))
    }

    /// Reads until an event meets the condition, for so long.
    pub async fn until_within(&mut self, patience: Duration, wanted: impl Fn(&Seen) -> bool) -> Result<Seen> {
        let deadline = Instant::now() + patience;
        loop {
            match timeout_at(deadline, self.next()).await {
                Ok(Ok(Some(seen))) if wanted(&seen) => return Ok(seen),
                Ok(Ok(Some(_))) => {}
                Ok(Ok(None)) => bail!("the stream ended before it; what came: {}", self.record.names()),
                Ok(Err(error)) => return Err(error.context(format!("what came: {}", self.record.names()))),
                Err(_) => bail!("nothing of the kind in {patience:?}; what came: {}", self.record.names()),
            }
        }
    }

    /// Reads to the end of the stream.
    pub async fn to_end(mut self) -> Result<Record> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match timeout_at(deadline, self.next()).await {
                Ok(Ok(Some(_))) => {}
                Ok(Ok(None)) => return Ok(self.record),
                Ok(Err(error)) => return Err(error.context(format!("what came: {}", self.record.names()))),
                Err(_) => bail!("the stream did not end; what came: {}", self.record.names()),
            }
        }
    }

    /// The next event; `None` at the end of the stream.
    pub async fn next(&mut self) -> Result<Option<Seen>> {
        loop {
            while let Some(block) = self.take_block() {
                if let Some(seen) = self.read_block(&block)? {
                    self.record.0.push(seen.clone());
                    return Ok(Some(seen));
                }
            }
            match self.chunks.next().await {
                Some(chunk) => self.buffer.extend_from_slice(&chunk.context("the stream broke off")?),
                None => {
                    ensure!(self.buffer.is_empty(), "the stream ended inside an event");
                    self.ended = true;
                    return Ok(None);
                }
            }
        }
    }

    fn take_block(&mut self) -> Option<String> {
        let end = self.buffer.windows(2).position(|pair| pair == b"\n\n")?;
        let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
        Some(String::from_utf8_lossy(&block[..end]).into_owned())
    }

    /// An event, unless the block is a comment, a hint or the planned close.
    fn read_block(&mut self, block: &str) -> Result<Option<Seen>> {
        let field = |name: &str| {
            let prefix = format!("{name}: ");
            block.lines().find_map(|line| line.strip_prefix(&prefix).map(str::to_owned))
        };
        let Some(data) = field("data") else { return Ok(None) };
        if field("event").as_deref() == Some("renew") {
            self.renew = serde_json::from_str::<serde_json::Value>(&data)?["after"].as_u64();
            return Ok(None);
        }
        let seen = Seen::parse(&data)?;
        ensure!(field("id") == Some(seen.seq.to_string()), "the id is not the number: {block}");
        ensure!(field("event").as_ref() == Some(&seen.name), "the event's name is not its type: {block}");
        Ok(Some(seen))
    }
}
