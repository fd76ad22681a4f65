//! What the runner relies on of the pinned OpenCode, seen through the runner itself.
//!
//! It fails when an upgrade of OpenCode changes any of it. The real OpenCode runs, with the demo
//! model behind the gateway and a scripted relay in front. A start costs seconds and 500 MB, so
//! the promises share one.

mod relay;
mod sandbox;

use domain::event::EventBody;
use domain::fold::fold_parts;
use domain::message::MessageStatus;
use domain::session::Outcome;
use wire::runner::Turn;

use crate::relay::Relay;
use crate::sandbox::Sandbox;

#[tokio::test]
async fn the_pinned_opencode_does_what_the_runner_relies_on() {
    let relay = Relay::start().await;
    let _sandbox = Sandbox::start(&relay).await;
    a_text_turn_streams_and_ends(&relay).await;
}

async fn a_text_turn_streams_and_ends(relay: &Relay) {
    let turn = relay.prompt("Please write. [[text n=20 delay=10]]");
    let outcome = run(relay, &turn).await;
    let words: String = (0..20).map(|n| format!("w{n} ")).collect();
    assert_eq!((outcome.status, outcome.answer.content.as_str()), (MessageStatus::Completed, words.as_str()));
}

/// Waits for the end of a turn and holds it to what is true of every turn.
async fn run(relay: &Relay, turn: &Turn) -> Outcome {
    let outcome = relay.outcome(turn).await;
    let events = relay.events(turn);
    assert_eq!(fold_parts(turn.answer_id, &events), outcome.answer.parts, "the events add up to the stored answer");
    assert_eq!(outcome.answer.id, turn.answer_id);
    assert!(!events.iter().any(EventBody::ends_turn), "the end is the relay's to write");
    outcome
}
