//! `POST /batch/gmail/v1`: many calls in one, each answered for itself, in any order.

use std::pin::Pin;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt as _;

use crate::control;
use crate::google::refusal::Refusal;
use crate::google::state::Google;

const PARTS_MAX: usize = 100;
const ANSWER_BYTES_MAX: usize = 4 << 20;
const BOUNDARY: &str = "batch_fake_0a1b2c";

/// One call of the batch.
struct Part {
    id: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// The handler, which calls the API's own routes for each part.
pub(crate) fn batch(
    google: Google,
    api: Router<Google>,
) -> impl Fn(HeaderMap, Bytes) -> Answering + Clone + Send + Sync + 'static {
    // Each part is logged, and may fail, as if it had come alone.
    let api = control::watched(google.world().clone(), "google", Router::new().nest("/gmail", api.with_state(google)));
    move |headers, body| {
        let api = api.clone();
        Box::pin(async move { answer(api, &headers, &body).await.unwrap_or_else(IntoResponse::into_response) })
    }
}

async fn answer(api: Router, headers: &HeaderMap, body: &[u8]) -> Result<Response, Refusal> {
    let parts = parse(headers, body).ok_or_else(|| Refusal::invalid("Failed to parse batch request"))?;
    if parts.len() > PARTS_MAX {
        return Err(Refusal::invalid("The batch request contains too many calls"));
    }
    let mut answers = Vec::new();
    for part in parts {
        answers.push(part_answer(api.clone(), headers, part).await?);
    }
    // Answers come in another order than the questions.
    answers.reverse();
    let body = format!("{}--{BOUNDARY}--\r\n", answers.concat());
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, format!("multipart/mixed; boundary={BOUNDARY}"))], body)
        .into_response())
}

async fn part_answer(api: Router, outer: &HeaderMap, part: Part) -> Result<String, Refusal> {
    let mut request = Request::builder().method(part.method.as_str()).uri(format!("/gmail{}", part.target));
    for (name, value) in &part.headers {
        request = request.header(name, value);
    }
    if let Some(authorization) = outer.get(header::AUTHORIZATION) {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let request = request.body(Body::from(part.body)).map_err(|_| Refusal::invalid("Invalid part"))?;
    let Ok(response) = api.oneshot(request).await;
    let status = response.status();
    let retry_after = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = retry_after.map(|value| format!("Retry-After: {value}\r\n")).unwrap_or_default();
    let body = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.unwrap_or_default();
    Ok(format!(
        "--{BOUNDARY}\r\nContent-Type: application/http\r\nContent-ID: <response-{}>\r\n\r\n\
         HTTP/1.1 {} {}\r\nContent-Type: application/json; charset=UTF-8\r\n{retry_after}Content-Length: {}\r\n\r\n{}\r\n",
        part.id,
        status.as_u16(),
        status.canonical_reason().unwrap_or_default(),
        body.len(),
        String::from_utf8_lossy(&body),
    ))
}

fn parse(headers: &HeaderMap, body: &[u8]) -> Option<Vec<Part>> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let boundary = content_type.strip_prefix("multipart/mixed")?.split("boundary=").nth(1)?.trim_matches('"');
    let text = std::str::from_utf8(body).ok()?.replace("\r\n", "\n");
    let delimiter = format!("--{boundary}");
    let mut parts = text.split(delimiter.as_str()).skip(1);
    let mut parsed = Vec::new();
    loop {
        let part = parts.next()?;
        if part.starts_with("--") {
            return Some(parsed);
        }
        parsed.push(part_of(part.trim_start_matches('\n'))?);
    }
}

fn part_of(text: &str) -> Option<Part> {
    let (envelope, request) = text.split_once("\n\n")?;
    let field = |name: &str| {
        let lines = envelope.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    };
    if field("Content-Type") != Some("application/http") {
        return None;
    }
    let id = field("Content-ID")?.trim_matches(['<', '>']).to_owned();
    let (head, body) = request.split_once("\n\n").unwrap_or((request.trim_end(), ""));
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    Some(Part { id, method, target, headers, body: body.trim_end().to_owned() })
}
