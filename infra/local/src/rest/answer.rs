//! A function's answer, buffered or streamed, as an HTTP response.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};

use super::refusal::Refusal;
use crate::lambda::{Answer, FunctionError};

/// Ends the metadata of a streamed answer.
const DELIMITER: [u8; 8] = [0; 8];

/// The delimiter must come this early.
const PRELUDE_LIMIT: usize = 16 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proxy {
    status_code: u16,
    headers: Option<BTreeMap<String, Value>>,
    multi_value_headers: Option<BTreeMap<String, Vec<Value>>>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// API Gateway takes numbers and booleans for strings, and lists for several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Number(serde_json::Number),
    Flag(bool),
    Several(Vec<Value>),
}

impl Proxy {
    fn parse(json: &[u8]) -> Result<Self, Refusal> {
        serde_json::from_slice(json).map_err(|error| {
            tracing::warn!(%error, "a function's answer is not a proxy response");
            Refusal::BadGateway
        })
    }

    fn into_response(self, body: Body) -> Result<Response, Refusal> {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status_code).map_err(|_| Refusal::BadGateway)?;
        let single = self.headers.into_iter().flatten();
        let multi = self.multi_value_headers.into_iter().flatten().map(|(name, values)| (name, Value::Several(values)));
        let cookies = self.cookies.into_iter().flatten().map(|cookie| ("set-cookie".to_owned(), Value::Text(cookie)));
        for (name, value) in single.chain(multi).chain(cookies) {
            add(response.headers_mut(), &name, value)?;
        }
        Ok(response)
    }
}

/// The answer of a buffered route.
pub(super) fn whole(json: &[u8]) -> Result<Response, Refusal> {
    let mut proxy = Proxy::parse(json)?;
    let text = proxy.body.take().unwrap_or_default();
    let body = if proxy.is_base64_encoded {
        STANDARD.decode(text).map_err(|_| Refusal::BadGateway)?
    } else {
        text.into_bytes()
    };
    let mut response = proxy.into_response(body.into())?;
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().entry(http::header::CONTENT_TYPE).or_insert(kind);
    Ok(response)
}

/// The answer of a streamed route; it goes out chunk by chunk, as it comes.
pub(super) async fn stream(answer: Answer, deadline: Instant, idle: Duration) -> Result<Response, Refusal> {
    let Answer::Stream(mut chunks) = answer else {
        tracing::warn!("a streamed route leads to a function that does not stream");
        return Err(Refusal::BadGateway);
    };
    let prelude = timeout_at(deadline, prelude(&mut chunks)).await;
    let (metadata, first) = prelude.map_err(|_| Refusal::Timeout)??;
    let state = Streaming { first: Some(first), chunks, deadline, idle };
    Proxy::parse(&metadata)?.into_response(Body::from_stream(stream::unfold(state, Streaming::next)))
}

/// Reads up to the delimiter: the metadata, and what came with it of the body.
async fn prelude(chunks: &mut mpsc::Receiver<Result<Bytes, FunctionError>>) -> Result<(Bytes, Bytes), Refusal> {
    let mut read = BytesMut::new();
    while let Some(chunk) = chunks.recv().await {
        let searched = read.len().saturating_sub(DELIMITER.len());
        read.extend_from_slice(&chunk.map_err(|_| Refusal::BadGateway)?);
        if let Some(at) = read[searched..].windows(DELIMITER.len()).position(|window| window == DELIMITER) {
            let mut body = read.split_off(searched + at);
            let _ = body.split_to(DELIMITER.len());
            return Ok((read.freeze(), body.freeze()));
        }
        if read.len() > PRELUDE_LIMIT {
            break;
        }
    }
    tracing::warn!("a function's stream has no metadata");
    Err(Refusal::BadGateway)
}

struct Streaming {
    first: Option<Bytes>,
    chunks: mpsc::Receiver<Result<Bytes, FunctionError>>,
    deadline: Instant,
    idle: Duration,
}

impl Streaming {
    /// The next chunk; an error breaks the connection off, as AWS does past its limits.
    async fn next(mut self) -> Option<(Result<Bytes, FunctionError>, Self)> {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return Some((Ok(first), self));
        }
        let received = timeout_at(self.deadline, timeout(self.idle, self.chunks.recv())).await;
        let chunk = match received {
            Ok(Ok(chunk)) => chunk?,
            Ok(Err(_)) => Err(ended("the stream was idle for too long")),
            Err(_) => Err(ended("the stream took too long")),
        };
        Some((chunk, self))
    }
}

fn ended(why: &str) -> FunctionError {
    FunctionError { error_type: "Gateway.StreamEnded".into(), error_message: why.into() }
}

fn add(headers: &mut http::HeaderMap, name: &str, value: Value) -> Result<(), Refusal> {
    let text = match value {
        Value::Several(values) => return values.into_iter().try_for_each(|value| add(headers, name, value)),
        Value::Text(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
    };
    let name: HeaderName = name.parse().map_err(|_| Refusal::BadGateway)?;
    let value = HeaderValue::from_str(&text).map_err(|_| Refusal::BadGateway)?;
    match name.as_str() {
        // The gateway frames the answer itself.
        "content-length" | "transfer-encoding" => {}
        // It keeps these names for itself and says so.
        "connection" | "date" | "server" | "www-authenticate" => {
            let remapped = HeaderName::try_from(format!("x-amzn-remapped-{name}"));
            headers.append(remapped.expect("a prefixed header name is one"), value);
        }
        // A header named in both maps counts once.
        _ if headers.get_all(&name).iter().any(|present| present == value) => {}
        _ => {
            headers.append(name, value);
        }
    }
    Ok(())
}
