//! A function for tests: this very test program, behind the real Runtime API.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Config, PAYLOAD_LIMIT};
use crate::template::Function;

/// A folder with a `bootstrap` that runs [`bootstrap`] below, and the function `F` that it is.
pub(crate) struct Stage {
    pub(crate) folder: PathBuf,
    pub(crate) config: Config,
}

pub(crate) fn stage(name: &str) -> Stage {
    let folder = std::env::temp_dir().join(format!("lambda-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let program = std::env::current_exe().expect("this program");
    let script =
        format!("#!/bin/sh\nexec {} lambda::testing::bootstrap --exact --ignored --nocapture\n", program.display());
    let path = folder.join("bootstrap");
    std::fs::write(&path, script).expect("a script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it can be run");
    let function = Function {
        id: "F".into(),
        name: "agent-ops-F".into(),
        arn: "arn:aws:lambda:us-east-1:000000000000:function:agent-ops-f".into(),
        binary: "bootstrap".into(),
        timeout: Duration::from_secs(20),
        memory_mb: 128,
        dead_letters: None,
        log_format: "JSON".into(),
        environment: BTreeMap::from([
            ("GREETING".into(), "hello".into()),
            ("FOLDER".into(), folder.display().to_string()),
        ]),
    };
    let config = Config::new(vec![function], folder.clone(), folder.join("logs"));
    Stage { folder, config }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("it happens in time")
}

/// The function under test, when [`stage`]'s script starts it: a runtime of a few lines.
#[test]
#[ignore = "it is the function that the other tests invoke"]
fn bootstrap() {
    let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") else { return };
    let (address, environment) = api.trim_start_matches("http://").split_once('/').expect("a path");
    let base = format!("/{environment}/2018-06-01/runtime/invocation");
    loop {
        let (head, body) =
            exchange(address, &format!("GET {base}/next HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).expect("a header").trim();
        let id = header("lambda-runtime-aws-request-id:");
        let event: Value = serde_json::from_str(&body).expect("a payload");
        answer(address, &format!("{base}/{id}"), &event, header("lambda-runtime-invoked-function-arn:"));
    }
}

/// What an event asks for: in itself, in its query, or in its body.
fn wish(event: &Value) -> String {
    if event["requestContext"]["eventType"] == "DISCONNECT" {
        return "record".to_owned();
    }
    let body: Value = event["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    let places = [&event["do"], &event["queryStringParameters"]["do"], &body["do"]];
    places.into_iter().find_map(Value::as_str).unwrap_or("ok").to_owned()
}

fn answer(address: &str, base: &str, event: &Value, arn: &str) {
    let beside = |name: &str| Path::new(&std::env::var("FOLDER").unwrap_or_default()).join(name);
    let respond = |answer: &Value| post(address, &format!("{base}/response"), &answer.to_string());
    match wish(event).as_str() {
        "ok" => respond(&json!({ "statusCode": 200 })),
        "describe" => {
            let greeting = std::env::var("GREETING").unwrap_or_default();
            respond(&json!({ "pid": std::process::id(), "greeting": greeting, "arn": arn }));
        }
        "proxy" => respond(&json!({ "statusCode": 201, "headers": { "x-own": "1" }, "body": event.to_string() })),
        "refuse" => respond(&json!({ "statusCode": 401, "body": "no" })),
        "record" => {
            let id = event["requestContext"]["messageId"].as_str().or(event["requestContext"]["eventType"].as_str());
            std::fs::write(beside(id.unwrap_or("none")), event.to_string()).expect("a file");
            respond(&json!({ "statusCode": 200 }));
        }
        "error" => post(address, &format!("{base}/error"), r#"{"errorType":"Oops","errorMessage":"no"}"#),
        "exit" => std::process::exit(3),
        "hang" => std::thread::park(),
        "big" => post(address, &format!("{base}/response"), &"x".repeat(PAYLOAD_LIMIT + 1)),
        "mark" => {
            std::fs::write(beside("mark"), "").expect("a file");
            respond(&json!({}));
        }
        "stream" => stream(address, &format!("{base}/response"), &beside("go"), b"one"),
        "sse" => stream(address, &format!("{base}/response"), &beside("go"), SSE),
        other => panic!("nobody said what `{other}` means"),
    }
}

/// Metadata and the first of a stream's body.
const SSE: &[u8] = b"{\"statusCode\":202,\"headers\":{\"content-type\":\"text/event-stream\"},\"cookies\":[\"a=1\"]}\0\0\0\0\0\0\0\0one";

/// Sends one chunk, and a second when `go` appears.
fn stream(address: &str, path: &str, go: &Path, first: &[u8]) {
    let mut socket = TcpStream::connect(address).expect("the Runtime API answers");
    let head = "host: x\r\nconnection: close\r\nlambda-runtime-function-response-mode: streaming\r\ntransfer-encoding: chunked";
    write!(socket, "POST {path} HTTP/1.1\r\n{head}\r\n\r\n{:x}\r\n", first.len()).expect("it takes a head");
    socket.write_all(first).expect("it takes a chunk");
    write!(socket, "\r\n").expect("it takes a chunk's end");
    while !go.exists() {
        std::thread::yield_now();
    }
    write!(socket, "3\r\ntwo\r\n0\r\n\r\n").expect("it takes a chunk");
    socket.read_to_end(&mut Vec::new()).expect("it answers");
}

fn post(address: &str, path: &str, body: &str) {
    let length = body.len();
    exchange(
        address,
        &format!("POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"),
    );
}

fn exchange(address: &str, request: &str) -> (String, String) {
    let mut socket = TcpStream::connect(address).expect("the Runtime API answers");
    // An answer to a request that was refused midway may come with a reset.
    let _ = socket.write_all(request.as_bytes());
    let mut response = String::new();
    let _ = socket.read_to_string(&mut response);
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or((&response, ""));
    (head.to_lowercase(), body.to_owned())
}
