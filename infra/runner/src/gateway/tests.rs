//! The gateway between a real client and a scripted provider, both on loopback.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Mutex;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use domain::action::{ASK_CODE, CONSENT_HEADER};
use futures_util::StreamExt;
use http::{HeaderMap, header};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::sandbox::SandboxSpec;

const KEY: &str = "sk-real-key-0123456789";
const PATIENCE: Duration = Duration::from_secs(10);

/// What a provider saw of one request.
struct Seen {
    path: String,
    headers: HeaderMap,
}

type Answer = Box<dyn FnMut() -> Response + Send>;
type Script = (Arc<Mutex<Vec<Seen>>>, Arc<Mutex<Answer>>);

/// A provider that answers by script and remembers.
struct Upstream {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    _stop: tokio_util::sync::DropGuard,
}

impl Upstream {
    async fn answering(answer: impl FnMut() -> Response + Send + 'static) -> Self {
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let answer: Arc<Mutex<Answer>> = Arc::new(Mutex::new(Box::new(answer)));
        let state = (seen.clone(), answer);
        let router = Router::new().fallback(handle).with_state(state);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/base", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(stopped).await });
        Self { url, seen, _stop: stop.drop_guard() }
    }

    fn first_seen(&self) -> Seen {
        self.seen.lock().unwrap().remove(0)
    }
}

async fn handle(State((seen, answer)): State<Script>, request: Request) -> Response {
    let path = request.uri().path_and_query().unwrap().to_string();
    seen.lock().unwrap().push(Seen { path, headers: request.headers().clone() });
    (answer.lock().unwrap())()
}

fn providers(url: &str, key: &str) -> Providers {
    let variable = |name: &str| match name {
        name if name.ends_with("_BASE_URL") => Some(url.to_owned()),
        name if name.ends_with("_API_KEY") => Some(key.to_owned()),
        _ => None,
    };
    Providers::from_lookup(variable)
}

/// A gateway to `url`, and where it listens.
async fn gateway(url: &str, key: &str) -> (Gateway, String) {
    let gateway = Gateway::new(providers(url, key), None);
    let address = gateway.listen(0).await.unwrap();
    (gateway, format!("http://{address}"))
}

async fn post(url: String, body: impl Into<reqwest::Body>) -> reqwest::Response {
    let client = net::loopback().timeout(PATIENCE).build().unwrap();
    let dummies = [("authorization", "Bearer dummy"), ("x-api-key", "dummy"), ("x-goog-api-key", "dummy")];
    let request = dummies.iter().fold(client.post(url), |request, (name, value)| request.header(*name, *value));
    request.header("x-session-id", "ses_1").body(body).send().await.unwrap()
}

fn events(body: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")], body.into()).into_response()
}

#[tokio::test]
async fn the_real_key_takes_the_place_of_the_dummy_in_every_dialect() {
    let upstream = Upstream::answering(|| axum::Json(json!({})).into_response()).await;
    let (_gateway, url) = gateway(&upstream.url, KEY).await;
    let bearer = format!("Bearer {KEY}");
    for (path, to, name, value) in [
        ("/anthropic/v1/messages?beta=true", "/base/messages?beta=true", "x-api-key", KEY),
        ("/openai/v1/responses", "/base/responses", "authorization", bearer.as_str()),
        ("/compatible/v1/chat/completions", "/base/chat/completions", "authorization", bearer.as_str()),
        (
            "/google/v1beta/models/g-1:streamGenerateContent?key=dummy&alt=sse",
            "/base/models/g-1:streamGenerateContent?alt=sse",
            "x-goog-api-key",
            KEY,
        ),
    ] {
        assert_eq!(post(format!("{url}{path}"), "{}").await.status(), 200, "{path}");
        let seen = upstream.first_seen();
        assert_eq!((seen.path.as_str(), seen.headers[name].to_str().unwrap()), (to, value));
        assert!(!seen.headers.values().any(|value| value.to_str().unwrap().contains("dummy")), "{path}");
        assert_eq!(seen.headers["x-session-id"], "ses_1");
    }
}

#[tokio::test]
async fn the_key_is_in_no_answer_whatever_the_provider_quotes() {
    let quote = format!("bad key {KEY}");
    let (body, header_value) = (quote.clone(), quote.clone());
    let mut status = 400;
    let upstream = Upstream::answering(move || {
        status += 1;
        let headers = [("x-request-id", header_value.clone()), ("retry-after", "7".to_owned())];
        let stream = format!("data: {{\"error\":\"{body}\"}}\n\ndata: open {body}");
        let sse = events(stream).into_body();
        match status {
            403 => (StatusCode::OK, [(header::CONTENT_TYPE, "text/event-stream")], sse).into_response(),
            _ => (StatusCode::from_u16(status).unwrap(), headers, body.clone()).into_response(),
        }
    })
    .await;
    let (_gateway, url) = gateway(&upstream.url, KEY).await;
    for status in [401, 402, 200, 404] {
        let answer = post(format!("{url}/openai/v1/responses"), "{}").await;
        assert_eq!(answer.status(), status);
        assert!(!format!("{:?}", answer.headers()).contains(KEY));
        let retry_after = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        let body = answer.text().await.unwrap();
        assert!(!body.contains(KEY) && !body.contains("0123456789"), "{status}: {body}");
        match status {
            401 => assert!(body.contains("OPENAI_API_KEY"), "{body}"),
            200 => assert_eq!(body.matches("[redacted]").count(), 2),
            _ => assert_eq!((retry_after.as_deref(), body.as_str()), (Some("7"), "bad key [redacted]")),
        }
    }
}

#[tokio::test]
async fn without_a_key_the_refusal_names_what_to_set() {
    let (_gateway, url) = gateway("", "").await;
    for (path, pointer, variable) in [
        ("/anthropic/v1/messages", "/error/message", "ANTHROPIC_API_KEY"),
        ("/openai/v1/responses", "/error/message", "OPENAI_API_KEY"),
        ("/google/v1beta/models/g:generateContent", "/error/message", "GOOGLE_API_KEY"),
        ("/compatible/v1/chat/completions", "/error/message", "MODEL_BASE_URL"),
    ] {
        let answer = post(format!("{url}{path}"), "{}").await;
        assert_eq!(answer.status(), 401, "{path}");
        let body: Value = answer.json().await.unwrap();
        assert!(body.pointer(pointer).unwrap().as_str().unwrap().contains(variable), "{body}");
    }
}

#[tokio::test]
async fn the_first_piece_does_not_wait_for_the_second() {
    let (send, receive) = mpsc::unbounded_channel::<&'static str>();
    let mut receive = Some(receive);
    let upstream = Upstream::answering(move || {
        let mut receive = receive.take().unwrap();
        let stream = async_stream::stream! {
            while let Some(data) = receive.recv().await {
                yield Ok::<_, Infallible>(Bytes::from(format!("data: {data}\n\n")));
            }
        };
        events(Body::from_stream(stream))
    })
    .await;
    let (gateway, url) = gateway(&upstream.url, KEY).await;
    let piece = r#"{"choices":[{"index":0,"delta":{"content":"a"}}]}"#;
    send.send(piece).unwrap();
    let mut answer = post(format!("{url}/compatible/v1/chat/completions"), "{}").await;
    assert_eq!(answer.chunk().await.unwrap().unwrap(), format!("data: {piece}\n\n"));
    for data in [piece, piece, r#"{"usage":{"prompt_tokens":3,"completion_tokens":2}}"#, "[DONE]"] {
        send.send(data).unwrap();
    }
    drop(send);
    let rest = answer.text().await.unwrap();
    let joined: Vec<_> = rest.matches(r#""content":"aa""#).chain(rest.matches(r#""content":"a""#)).collect();
    assert!(!joined.is_empty() && rest.ends_with("data: [DONE]\n\n"), "{rest}");
    assert_eq!(gateway.take_tokens(), TokenCount { calls: 1, input_tokens: 3, output_tokens: 2 });
}

#[tokio::test]
async fn a_stream_that_breaks_off_breaks_off_here_too_after_its_text() {
    let upstream = Upstream::answering(|| {
        let pieces = (0..3).map(|i| Ok(format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"w{i} \"}}}}]}}\n\n")));
        let cut = std::iter::once(Err(std::io::Error::other("cut")));
        events(Body::from_stream(futures_util::stream::iter(pieces.chain(cut)).then(|item| async {
            tokio::task::yield_now().await;
            item
        })))
    })
    .await;
    let (_gateway, url) = gateway(&upstream.url, KEY).await;
    let mut chunks = post(format!("{url}/compatible/v1/chat/completions"), "{}").await.bytes_stream();
    let (mut text, mut broken) = (String::new(), false);
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(bytes) => text += std::str::from_utf8(&bytes).unwrap(),
            Err(_) => broken = true,
        }
    }
    assert!(broken && text.contains("w0 ") && text.contains("w2 "), "{text}");
}

#[tokio::test]
async fn a_provider_out_of_reach_is_a_502_that_does_not_name_its_address() {
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = unused.local_addr().unwrap().to_string();
    drop(unused);
    let (_gateway, url) = gateway(&format!("http://{host}"), KEY).await;
    let answer = post(format!("{url}/anthropic/v1/messages"), "{}").await;
    assert_eq!(answer.status(), 502);
    assert!(!answer.text().await.unwrap().contains(&host));
}

#[tokio::test]
async fn a_body_beyond_32_mb_and_a_call_that_is_none_are_refused() {
    let upstream = Upstream::answering(|| panic!("nothing may get here")).await;
    let (_gateway, url) = gateway(&upstream.url, KEY).await;
    let large = post(format!("{url}/openai/v1/responses"), vec![b' '; (32 << 20) + 1]).await;
    assert_eq!(large.status(), 413);
    for path in ["/openai/v1/files", "/openai/v1/%2e%2e/v1/files", "/", "/other/v1/chat/completions"] {
        assert_eq!(post(format!("{url}{path}"), "{}").await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn the_setup_is_there_once_it_is_known_and_tells_no_secret_of_ours() {
    let (gateway, url) = gateway("http://model.test/v1", KEY).await;
    let client = net::loopback().build().unwrap();
    let ask = || async { client.get(format!("{url}/sandbox")).send().await.unwrap() };
    assert_eq!(ask().await.status(), 503);
    let spec = SandboxSpec {
        model: None,
        directory: "/workspace/w".into(),
        data_root: "/data".into(),
        gateway_url: url.clone(),
        permissions: BTreeMap::new(),
        repository: None,
        password: Some("agent-knows".into()),
    };
    gateway.set_sandbox(SandboxSetup::new(&spec, &providers("http://model.test/v1", KEY)).unwrap());
    let text = ask().await.text().await.unwrap();
    let setup: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&setup["directory"], &setup["password"]), (&json!("/workspace/w"), &json!("agent-knows")));
    assert!(!text.contains(KEY) && !text.contains("model.test"), "{text}");
    let known = ["directory", "env", "model", "opencode_config", "password"];
    assert_eq!(
        setup.as_object().unwrap().keys().collect::<Vec<_>>(),
        known,
        "a new field is a new thing that the agent learns"
    );
}

#[tokio::test]
async fn a_call_of_our_tools_gets_the_sessions_token_and_no_other_header_of_the_agents() {
    let upstream = Upstream::answering(|| axum::Json(json!({ "ok": true })).into_response()).await;
    let address = linked(&upstream).await;
    let call = net::http().post(format!("http://{address}/mcp")).header("mcp-protocol-version", "2025-11-25");
    let call = call.header("x-other", "1").bearer_auth("of-the-agent").json(&json!({}));
    assert_eq!(call.send().await.unwrap().json::<Value>().await.unwrap(), json!({ "ok": true }));
    let seen = upstream.first_seen();
    assert_eq!(seen.path, "/base/mcp");
    assert_eq!(seen.headers["authorization"], "Bearer runner-token");
    assert!(seen.headers.contains_key("mcp-protocol-version") && !seen.headers.contains_key("x-other"));
}

#[tokio::test]
async fn what_nobody_can_be_asked_for_is_not_done() {
    let ask = json!({ "jsonrpc": "2.0", "id": 7, "error": { "code": ASK_CODE, "message": "ask", "data": {
        "permission": "ops_send_mail", "lines": ["to: ana@example.com"], "action": {}, "always": "a", "digest": "d" } } });
    let upstream = Upstream::answering(move || axum::Json(ask.clone()).into_response()).await;
    let address = linked(&upstream).await;
    let call = net::http().post(format!("http://{address}/mcp")).header(CONSENT_HEADER, "d").json(&json!({}));
    let answer = call.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream", "it may take as long as the user does");
    let text = answer.text().await.unwrap();
    let told: Value = serde_json::from_str(text.trim().strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!((&told["id"], &told["result"]["isError"]), (&json!(7), &json!(true)), "{told}");
    assert!(!upstream.first_seen().headers.contains_key(CONSENT_HEADER), "the agent can't consent for its user");
    assert!(upstream.seen.lock().unwrap().is_empty(), "and the call is not made again");
}

/// A gateway that leads to the API; where it listens.
async fn linked(upstream: &Upstream) -> std::net::SocketAddr {
    let link = LinkConfig {
        session: domain::SessionId::mint(jiff::Timestamp::UNIX_EPOCH),
        epoch: 1,
        token: "runner-token".into(),
        socket_url: String::new(),
        api_url: upstream.url.clone(),
    };
    Gateway::new(providers("http://127.0.0.1:9", KEY), Some(link)).listen(0).await.unwrap()
}
