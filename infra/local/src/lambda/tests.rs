use serde_json::{Value, json};

use super::testing::{stage, within};
use super::*;
use crate::fault::{KillOrder, Order};

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
    let kill = BTreeMap::from([("F".into(), KillOrder { times: 1, ..KillOrder::default() })]);
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
async fn the_invoke_api_answers_as_aws_does() {
    let stage = stage("invoke");
    let lambda = Lambda::start(stage.config.clone()).await.expect("it starts");
    let ask = async |name: &str, wish: &str, kind: &str| {
        let request = http::Request::post(format!("/2015-03-31/functions/{name}/invocations"))
            .header("authorization", "AWS4-HMAC-SHA256 …")
            .header("x-amz-invocation-type", kind)
            .body(axum::body::Body::from(json!({ "do": wish }).to_string()))
            .expect("a request");
        let answer =
            within(tower::ServiceExt::oneshot(invoke_router(lambda.clone()), request)).await.expect("an answer");
        (answer.status().as_u16(), answer.headers().contains_key("x-amz-function-error"))
    };
    assert_eq!(ask("agent-ops-F", "ok", "RequestResponse").await, (200, false));
    assert_eq!(ask("F", "error", "RequestResponse").await, (200, true));
    assert_eq!(ask("F", "mark", "Event").await, (202, false));
    assert_eq!(ask("G", "ok", "RequestResponse").await, (404, false));
    within(async {
        while !stage.folder.join("mark").exists() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_missing_binary_is_named_at_the_start() {
    let mut stage = stage("missing");
    stage.config.functions[0].binary = "nonsense".into();
    let refused = Lambda::start(stage.config.clone()).await.err().expect("it is refused");
    assert!(refused.to_string().contains("nonsense"), "{refused}");
}
