//! Each directive does what it says, over the server's own routes.

use std::process::Stdio;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::{Router, response::Response};
use futures_util::{FutureExt, StreamExt};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tower::ServiceExt;

async fn post(model: &Router, body: Value) -> Response {
    let request =
        Request::post("/v1/chat/completions").header("x-session-id", "ses_1").body(Body::from(body.to_string()));
    model.clone().oneshot(request.unwrap()).await.unwrap()
}

/// Streams an answer to `words`, after `results` tool results.
async fn ask(model: &Router, words: &str, results: &[&str]) -> Response {
    let mut messages = vec![json!({ "role": "user", "content": [{ "type": "text", "text": words }] })];
    messages.extend(results.iter().map(|text| json!({ "role": "tool", "tool_call_id": "c", "content": text })));
    let tools = ["bash", "read"].map(|name| json!({ "type": "function", "function": { "name": name } }));
    post(model, json!({ "model": "demo", "stream": true, "messages": messages, "tools": tools })).await
}

/// What a client made of a stream.
#[derive(Debug, Default)]
struct Heard {
    text: String,
    reasoning: String,
    arguments: String,
    tool: Option<String>,
    finish: Option<String>,
    usage: Option<Value>,
    error: Option<Value>,
    unreadable: usize,
    done: bool,
    cut: bool,
}

async fn hear(response: Response) -> Heard {
    assert_eq!(response.status(), StatusCode::OK);
    let mut heard = Heard::default();
    let mut body = response.into_body().into_data_stream();
    while let Some(chunk) = body.next().await {
        let Ok(chunk) = chunk else {
            heard.cut = true;
            break;
        };
        let data = std::str::from_utf8(&chunk).unwrap().strip_prefix("data: ").unwrap().trim_end().to_owned();
        match serde_json::from_str::<Value>(&data) {
            Ok(event) => heard.take(&event),
            Err(_) if data == "[DONE]" => heard.done = true,
            Err(_) => heard.unreadable += 1,
        }
    }
    heard
}

impl Heard {
    fn take(&mut self, event: &Value) {
        let choice = &event["choices"][0];
        let delta = &choice["delta"];
        self.text += delta["content"].as_str().unwrap_or("");
        self.reasoning += delta["reasoning_content"].as_str().unwrap_or("");
        let function = &delta["tool_calls"][0]["function"];
        self.arguments += function["arguments"].as_str().unwrap_or("");
        let set = |slot: &mut Option<String>, value: &Value| {
            if let Some(text) = value.as_str() {
                *slot = Some(text.to_owned());
            }
        };
        set(&mut self.tool, &function["name"]);
        set(&mut self.finish, &choice["finish_reason"]);
        self.usage = event.get("usage").cloned().or(self.usage.take());
        self.error = event.get("error").cloned().or(self.error.take());
    }
}

fn model() -> Router {
    demo_model::router()
}

#[tokio::test]
async fn text_comes_in_numbered_chunks_with_usage_at_the_end() {
    let heard = hear(ask(&model(), "say [[text n=3]] please", &[]).await).await;
    assert_eq!((heard.text.as_str(), heard.finish.as_deref(), heard.done), ("w0 w1 w2 ", Some("stop"), true));
    assert_eq!(heard.usage.unwrap()["completion_tokens"], 3);
}

#[tokio::test(start_paused = true)]
async fn a_delay_stands_between_chunks_not_before_the_first() {
    let model = model();
    let started = tokio::time::Instant::now();
    hear(ask(&model, "[[text n=5 delay=10]]", &[]).await).await;
    assert_eq!(started.elapsed(), Duration::from_millis(40));
}

#[tokio::test]
async fn a_stamp_is_the_time_of_sending() {
    let heard = hear(ask(&model(), "[[text n=2 stamp=1]]", &[]).await).await;
    let stamps: Vec<u128> =
        heard.text.split_whitespace().map(|w| w.split_once('@').unwrap().1.parse().unwrap()).collect();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros();
    assert!(stamps[0] <= stamps[1] && now - stamps[0] < 10_000_000, "{stamps:?}");
}

#[tokio::test]
async fn thinking_is_reasoning_not_text() {
    let heard = hear(ask(&model(), "[[think n=2]][[text n=1]]", &[]).await).await;
    assert_eq!((heard.reasoning.as_str(), heard.text.as_str()), ("w0 w1 ", "w0 "));
}

#[tokio::test]
async fn tools_are_called_one_a_step_and_text_follows() {
    let model = model();
    let script = r#"[[tool bash {"command":"echo hi","description":"d"}]] [[tool read {"filePath":"a"}]] [[text n=1]]"#;
    let first = hear(ask(&model, script, &[]).await).await;
    assert_eq!((first.tool.as_deref(), first.finish.as_deref()), (Some("bash"), Some("tool_calls")));
    let arguments: Value = serde_json::from_str(&first.arguments).unwrap();
    assert_eq!(arguments, json!({ "command": "echo hi", "description": "d" }));
    assert_eq!(hear(ask(&model, script, &["hi"]).await).await.tool.as_deref(), Some("read"));
    let last = hear(ask(&model, script, &["hi", "b"]).await).await;
    assert_eq!((last.text.as_str(), last.finish.as_deref()), ("w0 ", Some("stop")));
}

#[tokio::test]
async fn a_refusal_happens_as_often_as_told_for_each_session_and_text() {
    let model = model();
    for status in [429, 429, 200] {
        let response = ask(&model, "[[http 429 retry-after=1 times=2]] [[text n=1]]", &[]).await;
        assert_eq!(response.status(), status);
        let retry_after = response.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap());
        assert_eq!(retry_after, (status == 429).then_some("1"));
    }
    assert_eq!(ask(&model, "[[http 429 times=2]] other text", &[]).await.status(), 429);
    assert_eq!(ask(&model, "[[http 401]]", &[]).await.status(), 401);
    assert_eq!(ask(&model, "[[http 401]]", &[]).await.status(), 401);
}

#[tokio::test]
async fn malformed_sends_one_unreadable_line() {
    let heard = hear(ask(&model(), "[[malformed n=3]]", &[]).await).await;
    assert_eq!((heard.text.as_str(), heard.unreadable), ("w0 w1 w2 ", 1));
}

#[tokio::test]
async fn a_cut_breaks_the_connection_once_then_the_text_is_whole() {
    let model = model();
    let script = "[[cut n=2 times=1]][[text n=4]]";
    let first = hear(ask(&model, script, &[]).await).await;
    assert_eq!((first.text.as_str(), first.cut, first.finish), ("w0 w1 ", true, None));
    let second = hear(ask(&model, script, &[]).await).await;
    assert_eq!((second.text.as_str(), second.cut), ("w0 w1 w2 w3 ", false));
}

#[tokio::test]
async fn an_error_chunk_ends_the_stream_without_a_finish() {
    let heard = hear(ask(&model(), "[[errchunk n=1]]", &[]).await).await;
    assert!(heard.error.is_some() && heard.finish.is_none() && !heard.done, "{heard:?}");
}

#[tokio::test]
async fn a_hang_sends_its_chunks_and_then_nothing() {
    let mut body = ask(&model(), "[[hang n=2]]", &[]).await.into_body().into_data_stream();
    // The role and two chunks are there at once; the fourth read never comes.
    for _ in 0..3 {
        assert!(body.next().now_or_never().flatten().is_some());
    }
    assert!(body.next().now_or_never().is_none());
}

#[tokio::test(start_paused = true)]
async fn without_a_directive_it_writes_a_file_reads_it_and_reports() {
    let model = model();
    let first = hear(ask(&model, "Plan my week", &[]).await).await;
    assert_eq!(first.tool.as_deref(), Some("bash"));
    assert!(first.arguments.contains("'Plan my week' > demo/plan-my-week.md"), "{}", first.arguments);
    let second = hear(ask(&model, "Plan my week", &["-rw plan-my-week.md"]).await).await;
    assert_eq!(
        (second.tool.as_deref(), second.arguments.as_str()),
        (Some("read"), r#"{"filePath":"demo/plan-my-week.md"}"#)
    );
    let last = hear(ask(&model, "Plan my week", &["-rw plan-my-week.md", "00001| Plan my week"]).await).await;
    for part in ["demo model", "-rw plan-my-week.md", "00001| Plan my week", "ANTHROPIC_API_KEY"] {
        assert!(last.text.contains(part), "{part}: {}", last.text);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_tool_is_reported_and_nothing_more_is_tried() {
    let heard = hear(ask(&model(), "Plan my week", &["The user rejected permission"]).await).await;
    assert_eq!(heard.tool, None);
    assert!(
        heard.text.contains("The user rejected permission") && heard.text.contains("no such file"),
        "{}",
        heard.text
    );
}

#[tokio::test]
async fn a_title_request_is_answered_with_the_first_words_and_uses_no_fault_up() {
    let model = model();
    let title = |words: &str| {
        let system = json!({ "role": "system", "content": "You are a title generator. You output ONLY a title." });
        json!({ "stream": true, "messages": [system, { "role": "user", "content": words }] })
    };
    assert_eq!(hear(post(&model, title("Plan my week")).await).await.text, "Plan my week");
    assert_eq!(post(&model, title("[[http 500 times=1]]")).await.status(), 200);
    assert_eq!(ask(&model, "[[http 500 times=1]]", &[]).await.status(), 500);
}

#[tokio::test]
async fn a_caller_that_does_not_stream_gets_one_body() {
    let script = json!({ "role": "user", "content": "[[think n=1]][[text n=2]][[tool bash {\"command\":\"ls\"}]]" });
    let response = post(&model(), json!({ "messages": [script] })).await;
    let body: Value = serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap();
    let choice = &body["choices"][0];
    assert_eq!((&choice["message"]["content"], &choice["finish_reason"]), (&json!("w0 w1 "), &json!("tool_calls")));
    assert_eq!(choice["message"]["tool_calls"][0]["function"]["arguments"], r#"{"command":"ls"}"#);
}

#[tokio::test]
async fn what_can_not_be_read_is_a_400_that_says_so() {
    let model = model();
    let response = ask(&model, "[[text n=many]]", &[]).await;
    assert_eq!(response.status(), 400);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("[[text n=many]]"));
    let request = Request::post("/v1/chat/completions").body(Body::from("{")).unwrap();
    assert_eq!(model.oneshot(request).await.unwrap().status(), 400);
}

#[tokio::test]
async fn the_binary_prints_its_address_and_counts_requests() {
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_demo-model"))
        .args(["--port", "0"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
    let address = line.trim_end().strip_prefix("listening on http://").unwrap();
    let started = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let body = r#"{"stream":true,"messages":[{"role":"user","content":"[[text n=7]]"}]}"#;
    let calls = [
        format!("POST /v1/chat/completions HTTP/1.1\r\nhost: m\r\ncontent-length: {}\r\n\r\n{body}", body.len()),
        "GET /stats HTTP/1.1\r\nhost: m\r\nconnection: close\r\n\r\n".to_owned(),
    ];
    stream.write_all(calls.concat().as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.contains("w6 ") && answer.ends_with(r#"{"requests":1,"titles":0,"refused":0,"chunks":7}"#),
        "{answer}"
    );
    assert!(started.elapsed() < Duration::from_secs(5));
}
