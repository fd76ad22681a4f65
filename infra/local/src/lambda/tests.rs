use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use super::*;
use crate::fault::{KillOrder, Order};

/// A folder with a `bootstrap` that runs [`bootstrap`] below, and the function that it is.
struct Stage {
    folder: PathBuf,
    config: Config,
}

fn stage(name: &str) -> Stage {
    let folder = std::env::temp_dir().join(format!("lambda-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let program = std::env::current_exe().expect("this program");
    let script =
        format!("#!/bin/sh\nexec {} lambda::tests::bootstrap --exact --ignored --nocapture\n", program.display());
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

async fn call(lambda: &Lambda, payload: Value) -> Result<Value, InvokeError> {
    let answer = within(lambda.invoke("F", payload.to_string().into())).await?;
    Ok(serde_json::from_slice(&answer).expect("the answer is JSON"))
}

fn error_type(result: Result<Value, InvokeError>) -> String {
    match result {
        Err(InvokeError::Function(error)) => error.error_type,
        other => panic!("{other:?} is not the function's error"),
    }
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("it happens in time")
}

/// Waits for the state letter of a process: `T` is frozen, `None` gone.
async fn until_state(pid: u64, wanted: Option<char>) {
    within(async {
        loop {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next()).filter(|state| *state != 'Z');
            if state == wanted {
                return;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_warm_environment_is_reused_and_frozen_in_between() {
    let stage = stage("warm");
    let lambda = Lambda::start(stage.config.clone()).await.expect("it starts");
    let first = call(&lambda, json!({ "do": "describe" })).await.expect("an answer");
    assert_eq!(first["greeting"], "hello");
    assert_eq!(first["arn"], "arn:aws:lambda:us-east-1:000000000000:function:agent-ops-f");
    let pid = first["pid"].as_u64().expect("a pid");
    until_state(pid, Some('T')).await;
    let second = call(&lambda, json!({ "do": "describe" })).await.expect("an answer");
    assert_eq!(second["pid"], pid);
    let stats = &lambda.stats()["F"];
    assert_eq!((stats.invocations, stats.cold_starts, stats.errors), (2, 1, 0));
}

#[tokio::test]
async fn invocations_at_once_get_environments_of_their_own_up_to_the_limit() {
    let stage = stage("limit");
    let lambda = Lambda::start(Config { max_environments: 2, ..stage.config.clone() }).await.expect("it starts");
    let hang = lambda.open("F", r#"{"do":"stream"}"#.into()).await.expect("the stream begins");
    let other = lambda.open("F", r#"{"do":"stream"}"#.into()).await.expect("the stream begins");
    assert_eq!(call(&lambda, json!({ "do": "describe" })).await, Err(InvokeError::Throttled));
    drop((hang, other));
}

#[tokio::test]
async fn a_function_s_error_reaches_the_caller() {
    let stage = stage("error");
    let lambda = Lambda::start(stage.config.clone()).await.expect("it starts");
    assert_eq!(error_type(call(&lambda, json!({ "do": "error" })).await), "Oops");
    assert_eq!(lambda.stats()["F"].errors, 1);
}

#[tokio::test]
async fn a_process_that_dies_fails_its_invocation_and_is_replaced() {
    let stage = stage("exit");
    let lambda = Lambda::start(stage.config.clone()).await.expect("it starts");
    assert_eq!(error_type(call(&lambda, json!({ "do": "exit" })).await), "Runtime.ExitError");
    assert!(call(&lambda, json!({ "do": "describe" })).await.is_ok());
}

#[tokio::test]
async fn an_invocation_that_takes_too_long_is_killed() {
    let mut stage = stage("timeout");
    stage.config.functions[0].timeout = Duration::from_millis(300);
    let lambda = Lambda::start(stage.config.clone()).await.expect("it starts");
    assert_eq!(error_type(call(&lambda, json!({ "do": "hang" })).await), "Sandbox.Timedout");
    assert_eq!(lambda.stats()["F"].environments, 0);
}

#[tokio::test]
async fn a_stream_arrives_chunk_by_chunk() {
    let stage = stage("stream");
    let lambda = Lambda::start(stage.config.clone()).await.expect("it starts");
    let answer = within(lambda.open("F", r#"{"do":"stream"}"#.into())).await.expect("an answer");
    let Answer::Stream(mut chunks) = answer else { panic!("it is not a stream") };
    // The function sends its second chunk only when this file appears.
    assert_eq!(within(chunks.recv()).await, Some(Ok(Bytes::from("one"))));
    std::fs::write(stage.folder.join("go"), "").expect("a file");
    assert_eq!(within(chunks.recv()).await, Some(Ok(Bytes::from("two"))));
    assert_eq!(within(chunks.recv()).await, None);
}

#[tokio::test]
async fn a_caller_that_goes_away_leaks_no_environment() {
    let stage = stage("away");
    let lambda = Lambda::start(Config { max_environments: 1, ..stage.config.clone() }).await.expect("it starts");
    drop(within(lambda.open("F", r#"{"do":"stream"}"#.into())).await.expect("an answer"));
    std::fs::write(stage.folder.join("go"), "").expect("a file");
    within(async {
        while call(&lambda, json!({ "do": "describe" })).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(lambda.stats()["F"].cold_starts, 1);
}

#[tokio::test]
async fn an_answer_over_six_megabytes_is_refused() {
    let stage = stage("big");
    let lambda = Lambda::start(stage.config.clone()).await.expect("it starts");
    assert_eq!(error_type(call(&lambda, json!({ "do": "big" })).await), "Function.ResponseSizeTooLarge");
    let request = Bytes::from(vec![b' '; PAYLOAD_LIMIT + 1]);
    assert_eq!(lambda.invoke("F", request).await, Err(InvokeError::TooLarge));
}

#[tokio::test]
async fn a_kill_before_the_response_leaves_the_work_done_and_the_answer_unsent() {
    let stage = stage("fault");
    let lambda = Lambda::start(stage.config.clone()).await.expect("it starts");
    let kill = BTreeMap::from([("F".into(), KillOrder { times: 1, skip: 0, after_ms: None })]);
    stage.config.faults.set(Order { kill, ..Order::default() });
    assert_eq!(error_type(call(&lambda, json!({ "do": "mark" })).await), "Runtime.ExitError");
    assert!(stage.folder.join("mark").exists());
    assert!(call(&lambda, json!({ "do": "describe" })).await.is_ok());
}

#[tokio::test]
async fn nothing_outlives_the_stack() {
    let stage = stage("stop");
    let lambda = Lambda::start(stage.config.clone()).await.expect("it starts");
    let pid = call(&lambda, json!({ "do": "describe" })).await.expect("an answer")["pid"].as_u64().expect("a pid");
    until_state(pid, Some('T')).await;
    lambda.stop();
    until_state(pid, None).await;
    assert_eq!(error_type(call(&lambda, json!({ "do": "describe" })).await), "Runtime.Stopped");
}

#[tokio::test]
async fn a_missing_binary_is_named_at_the_start() {
    let mut stage = stage("missing");
    stage.config.functions[0].binary = "nonsense".into();
    let refused = Lambda::start(stage.config.clone()).await.err().expect("it is refused");
    assert!(refused.to_string().contains("nonsense"), "{refused}");
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
        let payload: Value = serde_json::from_str(&body).expect("a payload");
        answer(
            address,
            &format!("{base}/{id}"),
            payload["do"].as_str().unwrap_or_default(),
            header("lambda-runtime-invoked-function-arn:"),
        );
    }
}

fn answer(address: &str, base: &str, what: &str, arn: &str) {
    let beside = |name: &str| Path::new(&std::env::var("FOLDER").unwrap_or_default()).join(name);
    match what {
        "describe" => {
            let greeting = std::env::var("GREETING").unwrap_or_default();
            let told = json!({ "pid": std::process::id(), "greeting": greeting, "arn": arn });
            post(address, &format!("{base}/response"), &told.to_string());
        }
        "error" => post(address, &format!("{base}/error"), r#"{"errorType":"Oops","errorMessage":"no"}"#),
        "exit" => std::process::exit(3),
        "hang" => std::thread::park(),
        "big" => post(address, &format!("{base}/response"), &"x".repeat(PAYLOAD_LIMIT + 1)),
        "mark" => {
            std::fs::write(beside("mark"), "").expect("a file");
            post(address, &format!("{base}/response"), "{}");
        }
        "stream" => stream(address, &format!("{base}/response"), &beside("go")),
        other => panic!("nobody said what `{other}` means"),
    }
}

fn stream(address: &str, path: &str, go: &Path) {
    let mut socket = TcpStream::connect(address).expect("the Runtime API answers");
    let head = "host: x\r\nconnection: close\r\nlambda-runtime-function-response-mode: streaming\r\ntransfer-encoding: chunked";
    write!(socket, "POST {path} HTTP/1.1\r\n{head}\r\n\r\n3\r\none\r\n").expect("it takes a chunk");
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
