//! A direct reader of OpenCode's own events: what a viewer would see if nothing stood between.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tests::{Stack, Task};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::functions::new_session;
use crate::machine;
use crate::sandboxes::PASSWORD;
use crate::viewer::{Came, Viewer};

const PATIENCE: Duration = Duration::from_secs(120);

/// A session with a real agent, watched in both ways.
pub(crate) struct Watched {
    pub(crate) session: String,
    pub(crate) viewer: Viewer,
    direct: mpsc::UnboundedReceiver<(Instant, Direct)>,
}

/// What of OpenCode's events counts here.
enum Direct {
    Text,
    Idle,
}

/// One turn as both saw it.
pub(crate) struct Turn {
    pub(crate) sent: Instant,
    pub(crate) events: Vec<Came>,
    pub(crate) direct_first: Instant,
    pub(crate) direct_last: Instant,
}

impl Watched {
    /// Makes a session, starts its agent with a short turn, and begins to watch.
    pub(crate) async fn start(stack: &Stack) -> Result<Self> {
        let api = stack.api();
        let created = new_session(&api).await?;
        let session = created["id"].as_str().context("a session has an id")?.to_owned();
        let mut viewer = Viewer::watch(&api, &session).await?;
        send(stack, &session, "[[text n=3]]").await?;
        viewer.turn().await?;
        let direct = follow(stack, &session).await?;
        Ok(Self { session, viewer, direct })
    }

    /// Runs one turn.
    pub(crate) async fn turn(&mut self, stack: &Stack, prompt: &str) -> Result<Turn> {
        while self.direct.try_recv().is_ok() {}
        let sent = Instant::now();
        send(stack, &self.session, prompt).await?;
        let (events, direct) = tokio::join!(self.viewer.turn(), read_turn(&mut self.direct));
        let (direct_first, direct_last) = direct?;
        Ok(Turn { sent, events: events?, direct_first, direct_last })
    }

    /// Ends the session and its agent.
    pub(crate) async fn end(self, stack: &Stack) -> Result<()> {
        stack.api().delete(&format!("/api/sessions/{}", self.session)).await?.expect(200)?;
        Ok(())
    }
}

impl Turn {
    /// When the viewer had the first text.
    pub(crate) fn viewer_first(&self) -> Result<Instant> {
        let first = self.events.iter().find(|came| came.event.is_text());
        Ok(first.context("the turn has text")?.at)
    }

    /// When the viewer had the last text.
    pub(crate) fn viewer_last(&self) -> Result<Instant> {
        let texts = self.events.iter().filter(|came| came.event.is_text());
        texts.map(|came| came.at).max().context("the turn has text")
    }

    /// The text as the viewer joins it.
    pub(crate) fn text(&self) -> String {
        self.events.iter().filter(|came| came.event.is_text()).map(|came| came.event.delta.as_str()).collect()
    }
}

/// Sends a message.
pub(crate) async fn send(stack: &Stack, session: &str, content: &str) -> Result<()> {
    let path = format!("/agent/sessions/{session}/messages");
    stack.api().post(&path, &json!({ "content": content })).await?.expect(202)?;
    Ok(())
}

/// The first and the last text of a turn.
async fn read_turn(direct: &mut mpsc::UnboundedReceiver<(Instant, Direct)>) -> Result<(Instant, Instant)> {
    let mut seen: Option<(Instant, Instant)> = None;
    loop {
        let (at, what) =
            timeout(PATIENCE, direct.recv()).await.context("OpenCode is silent")?.context("OpenCode is gone")?;
        match what {
            Direct::Text => seen = Some((seen.map_or(at, |(first, _)| first), at)),
            Direct::Idle => return seen.context("a turn without text"),
        }
    }
}

/// Opens OpenCode's event stream as the runner does, with the port that its task was given.
async fn follow(stack: &Stack, session: &str) -> Result<mpsc::UnboundedReceiver<(Instant, Direct)>> {
    let task = Task::all_of(stack.home(), session)?.pop().context("the session has a task")?;
    let variables = machine::environment(task.runner()?.pid);
    let url = variables.iter().find(|(name, _)| name == "OPENCODE_URL").map(|(_, url)| url);
    let url = format!("{}/global/event", url.context("the runner knows OpenCode's address")?);
    let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
    let answer = client.get(url).basic_auth("opencode", Some(PASSWORD)).send().await?;
    ensure!(answer.status().is_success(), "OpenCode refused its events: {}", answer.status());
    let (seen, direct) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (mut chunks, mut rest) = (answer.bytes_stream(), Vec::new());
        while let Some(Ok(chunk)) = chunks.next().await {
            let at = Instant::now();
            rest.extend_from_slice(&chunk);
            while let Some(end) = rest.windows(2).position(|pair| pair == b"\n\n") {
                let frame: Vec<u8> = rest.drain(..end + 2).collect();
                if let Some(what) = understand(&frame) {
                    let _ = seen.send((at, what));
                }
            }
        }
    });
    Ok(direct)
}

fn understand(frame: &[u8]) -> Option<Direct> {
    let event: Value = serde_json::from_slice(frame.strip_prefix(b"data: ")?).ok()?;
    // The global stream wraps each event.
    let event = event.get("payload").unwrap_or(&event);
    match event["type"].as_str()? {
        "message.part.delta" if event["properties"]["delta"].as_str().is_some_and(|text| !text.is_empty()) => {
            Some(Direct::Text)
        }
        "session.idle" => Some(Direct::Idle),
        _ => None,
    }
}
