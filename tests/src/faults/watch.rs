//! Viewers that come back whenever they are cut off, each from behind the last event it has.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::json;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::patience::{LONG, insist};
use crate::sse::SseRefused;
use crate::{Api, Record, Seen, SocketViewer, SseViewer};

/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(200);
/// Silence after which a socket asks whether it has missed something.
const QUIET: Duration = Duration::from_secs(2);
/// An answer to a ping that has not come by then never comes.
const ANSWER: Duration = Duration::from_secs(10);

/// A viewer in a task of its own.
pub(super) struct Watcher {
    cut: Arc<Notify>,
    /// What it has so far.
    seen: watch::Receiver<Record>,
    task: JoinHandle<Result<Watched>>,
}

/// What a viewer has at the end of its session.
pub(super) struct Watched {
    pub(super) record: Record,
    pub(super) reconnects: u64,
    /// Events that came more than once on a socket, and were dropped.
    pub(super) repeats: u64,
}

impl Watcher {
    /// Follows by Server-Sent Events to the session's end.
    pub(super) fn follower(api: Api, session: &str) -> Self {
        let path = format!("/agent/sessions/{session}/events");
        Self::start(|viewer| viewer.follow(api, path))
    }

    /// Follows on a socket to the session's end.
    pub(super) fn socket(api: Api, session: &str) -> Self {
        let session = session.to_owned();
        Self::start(|viewer| viewer.listen(api, session))
    }

    fn start<F: Future<Output = Result<Watched>> + Send + 'static>(run: impl FnOnce(Viewer) -> F) -> Self {
        let (tell, seen) = watch::channel(Record::default());
        let cut = Arc::new(Notify::new());
        let viewer = Viewer { cut: cut.clone(), tell, reconnects: 0, repeats: 0 };
        Self { cut, seen, task: tokio::spawn(run(viewer)) }
    }

    /// Breaks its connection; it comes back by itself.
    pub(super) fn cut(&self) -> String {
        self.cut.notify_one();
        format!("behind {}", self.seen.borrow().head())
    }

    /// What it has now.
    pub(super) fn record(&self) -> Record {
        self.seen.borrow().clone()
    }

    /// Waits until what it has meets the condition.
    pub(super) async fn until(&self, wanted: impl Fn(&Record) -> bool) -> Result<()> {
        let mut seen = self.seen.clone();
        let met = tokio::time::timeout(LONG, seen.wait_for(|record| wanted(record))).await;
        met.context("it did not come")?.map(drop).context("the viewer has ended")
    }

    /// Waits for the session's end as this viewer sees it.
    pub(super) async fn ended(&mut self) -> Result<Watched> {
        tokio::time::timeout(LONG, &mut self.task).await.context("the viewer was not told of the end")??
    }
}

struct Viewer {
    cut: Arc<Notify>,
    tell: watch::Sender<Record>,
    reconnects: u64,
    repeats: u64,
}

impl Viewer {
    async fn follow(mut self, api: Api, path: String) -> Result<Watched> {
        loop {
            // Browsers say so by the header, programs by the query.
            let head = self.head();
            let request = match self.reconnects % 2 {
                0 => api.request(Method::GET, &format!("{path}?after={head}")),
                _ => api.request(Method::GET, &path).header("last-event-id", head.to_string()),
            };
            match SseViewer::open(request).await {
                Ok(viewer) => self.read(viewer).await?,
                Err(error) => match error.downcast_ref() {
                    Some(SseRefused { status: 204, .. }) => return Ok(self.watched()),
                    Some(SseRefused { status: 400..=499, .. }) => return Err(error),
                    _ => {}
                },
            }
            self.reconnects += 1;
            sleep(PAUSE).await;
        }
    }

    async fn read(&self, mut viewer: SseViewer) -> Result<()> {
        loop {
            let next = tokio::select! {
                next = viewer.next() => next,
                () = self.cut.notified() => return Ok(()),
            };
            match next {
                Ok(Some(seen)) => self.take(seen)?,
                // Ended or broken off: it is opened again.
                Ok(None) | Err(_) => return Ok(()),
            }
        }
    }

    async fn listen(mut self, api: Api, session: String) -> Result<Watched> {
        let path = format!("/agent/sessions/{session}/ticket");
        loop {
            let (answer, _) = insist(&api, || api.request(Method::POST, &path).json(&json!({}))).await?;
            let told = answer.expect(201)?;
            let ticket = told["ticket"].as_str().context("a ticket is text")?.to_owned();
            if let Ok(mut socket) = SocketViewer::open(&api, &session, Some(&ticket)).await {
                let over = self.attend(&mut socket).await?;
                self.repeats += socket.repeats;
                if over {
                    return Ok(self.watched());
                }
            }
            self.reconnects += 1;
            sleep(PAUSE).await;
        }
    }

    /// Serves one socket; whether the session is over.
    async fn attend(&self, socket: &mut SocketViewer) -> Result<bool> {
        let mut asked: Option<Instant> = None;
        if socket.subscribe(self.head()).await.is_err() {
            return Ok(false);
        }
        loop {
            let came = tokio::select! {
                came = socket.take_within(QUIET) => came?,
                () = self.cut.notified() => return Ok(false),
            };
            for seen in socket.drain() {
                self.take(seen)?;
            }
            let frames = std::mem::take(&mut socket.frames);
            if frames.iter().any(|frame| frame.get("closed").is_some()) {
                return Ok(true);
            }
            if socket.closed || asked.is_some_and(|asked| asked.elapsed() > ANSWER) {
                return Ok(false);
            }
            // The relay's own errors, and the gateway's: something was not carried out.
            let failed = frames.iter().any(|frame| frame.get("error").is_some() || frame.get("message").is_some());
            let pong = frames.iter().find_map(|frame| frame["pong"]["head"].as_u64());
            let missed = pong.is_some_and(|head| head > socket.head());
            asked = asked.filter(|_| pong.is_none());
            if failed {
                sleep(PAUSE).await;
            }
            let sent = if failed || missed || (!came && self.is_over()) {
                socket.catch_up().await
            } else if !came && asked.is_none() {
                asked = Some(Instant::now());
                socket.send(&json!({ "action": "ping" })).await
            } else {
                Ok(())
            };
            if sent.is_err() {
                return Ok(false);
            }
        }
    }

    /// Adds an event, which must be the very next.
    fn take(&self, seen: Seen) -> Result<()> {
        let head = self.head();
        ensure!(seen.seq == head + 1, "behind event {head} came event {}", seen.seq);
        ensure!(!self.is_over(), "behind the session's end came {}", seen.raw);
        self.tell.send_modify(|record| record.0.push(seen));
        Ok(())
    }

    fn head(&self) -> u64 {
        self.tell.borrow().head()
    }

    /// Whether it was told of the session's end.
    fn is_over(&self) -> bool {
        self.tell.borrow().0.last().is_some_and(is_end)
    }

    fn watched(self) -> Watched {
        Watched { record: self.tell.borrow().clone(), reconnects: self.reconnects, repeats: self.repeats }
    }
}

fn is_end(seen: &Seen) -> bool {
    seen.name == "session.updated" && seen.value["status"] == "terminated"
}
