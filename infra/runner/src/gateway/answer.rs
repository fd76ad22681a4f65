//! The provider's answer on its way back: streamed and merged, or whole; always without the key.

use std::io;
use std::time::Duration;

use async_stream::stream;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use http::{HeaderMap, HeaderName, StatusCode, header};
use tokio::task::yield_now;
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use super::Dialect;
use super::merge::Merger;
use super::refusal::{key_refused, refusal};
use super::scrub::Scrub;
use super::sse::Cutter;
use super::tokens::Meter;

/// Larger than any answer; images are the largest.
const ANSWER_BYTES_MAX: usize = 32 << 20;
/// Without anything held, the next piece may take as long as it likes.
const FOREVER: Duration = Duration::from_secs(24 * 3600);

/// Passes `answer` on.
pub(super) async fn answer(dialect: Dialect, answer: reqwest::Response, meter: Meter, scrub: Scrub) -> Response {
    let status = answer.status();
    if status == StatusCode::UNAUTHORIZED {
        return key_refused(dialect);
    }
    let headers = passed_on(answer.headers(), &scrub);
    let body = match is_event_stream(answer.headers()) {
        true => Body::from_stream(merged(answer.bytes_stream(), Merger::new(dialect, meter), scrub)),
        false => match whole(answer, meter).await {
            Ok(bytes) => Body::from(scrub.clean(bytes)),
            Err(reason) => return refusal(dialect, StatusCode::BAD_GATEWAY, reason),
        },
    };
    (status, headers, body).into_response()
}

/// The headers that a model's client reads: what it got, when to retry, what is left.
fn passed_on(headers: &HeaderMap, scrub: &Scrub) -> HeaderMap {
    let names = [header::CONTENT_TYPE, header::CACHE_CONTROL, header::RETRY_AFTER];
    let others = ["retry-after-ms", "x-should-retry", "request-id", "x-request-id"].map(HeaderName::from_static);
    let is_known = |name: &HeaderName| {
        let is_limit = ["x-ratelimit-", "anthropic-ratelimit-"].iter().any(|start| name.as_str().starts_with(start));
        is_limit || names.contains(name) || others.contains(name)
    };
    let kept = headers.iter().filter(|(name, value)| is_known(name) && !scrub.finds(value.as_bytes()));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/event-stream"))
}

async fn whole(answer: reqwest::Response, mut meter: Meter) -> Result<Bytes, &'static str> {
    let mut bytes = BytesMut::new();
    let mut chunks = answer.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk.map_err(|_| "the model's answer broke off")?);
        if bytes.len() > ANSWER_BYTES_MAX {
            return Err("the model's answer is larger than 32 MB");
        }
    }
    if let Ok(json) = serde_json::from_slice(&bytes) {
        meter.observe(&json);
    }
    Ok(bytes.freeze())
}

/// Merges the stream's events. An upstream that breaks off breaks this stream too, after all
/// that came has gone on.
fn merged(
    upstream: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
    mut merger: Merger,
    scrub: Scrub,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream! {
        let mut upstream = std::pin::pin!(upstream);
        let (mut cutter, mut out) = (Cutter::default(), BytesMut::new());
        let mut end = Ok(());
        loop {
            let due = merger.due().unwrap_or_else(|| Instant::now() + FOREVER);
            match timeout_at(due, upstream.next()).await {
                Err(_) => merger.flush(Instant::now(), &mut out),
                Ok(Some(Ok(bytes))) => {
                    cutter.push(&bytes);
                    let now = Instant::now();
                    while let Some(frame) = cutter.next() {
                        merger.take(frame, now, &mut out);
                    }
                    if cutter.open_bytes() > ANSWER_BYTES_MAX {
                        end = Err(io::Error::other("an event of the model is larger than 32 MB"));
                        break;
                    }
                }
                Ok(Some(Err(error))) => {
                    warn!(error = %error.without_url(), "the model's stream broke off");
                    end = Err(io::ErrorKind::ConnectionReset.into());
                    break;
                }
                Ok(None) => break,
            }
            if !out.is_empty() {
                yield Ok(scrub.clean(out.split().freeze()));
            }
        }
        merger.flush(Instant::now(), &mut out);
        out.extend_from_slice(&cutter.rest());
        if !out.is_empty() {
            yield Ok(scrub.clean(out.split().freeze()));
        }
        if let Err(error) = end {
            // The server drops what it has not yet sent when a body fails: let it send first.
            yield_now().await;
            yield Err(error);
        }
    }
}
