//! The Lambda Runtime API (2018-06-01) for every environment, each below a path of its own.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, Limited};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::slot::{Current, Report, Slot, Work};
use super::{Answer, FunctionError, InvokeError, PAYLOAD_LIMIT, Shared, lock};

/// Chunks in flight between a function and its caller.
const STREAM_QUEUE: usize = 32;

const ACCEPTED: (StatusCode, &str) = (StatusCode::ACCEPTED, r#"{"status":"OK"}"#);

pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let listener = listener.tap_io(|stream| {
        // Without it a small answer waits for the peer's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
    });
    let served = axum::serve(listener, router(shared)).await;
    if let Err(error) = served {
        tracing::error!(%error, "the Runtime API ended");
    }
}

fn router(shared: Arc<Shared>) -> Router {
    let routes = Router::new()
        .route("/invocation/next", get(next))
        .route("/invocation/{id}/response", post(response))
        .route("/invocation/{id}/error", post(error))
        .route("/init/error", post(init_error))
        .with_state(shared);
    Router::new().nest("/{environment}/2018-06-01/runtime", routes)
}

type Found = Result<Arc<Slot>, StatusCode>;

fn slot(shared: &Shared, environment: &str) -> Found {
    lock(&shared.slots).get(environment).cloned().ok_or(StatusCode::FORBIDDEN)
}

async fn next(State(shared): State<Arc<Shared>>, Path(environment): Path<String>) -> Result<Response, StatusCode> {
    let slot = slot(&shared, &environment)?;
    let work = slot.next().await.ok_or(StatusCode::GONE)?;
    Ok(invocation(&slot, work))
}

fn invocation(slot: &Slot, work: Work) -> Response {
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", &work.id),
        ("lambda-runtime-deadline-ms", &work.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", &slot.arn),
        ("lambda-runtime-trace-id", &work.trace),
    ];
    (headers, work.payload).into_response()
}

async fn response(
    State(shared): State<Arc<Shared>>,
    Path((environment, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, StatusCode> {
    let slot = slot(&shared, &environment)?;
    let current = slot.take(&id).ok_or(StatusCode::BAD_REQUEST)?;
    if current.doomed {
        return doom(&slot, current, body).await;
    }
    let streaming = headers.get("lambda-runtime-function-response-mode").is_some_and(|mode| mode == "streaming");
    let answer = if streaming { stream(current, body).await } else { whole(current, body).await };
    slot.report(Report::Answered(Instant::now()));
    Ok(answer)
}

/// Lets the function do all of its work, then has it killed unheard.
async fn doom(slot: &Slot, current: Current, body: Body) -> Result<Response, StatusCode> {
    let _ = body.collect().await;
    slot.begin(current);
    slot.report(Report::Doomed);
    std::future::pending().await
}

async fn whole(current: Current, body: Body) -> Response {
    let (answer, told) = match Limited::new(body, PAYLOAD_LIMIT).collect().await {
        Ok(collected) => (Ok(Answer::Whole(collected.to_bytes())), ACCEPTED.into_response()),
        Err(_) => (Err(too_large()), StatusCode::PAYLOAD_TOO_LARGE.into_response()),
    };
    // A caller that has gone needs no answer.
    let _ = current.reply.send(answer);
    told
}

/// Hands the caller a stream at once and reads the function's answer to its end, heard or not.
async fn stream(current: Current, mut body: Body) -> Response {
    let (chunks, received) = mpsc::channel(STREAM_QUEUE);
    let _ = current.reply.send(Ok(Answer::Stream(received)));
    while let Some(frame) = body.frame().await {
        let chunk = match frame {
            Ok(frame) => match frame.into_data() {
                Ok(data) => Ok(data),
                Err(frame) => match frame.into_trailers().ok().and_then(|trailers| broken(&trailers)) {
                    Some(error) => Err(error),
                    None => continue,
                },
            },
            Err(_) => Err(cut_off()),
        };
        let _ = chunks.send(chunk).await;
    }
    ACCEPTED.into_response()
}

fn broken(trailers: &HeaderMap) -> Option<FunctionError> {
    let error_type = trailers.get("lambda-runtime-function-error-type")?.to_str().ok()?.to_owned();
    Some(FunctionError { error_type, error_message: "the function broke its stream off".into() })
}

fn cut_off() -> FunctionError {
    FunctionError { error_type: "Runtime.TruncatedResponse".into(), error_message: "the function died midway".into() }
}

fn too_large() -> InvokeError {
    let error_message = format!("the answer is larger than {PAYLOAD_LIMIT} bytes");
    FunctionError { error_type: "Function.ResponseSizeTooLarge".into(), error_message }.into()
}

async fn error(
    State(shared): State<Arc<Shared>>,
    Path((environment, id)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let slot = slot(&shared, &environment)?;
    let current = slot.take(&id).ok_or(StatusCode::BAD_REQUEST)?;
    slot.refuse(current, reported(&body));
    slot.report(Report::Answered(Instant::now()));
    Ok(ACCEPTED.into_response())
}

async fn init_error(
    State(shared): State<Arc<Shared>>,
    Path(environment): Path<String>,
    body: Bytes,
) -> Result<Response, StatusCode> {
    slot(&shared, &environment)?.report(Report::InitFailed(reported(&body)));
    Ok(ACCEPTED.into_response())
}

fn reported(body: &[u8]) -> FunctionError {
    serde_json::from_slice(body).unwrap_or_else(|_| FunctionError {
        error_type: "Runtime.Unknown".into(),
        error_message: String::from_utf8_lossy(body).into_owned(),
    })
}
