//! Turns that are stopped, and models that fail.

use domain::event::EventBody;
use domain::message::{MessageStatus, ToolStatus};
use wire::runner::ToRunner;

use crate::relay::Relay;
use crate::{complete, end, event, first_text, permission, tools, words};

pub(crate) async fn an_abort_keeps_the_text_so_far(relay: &Relay) {
    let turn = relay.prompt("Go on and on. [[text n=2000 delay=20]]");
    first_text(relay, &turn).await;
    relay.send(ToRunner::Abort { turn: turn.number });
    let outcome = end(relay, &turn).await;
    assert_eq!(outcome.status, MessageStatus::Cancelled);
    assert!(outcome.answer.content.starts_with("w0 ") && words(2000).starts_with(&outcome.answer.content));
    // An abort leaves nothing behind that would end or spoil the next turn.
    let (_, next) = complete(relay, "After the stop. [[text n=3]]").await;
    assert_eq!(next.answer.content, words(3));
}

pub(crate) async fn an_abort_that_comes_with_its_prompt_stops_it(relay: &Relay) {
    let turn = relay.prompt("Never mind. [[text n=2000 delay=20]]");
    relay.send(ToRunner::Abort { turn: turn.number });
    assert_eq!(end(relay, &turn).await.status, MessageStatus::Cancelled);
    let (_, next) = complete(relay, "Now then. [[text n=3]]").await;
    assert_eq!(next.answer.content, words(3));
}

pub(crate) async fn an_abort_closes_a_permission_that_waits(relay: &Relay) {
    let turn = relay.prompt(r#"Ask, then stop. [[tool bash {"command":"echo never","description":"d"}]]"#);
    permission(relay, &turn).await;
    relay.send(ToRunner::Abort { turn: turn.number });
    let outcome = end(relay, &turn).await;
    assert_eq!((outcome.status, tools(&outcome)[0].status), (MessageStatus::Cancelled, ToolStatus::Error));
}

pub(crate) async fn a_refused_key_fails_the_turn_without_a_word_of_the_provider(relay: &Relay) {
    let turn = relay.prompt("No key. [[http 401]]");
    let outcome = end(relay, &turn).await;
    let error = outcome.answer.error.unwrap();
    assert_eq!((outcome.status, error.code.as_str()), (MessageStatus::Failed, "model_unauthorized"));
    assert!(!error.message.contains("127.0.0.1"), "{error:?}");
    complete(relay, "After the failure. [[text n=1]]").await;
}

pub(crate) async fn a_busy_provider_is_asked_again(relay: &Relay) {
    let (turn, outcome) = complete(relay, "Busy. [[http 429 retry-after=1 times=1]] [[text n=2]]").await;
    assert_eq!(outcome.answer.content, words(2));
    let retried = |body: &EventBody| matches!(body, EventBody::TurnRetrying { attempt: 1, retry_at: Some(_), .. });
    assert!(relay.events(&turn).iter().any(retried));
}

pub(crate) async fn a_cut_stream_voids_its_text(relay: &Relay) {
    let (turn, outcome) = complete(relay, "Cut. [[cut n=5 delay=20 times=1]] [[text n=4]]").await;
    assert_eq!(outcome.answer.content, words(4), "nothing of the first attempt is left");
    let discarded = |body: &EventBody| matches!(body, EventBody::PartDiscarded { .. });
    assert!(relay.events(&turn).iter().any(discarded));
}

pub(crate) async fn a_malformed_stream_fails_and_keeps_its_text(relay: &Relay) {
    let turn = relay.prompt("Garbled. [[malformed n=3]]");
    let seen = event(relay, &turn, "its text", |body| matches!(body, EventBody::TextDelta { .. }).then_some(()));
    let (outcome, ()) = tokio::join!(end(relay, &turn), seen);
    assert_eq!((outcome.status, outcome.answer.content), (MessageStatus::Failed, words(3)));
}
