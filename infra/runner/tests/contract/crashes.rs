//! OpenCode and the runner when they end before their time.

use domain::event::EventBody;
use domain::message::{MessageStatus, ToolStatus};
use wire::runner::{ToRunner, Turn};

use crate::relay::{Log, Relay};
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

pub(crate) async fn a_third_death_in_a_turn_fails_it(relay: &Relay, sandbox: &Sandbox) {
    let turn = relay.prompt("Die again and again. [[text n=2000 delay=20]]");
    for death in 1..=3 {
        // Text that is not void flows between two deaths.
        first_text_of_life(relay, &turn, death).await;
        sandbox.kill_agent();
    }
    let outcome = end(relay, &turn).await;
    assert_eq!((outcome.status, outcome.answer.error.unwrap().code.as_str()), (MessageStatus::Failed, "agent_crashed"));
}

/// Waits for the first text of OpenCode's life of this number.
async fn first_text_of_life(relay: &Relay, turn: &Turn, life: usize) {
    let began = |log: &Log| {
        let first = |body: &EventBody| matches!(body, EventBody::TextDelta { delta, .. } if delta.starts_with("w0 "));
        let lives = log.entries.iter().filter(|entry| entry.turn == Some(turn.number) && first(&entry.body)).count();
        (lives >= life).then_some(())
    };
    relay.until("text of another life", began).await;
}

pub(crate) async fn a_stopped_runner_says_why_its_turn_ends(relay: &Relay, sandbox: &mut Sandbox) {
    let turn = relay.prompt("Stop the task. [[text n=2000 delay=20]]");
    first_text(relay, &turn).await;
    assert!(sandbox.stop_runner(), "it ends in order");
    let outcome = end(relay, &turn).await;
    assert_eq!(outcome.answer.error.unwrap().code, "runner_stopped");
    assert!(outcome.answer.content.starts_with("w0 "));
}
