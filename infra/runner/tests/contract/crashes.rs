//! OpenCode and the runner when they end before their time.

use domain::message::{MessageStatus, ToolStatus};
use wire::runner::ToRunner;

use crate::relay::Relay;
use crate::sandbox::Sandbox;
use crate::{end, first_text, tools, words};

pub(crate) async fn a_killed_opencode_resumes_after_its_last_finished_step(relay: &Relay, sandbox: &Sandbox) {
    let arguments = serde_json::json!({"filePath": sandbox.file("once.txt"), "content": "once\n"});
    let turn = relay.prompt(&format!("Survive. [[tool write {arguments}]] [[text n=60 delay=40]]"));
    first_text(relay, &turn).await;
    sandbox.kill_agent();
    let outcome = end(relay, &turn).await;
    assert_eq!((outcome.status, outcome.answer.content.as_str()), (MessageStatus::Completed, words(60).as_str()));
    let [tool] = &tools(&outcome)[..] else { panic!("the finished tool did not run again: {outcome:?}") };
    assert_eq!(tool.status, ToolStatus::Completed);
}

pub(crate) async fn an_abort_of_a_dead_opencode_ends_at_once(relay: &Relay, sandbox: &Sandbox) {
    let turn = relay.prompt("Die, then stop. [[text n=2000 delay=20]]");
    first_text(relay, &turn).await;
    relay.send(ToRunner::Abort { turn: turn.number });
    sandbox.kill_agent();
    let outcome = end(relay, &turn).await;
    assert_eq!(outcome.status, MessageStatus::Cancelled);
    assert!(outcome.answer.content.starts_with("w0 "), "what was seen stays");
}

pub(crate) async fn a_stopped_runner_says_why_its_turn_ends(relay: &Relay, sandbox: &mut Sandbox) {
    let turn = relay.prompt("Stop the task. [[text n=2000 delay=20]]");
    first_text(relay, &turn).await;
    assert!(sandbox.stop_runner(), "it ends in order");
    let outcome = end(relay, &turn).await;
    assert_eq!(outcome.answer.error.unwrap().code, "runner_stopped");
    assert!(outcome.answer.content.starts_with("w0 "));
}
