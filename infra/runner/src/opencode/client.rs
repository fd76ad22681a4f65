//! Calls to OpenCode's server, each with a bound on its time.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::event::{PermissionRequest, QuestionRequest, Status, Stored};
use crate::net;

/// A request that lands between OpenCode's `bind` and `listen` hangs for good, so a probe is short.
const PROBE: Duration = Duration::from_millis(250);
/// Prompts took 20-60 ms and aborts 15 ms; a machine under load needs more.
const CALL: Duration = Duration::from_secs(15);

/// Where OpenCode listens and how it knows the runner.
#[derive(Clone)]
pub struct Endpoint {
    /// Such as `http://127.0.0.1:4096`.
    pub url: String,
    pub user: String,
    pub password: String,
    /// The folder that the agent works in.
    pub directory: String,
}

/// A call did not succeed. Says nothing of bodies or URLs: they can hold keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Nobody answered, or not in time: OpenCode is dead, starting or stuck.
    #[error("OpenCode did not answer")]
    Unreachable,
    /// OpenCode refused; 500 also stands for a bad id or an unknown model.
    #[error("OpenCode answered with status {0}")]
    Refused(u16),
    /// The answer was not of the shape that the pinned version gives.
    #[error("OpenCode answered in an unknown shape")]
    Malformed,
}

/// A prompt whose ids make a repeat harmless: OpenCode resumes it after its last finished step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    pub message: String,
    pub part: String,
    pub text: String,
}

/// OpenCode's server of this sandbox; cheap to clone.
#[derive(Clone)]
pub struct Client {
    endpoint: Endpoint,
    calls: reqwest::Client,
    /// Keeps no connection: one that was accepted too early never answers.
    probes: reqwest::Client,
}

impl Client {
    /// A client of the server at `endpoint`, which need not run yet.
    pub fn new(endpoint: Endpoint) -> Self {
        let built = "a client without files or system settings";
        Self {
            endpoint,
            calls: net::loopback().build().expect(built),
            probes: net::loopback().pool_max_idle_per_host(0).build().expect(built),
        }
    }

    /// Whether OpenCode is up, asked over a new connection.
    pub async fn healthy(&self) -> bool {
        #[derive(Deserialize)]
        struct Health {
            healthy: bool,
        }
        let url = format!("{}/global/health", self.endpoint.url);
        let probe = self.signed(self.probes.get(url)).timeout(PROBE);
        let Ok(answer) = probe.send().await else { return false };
        answer.json::<Health>().await.is_ok_and(|health| health.healthy)
    }

    /// Opens the stream of all events; its first frame says that the server listens.
    pub async fn events(&self) -> Result<impl Stream<Item = Option<Bytes>> + Unpin + Send + use<>, CallError> {
        let url = format!("{}/global/event", self.endpoint.url);
        let request = self.signed(self.probes.get(url)).send();
        let answer = tokio::time::timeout(CALL, request).await.map_err(|_| CallError::Unreachable)?;
        let answer = accept(answer.map_err(|_| CallError::Unreachable)?)?;
        Ok(answer.bytes_stream().map(Result::ok))
    }

    /// The session of this id, if the server knows it.
    pub async fn session(&self, id: &str) -> Result<Option<SessionInfo>, CallError> {
        match self.get(&format!("/session/{id}")).await {
            Ok(session) => Ok(Some(session)),
            Err(CallError::Refused(404)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Finds the session that carries our id in its metadata.
    pub async fn find_session(&self, ours: &str) -> Result<Option<SessionInfo>, CallError> {
        let sessions: Vec<SessionInfo> = self.get("/session").await?;
        Ok(sessions.into_iter().find(|session| session.metadata["agent_ops_session"] == ours))
    }

    /// A session works in the folder that it was made in, whatever a prompt says. One that comes
    /// from a sandbox with another folder has to be moved.
    pub async fn bring_here(&self, session: &SessionInfo) -> Result<(), CallError> {
        let directory = &self.endpoint.directory;
        if session.directory == *directory {
            return Ok(());
        }
        let body = json!({"sessionID": session.id, "destination": {"directory": directory}});
        self.post("/experimental/control-plane/move-session", &body).await
    }

    /// Makes a session. Without a title the first prompt would cost a call of the model.
    pub async fn create_session(&self, ours: &str, title: &str) -> Result<String, CallError> {
        let body = json!({"title": title, "metadata": {"agent_ops_session": ours}});
        let answer = self.send(self.call(Method::POST, "/session").json(&body)).await?;
        answer.json::<SessionInfo>().await.map(|session| session.id).map_err(|_| CallError::Malformed)
    }

    /// Starts a turn and returns at once. A prompt to a busy session would be merged into the
    /// running turn, so the caller keeps one in flight.
    pub async fn prompt(&self, session: &str, prompt: &Prompt) -> Result<(), CallError> {
        let part = json!({"id": prompt.part, "type": "text", "text": prompt.text});
        let body = json!({"messageID": prompt.message, "parts": [part]});
        self.post(&format!("/session/{session}/prompt_async"), &body).await
    }

    /// Stops the turn in hand; what was said so far is kept. True to an idle session as well.
    pub async fn abort(&self, session: &str) -> Result<(), CallError> {
        self.post(&format!("/session/{session}/abort"), &json!({})).await
    }

    /// The newest messages of a session, oldest first.
    pub async fn messages(&self, session: &str, limit: usize) -> Result<Vec<Stored>, CallError> {
        self.get(&format!("/session/{session}/message?limit={limit}")).await
    }

    /// Whether a session works. Held in memory only: after a restart all are idle.
    pub async fn status(&self, session: &str) -> Result<Status, CallError> {
        let mut busy: HashMap<String, Status> = self.get("/session/status").await?;
        Ok(busy.remove(session).unwrap_or(Status::Idle))
    }

    /// The permissions that wait for an answer; an abort leaves stale ones behind.
    pub async fn permissions(&self) -> Result<Vec<PermissionRequest>, CallError> {
        self.get("/permission").await
    }

    /// The questions that wait for an answer.
    pub async fn questions(&self) -> Result<Vec<QuestionRequest>, CallError> {
        self.get("/question").await
    }

    /// Answers a permission: `once`, `always` or `reject`.
    pub async fn answer_permission(&self, id: &str, reply: &str, message: Option<&str>) -> Result<(), CallError> {
        let mut body = json!({"reply": reply});
        if let Some(message) = message {
            body["message"] = message.into();
        }
        self.post(&format!("/permission/{id}/reply"), &body).await
    }

    /// Answers a question, or dismisses it.
    pub async fn answer_question(&self, id: &str, answers: Option<&[Vec<String>]>) -> Result<(), CallError> {
        match answers {
            Some(answers) => self.post(&format!("/question/{id}/reply"), &json!({"answers": answers})).await,
            None => self.post(&format!("/question/{id}/reject"), &json!({})).await,
        }
    }

    /// Ends running turns with their partial text saved. SIGTERM alone would lose it.
    pub async fn dispose(&self) -> Result<(), CallError> {
        self.post("/global/dispose", &json!({})).await
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        let answer = self.send(self.call(Method::GET, path)).await?;
        answer
            .json()
            .await
            .map_err(|error| if error.is_decode() { CallError::Malformed } else { CallError::Unreachable })
    }

    async fn post(&self, path: &str, body: &Value) -> Result<(), CallError> {
        self.send(self.call(Method::POST, path).json(body)).await.map(drop)
    }

    async fn send(&self, request: RequestBuilder) -> Result<reqwest::Response, CallError> {
        accept(request.timeout(CALL).send().await.map_err(|_| CallError::Unreachable)?)
    }

    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.calls.request(method, format!("{}{path}", self.endpoint.url));
        // Status, permissions and questions are kept per directory.
        self.signed(request.query(&[("directory", &self.endpoint.directory)]))
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.endpoint.user, Some(&self.endpoint.password))
    }
}

/// A session as the server describes it.
#[derive(Deserialize)]
pub struct SessionInfo {
    pub id: String,
    directory: String,
    #[serde(default)]
    metadata: Value,
}

fn accept(answer: reqwest::Response) -> Result<reqwest::Response, CallError> {
    match answer.status() {
        StatusCode::OK | StatusCode::NO_CONTENT => Ok(answer),
        status => Err(CallError::Refused(status.as_u16())),
    }
}
