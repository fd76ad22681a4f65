//! An answer in OpenAI's shape: as server-sent events, or whole.

use std::io;
use std::sync::Arc;

use async_stream::stream;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};

use crate::perform::Piece;
use crate::request::Request;
use crate::state::State;

/// The dialect's name for a failure that is worth another try.
const SERVER_ERROR: &str = "server_error";

/// Streams the pieces as they come.
pub(crate) fn streamed(
    request: &Request,
    pieces: impl Stream<Item = Piece> + Send + 'static,
    state: Arc<State>,
) -> Response {
    let frame = Frame { id: state.next_id("chatcmpl"), model: request.model.clone() };
    let prompt_tokens = request.prompt_tokens;
    let body = stream! {
        let mut pieces = std::pin::pin!(pieces);
        let (mut tokens, mut finish) = (0, "stop");
        yield Ok(frame.delta(json!({ "role": "assistant", "content": "" })));
        while let Some(piece) = pieces.next().await {
            tokens += 1;
            state.count_chunk();
            match piece {
                Piece::Text(text) => yield Ok(frame.delta(json!({ "content": text }))),
                Piece::Think(text) => yield Ok(frame.delta(json!({ "reasoning_content": text }))),
                Piece::Tool { name, arguments } => {
                    finish = "tool_calls";
                    for delta in tool_deltas(&state.next_id("call"), &name, &arguments) {
                        yield Ok(frame.delta(delta));
                    }
                }
                Piece::Malformed => yield Ok(Bytes::from_static(b"data: {this is not json\n\n")),
                Piece::Error => {
                    yield Ok(event(&error_body(SERVER_ERROR, "the demo model was told to fail in mid-stream")));
                    return;
                }
                Piece::Cut => {
                    // The server drops what it has not yet sent when a body fails: let it send first.
                    tokio::task::yield_now().await;
                    yield Err(io::Error::from(io::ErrorKind::ConnectionReset));
                    return;
                }
            }
        }
        yield Ok(frame.finish(finish));
        yield Ok(frame.usage(prompt_tokens, tokens));
        yield Ok(Bytes::from_static(b"data: [DONE]\n\n"));
    };
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")];
    (headers, Body::from_stream(body)).into_response()
}

/// Collects the pieces into one body.
pub(crate) async fn whole(request: &Request, pieces: impl Stream<Item = Piece> + Send, state: &State) -> Response {
    let (mut text, mut reasoning, mut calls, mut tokens) = (String::new(), String::new(), Vec::new(), 0);
    let mut pieces = std::pin::pin!(pieces);
    while let Some(piece) = pieces.next().await {
        tokens += 1;
        state.count_chunk();
        match piece {
            Piece::Text(chunk) => text += &chunk,
            Piece::Think(chunk) => reasoning += &chunk,
            Piece::Tool { name, arguments } => calls.push(tool_call(&state.next_id("call"), &name, &arguments)),
            Piece::Malformed => return "{this is not json".into_response(),
            Piece::Error => return refused(StatusCode::INTERNAL_SERVER_ERROR, "the demo model was told to fail", None),
            Piece::Cut => return Body::from_stream(cut()).into_response(),
        }
    }
    let finish = if calls.is_empty() { "stop" } else { "tool_calls" };
    let mut message = json!({ "role": "assistant", "content": text });
    if !reasoning.is_empty() {
        message["reasoning_content"] = json!(reasoning);
    }
    if !calls.is_empty() {
        message["tool_calls"] = json!(calls);
    }
    axum::Json(json!({
        "id": state.next_id("chatcmpl"), "object": "chat.completion", "created": 0, "model": request.model,
        "choices": [{ "index": 0, "message": message, "finish_reason": finish }],
        "usage": usage(request.prompt_tokens, tokens),
    }))
    .into_response()
}

/// A refusal, with a `retry-after` in seconds.
pub(crate) fn refused(status: StatusCode, message: &str, retry_after_s: Option<u64>) -> Response {
    let mut response = (status, axum::Json(error_body(error_type(status), message))).into_response();
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn cut() -> impl Stream<Item = io::Result<Bytes>> + Send {
    futures_util::stream::iter([
        Ok(Bytes::from_static(b"{\"choices\":")),
        Err(io::Error::from(io::ErrorKind::ConnectionReset)),
    ])
}

/// What all chunks of one answer share.
struct Frame {
    id: String,
    model: String,
}

impl Frame {
    fn delta(&self, delta: Value) -> Bytes {
        self.chunk(json!([{ "index": 0, "delta": delta, "finish_reason": null }]))
    }

    fn finish(&self, reason: &str) -> Bytes {
        self.chunk(json!([{ "index": 0, "delta": {}, "finish_reason": reason }]))
    }

    fn usage(&self, prompt_tokens: u64, tokens: u64) -> Bytes {
        let mut chunk = self.value(json!([]));
        chunk["usage"] = usage(prompt_tokens, tokens);
        event(&chunk)
    }

    fn chunk(&self, choices: Value) -> Bytes {
        event(&self.value(choices))
    }

    fn value(&self, choices: Value) -> Value {
        json!({ "id": self.id, "object": "chat.completion.chunk", "created": 0, "model": self.model, "choices": choices })
    }
}

fn event(data: &Value) -> Bytes {
    Bytes::from(format!("data: {data}\n\n"))
}

fn error_body(kind: &str, message: &str) -> Value {
    json!({ "error": { "message": message, "type": kind, "code": null, "param": null } })
}

/// As the dialect names it: OpenCode asks again after a `server_error`, whatever the status.
fn error_type(status: StatusCode) -> &'static str {
    match status {
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        StatusCode::FORBIDDEN => "permission_error",
        status if status.is_client_error() => "invalid_request_error",
        _ => SERVER_ERROR,
    }
}

fn usage(prompt_tokens: u64, completion_tokens: u64) -> Value {
    json!({
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    })
}

fn tool_call(id: &str, name: &str, arguments: &Value) -> Value {
    json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments.to_string() } })
}

/// As a provider sends it: the call first, then its arguments in pieces.
fn tool_deltas(id: &str, name: &str, arguments: &Value) -> Vec<Value> {
    let open = json!({ "tool_calls": [{
        "index": 0, "id": id, "type": "function", "function": { "name": name, "arguments": "" },
    }] });
    let text: Vec<char> = arguments.to_string().chars().collect();
    let piece = |chars: &[char]| {
        let arguments: String = chars.iter().collect();
        json!({ "tool_calls": [{ "index": 0, "function": { "arguments": arguments } }] })
    };
    std::iter::once(open).chain(text.chunks(64).map(piece)).collect()
}
