//! The Lambda Runtime API as lean as it can be: both sides of a comparison run behind it.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// A start or an invocation that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Names the one invocation that an environment has in hand.
const REQUEST_ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

#[derive(Clone)]
pub(crate) struct RuntimeApi {
    url: String,
    slots: Slots,
}

type Slots = Arc<Mutex<HashMap<u32, Arc<Slot>>>>;

struct Slot {
    first_poll: Mutex<Option<oneshot::Sender<Instant>>>,
    work: tokio::sync::Mutex<mpsc::Receiver<Bytes>>,
    answers: mpsc::UnboundedSender<Result<Bytes, String>>,
}

/// One function process that polls for work.
pub(crate) struct Environment {
    /// From before the process was started to its first poll.
    pub(crate) start: Duration,
    child: Child,
    work: mpsc::Sender<Bytes>,
    answers: mpsc::UnboundedReceiver<Result<Bytes, String>>,
}

impl RuntimeApi {
    pub(crate) async fn serve() -> Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let slots = Slots::default();
        let routes = Router::new()
            .route("/invocation/next", get(next))
            .route("/invocation/{id}/response", post(response))
            .route("/invocation/{id}/error", post(error))
            .route("/init/error", post(error_of_init))
            .with_state(slots.clone());
        let app = Router::new().nest("/{environment}/2018-06-01/runtime", routes);
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { url, slots })
    }

    /// Starts a function and waits for its first poll.
    pub(crate) async fn start(&self, mut command: Command) -> Result<Environment> {
        let (work, inbox) = mpsc::channel(1);
        let (outbox, answers) = mpsc::unbounded_channel();
        let (polled, first_poll) = oneshot::channel();
        let slot = Slot { first_poll: Some(polled).into(), work: inbox.into(), answers: outbox };
        let number = {
            let mut slots = lock(&self.slots);
            let number = u32::try_from(slots.len())?;
            slots.insert(number, Arc::new(slot));
            number
        };
        command.env("AWS_LAMBDA_RUNTIME_API", format!("{}/{number}", self.url));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let began = Instant::now();
        let child = command.spawn().context("a function's process")?;
        let polled = timeout(PATIENCE, first_poll).await.context("a function did not start")??;
        Ok(Environment { start: polled - began, child, work, answers })
    }
}

impl Environment {
    /// Hands over one event and waits for the whole answer.
    pub(crate) async fn invoke(&mut self, event: &Bytes) -> Result<Bytes> {
        self.hand_over(event)?;
        match timeout(PATIENCE, self.answers.recv()).await.context("a function did not answer")? {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => bail!("a function failed: {error}"),
            None => bail!("a function is gone"),
        }
    }

    /// Hands over one event and does not wait.
    pub(crate) fn hand_over(&self, event: &Bytes) -> Result<()> {
        self.work.try_send(event.clone()).context("the function is busy or gone")
    }

    pub(crate) fn pid(&self) -> Result<u32> {
        self.child.id().context("the function has ended")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn slot(slots: &Slots, number: u32) -> Result<Arc<Slot>, StatusCode> {
    lock(slots).get(&number).cloned().ok_or(StatusCode::FORBIDDEN)
}

async fn next(State(slots): State<Slots>, Path(number): Path<u32>) -> Result<Response, StatusCode> {
    let slot = slot(&slots, number)?;
    if let Some(polled) = lock(&slot.first_poll).take() {
        let _ = polled.send(Instant::now());
    }
    let event = slot.work.lock().await.recv().await.ok_or(StatusCode::GONE)?;
    let deadline = std::time::SystemTime::now() + Duration::from_secs(29);
    let deadline = deadline.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", REQUEST_ID),
        ("lambda-runtime-deadline-ms", &deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:bench"),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0"),
    ];
    Ok((headers, event).into_response())
}

async fn response(
    State(slots): State<Slots>,
    Path((number, _)): Path<(u32, String)>,
    body: Body,
) -> Result<StatusCode, StatusCode> {
    let slot = slot(&slots, number)?;
    let answer = body.collect().await.map_err(|_| StatusCode::BAD_REQUEST)?.to_bytes();
    let _ = slot.answers.send(Ok(answer));
    Ok(StatusCode::ACCEPTED)
}

async fn error(
    State(slots): State<Slots>,
    Path((number, _)): Path<(u32, String)>,
    body: String,
) -> Result<StatusCode, StatusCode> {
    let _ = slot(&slots, number)?.answers.send(Err(body));
    Ok(StatusCode::ACCEPTED)
}

async fn error_of_init(
    State(slots): State<Slots>,
    Path(number): Path<u32>,
    body: String,
) -> Result<StatusCode, StatusCode> {
    let _ = slot(&slots, number)?.answers.send(Err(body));
    Ok(StatusCode::ACCEPTED)
}
