//! A session of a test: terminated with the value, so that its sandbox ends.

use std::path::PathBuf;

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::SemaphorePermit;

use crate::{Answer, Api, Record, SocketViewer, SseViewer, Stack, Task};

/// A session, and the place of its sandbox among those that run at once.
pub struct Session {
    pub id: String,
    pub api: Api,
    home: PathBuf,
    _place: SemaphorePermit<'static>,
}

impl Session {
    /// A new session of the seeded user in `/workspace/project`.
    pub async fn create(stack: &Stack) -> Result<Self> {
        Self::create_as(stack, stack.api(), &json!({ "workspace": "/workspace/project" })).await
    }

    /// A new session of `api`'s user.
    pub async fn create_as(stack: &Stack, api: Api, body: &Value) -> Result<Self> {
        let place = stack.place().await;
        let created = api.post("/api/sessions", body).await?.expect(201)?;
        let id = created["id"].as_str().context("a session has an id")?.to_owned();
        Ok(Self { id, api, home: stack.home().to_owned(), _place: place })
    }

    /// The same session on a stack that was started again.
    pub async fn reopen(stack: &Stack, id: &str) -> Self {
        let place = stack.place().await;
        Self { id: id.to_owned(), api: stack.api(), home: stack.home().to_owned(), _place: place }
    }

    /// A path below `/agent/sessions/{id}`.
    pub fn path(&self, below: &str) -> String {
        format!("/agent/sessions/{}{below}", self.id)
    }

    /// The session as `GET /api/sessions/{id}` shows it.
    pub async fn view(&self) -> Result<Value> {
        self.api.get(&format!("/api/sessions/{}", self.id)).await?.expect(200)
    }

    /// Sends a message and gives the answer, whatever it is.
    pub async fn post(&self, body: &Value) -> Result<Answer> {
        self.api.post(&self.path("/messages"), body).await
    }

    /// Sends a message; what was accepted.
    pub async fn send(&self, content: &str) -> Result<Value> {
        self.post(&json!({ "content": content })).await?.expect(202)
    }

    /// Sends a message and follows its turn.
    pub async fn stream(&self, content: &str) -> Result<SseViewer> {
        let request = self.api.request(Method::POST, &self.path("/messages"));
        SseViewer::open(request.json(&json!({ "content": content }))).await
    }

    /// Sends a message and follows its turn to the end.
    pub async fn run(&self, content: &str) -> Result<Record> {
        self.stream(content).await?.to_end().await
    }

    /// Follows the events behind `after`.
    pub async fn follow(&self, after: u64) -> Result<SseViewer> {
        SseViewer::open(self.api.request(Method::GET, &self.path(&format!("/events?after={after}")))).await
    }

    /// Reads the events behind `after` as far as there are any now.
    pub async fn replay(&self, after: u64) -> Result<Record> {
        let head = self.head().await?;
        if head <= after {
            return Ok(Record::default());
        }
        let mut viewer = self.follow(after).await?;
        viewer.until(|seen| seen.seq == head).await?;
        Ok(viewer.record)
    }

    /// A socket that is subscribed from behind `after` on.
    pub async fn socket(&self, after: u64) -> Result<SocketViewer> {
        let mut socket = SocketViewer::open(&self.api, &self.id, Some(&self.ticket().await?)).await?;
        socket.subscribe(after).await?;
        Ok(socket)
    }

    /// A ticket for a socket.
    pub async fn ticket(&self) -> Result<String> {
        let told = self.api.post(&self.path("/ticket"), &json!({})).await?.expect(201)?;
        Ok(told["ticket"].as_str().context("a ticket is text")?.to_owned())
    }

    /// The messages, oldest first, 100 at most.
    pub async fn history(&self) -> Result<Vec<Value>> {
        let page = self.api.get(&self.path("/messages?limit=100")).await?.expect(200)?;
        Ok(page["messages"].as_array().context("a page has messages")?.clone())
    }

    /// The stored answer of a turn.
    pub async fn answer(&self, turn: u64) -> Result<Value> {
        let messages = self.history().await?;
        let found = messages.into_iter().find(|message| message["turn"] == turn && message["role"] == "assistant");
        found.with_context(|| format!("turn {turn} has no stored answer"))
    }

    /// The number of the last event.
    pub async fn head(&self) -> Result<u64> {
        let page = self.api.get(&self.path("/messages?limit=1")).await?.expect(200)?;
        page["head"].as_u64().context("a page has a head")
    }

    pub async fn abort(&self) -> Result<Answer> {
        self.api.post(&self.path("/abort"), &json!({})).await
    }

    pub async fn terminate(&self) -> Result<Answer> {
        self.api.delete(&format!("/api/sessions/{}", self.id)).await
    }

    /// The newest sandbox.
    pub fn task(&self) -> Result<Task> {
        let tasks = Task::all_of(&self.home, &self.id)?;
        tasks.into_iter().next_back().context("the session has no task")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The test's own runtime may be the one that is dropping this: it can drive no connection now.
        let (api, path) = (self.api.apart(), format!("/api/sessions/{}", self.id));
        let ending = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            // A stack that has stopped has ended the sandbox itself.
            drop(runtime.map(|runtime| runtime.block_on(api.delete(&path))));
        });
        drop(ending.join());
    }
}
