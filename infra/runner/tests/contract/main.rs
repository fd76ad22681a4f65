//! What the runner relies on of the pinned OpenCode, seen through the runner itself.
//!
//! It fails when an upgrade of OpenCode changes any of it. The real OpenCode runs, with the demo
//! model behind the gateway and a scripted relay in front. A start costs seconds and 500 MB, so
//! the promises share one; each is a function named after it.

mod crashes;
mod faults;
mod line;
mod relay;
mod sandbox;
mod turns;

use domain::event::EventBody;
use domain::fold::fold_parts;
use domain::message::{MessageStatus, ToolPart};
use domain::session::Outcome;
use wire::runner::{ToRunner, Turn};

use crate::relay::Relay;
use crate::sandbox::Sandbox;

#[tokio::test]
async fn the_pinned_opencode_does_what_the_runner_relies_on() {
    let relay = Relay::start().await;
    let mut sandbox = Sandbox::start(&relay).await;

    turns::a_text_streams_and_ends(&relay).await;
    turns::a_second_turn_in_the_session_is_answered_too(&relay).await;
    turns::reasoning_comes_apart_from_text(&relay).await;
    turns::a_tool_waits_for_consent_and_then_runs(&relay).await;
    turns::a_rejection_with_words_goes_to_the_model(&relay).await;
    turns::a_rejection_without_words_ends_the_turn(&relay).await;
    turns::a_tool_that_needs_no_consent_runs_at_once(&relay, &sandbox).await;
    turns::a_question_is_answered_by_the_user(&relay).await;
    turns::todos_are_shown(&relay).await;

    faults::an_abort_keeps_the_text_so_far(&relay).await;
    faults::an_abort_that_comes_with_its_prompt_stops_it(&relay).await;
    faults::an_abort_closes_a_permission_that_waits(&relay).await;
    faults::a_refused_key_fails_the_turn_without_a_word_of_the_provider(&relay).await;
    faults::a_busy_provider_is_asked_again(&relay).await;
    faults::a_cut_stream_voids_its_text(&relay).await;
    faults::a_malformed_stream_fails_and_keeps_its_text(&relay).await;

    line::a_lost_acknowledgement_repeats_the_batch_without_doubling_it(&relay).await;
    line::a_lost_socket_is_opened_again_in_the_middle_of_a_turn(&relay).await;
    line::what_is_too_large_for_a_frame_goes_by_http(&relay).await;
    line::a_burst_arrives_whole_and_in_few_batches(&relay).await;

    crashes::a_killed_opencode_resumes_after_its_last_finished_step(&relay, &sandbox).await;
    crashes::a_third_death_in_a_turn_fails_it(&relay, &sandbox).await;
    crashes::an_abort_of_a_dead_opencode_ends_at_once(&relay, &sandbox).await;
    crashes::a_stopped_runner_says_why_its_turn_ends(&relay, &mut sandbox).await;
}

/// Runs a turn without interference and expects it to complete.
async fn complete(relay: &Relay, content: &str) -> (Turn, Outcome) {
    let turn = relay.prompt(content);
    let outcome = end(relay, &turn).await;
    assert_eq!(outcome.status, MessageStatus::Completed, "{content}: {:?}", outcome.answer.error);
    (turn, outcome)
}

/// Waits for the end of a turn and holds it to what is true of every turn.
async fn end(relay: &Relay, turn: &Turn) -> Outcome {
    let outcome = relay.outcome(turn).await;
    let events = relay.events(turn);
    assert_eq!(fold_parts(turn.answer_id, &events), outcome.answer.parts, "the events add up to the stored answer");
    assert_eq!((outcome.answer.id, outcome.answer.status), (turn.answer_id, outcome.status));
    assert!(!events.iter().any(EventBody::ends_turn), "the end is the relay's to write");
    let (asked, answered) = count_requests(&events);
    assert_eq!(asked, answered, "nothing is left open: {events:?}");
    outcome
}

fn count_requests(events: &[EventBody]) -> (usize, usize) {
    let count = |fits: fn(&EventBody) -> bool| events.iter().filter(|body| fits(body)).count();
    (
        count(|body| matches!(body, EventBody::PermissionAsked { .. } | EventBody::QuestionAsked { .. })),
        count(|body| {
            use EventBody::{PermissionAnswered, PermissionExpired, QuestionAnswered};
            matches!(body, PermissionAnswered { .. } | PermissionExpired { .. } | QuestionAnswered { .. })
        }),
    )
}

/// The words that the demo model says for `[[text n=…]]`.
fn words(count: u32) -> String {
    (0..count).map(|n| format!("w{n} ")).collect()
}

/// The tool calls of an answer.
fn tools(outcome: &Outcome) -> Vec<ToolPart> {
    outcome.answer.parts.iter().filter_map(|part| part.as_tool().cloned()).collect()
}

/// Waits for an event of the turn.
async fn event<T>(relay: &Relay, turn: &Turn, what: &str, find: impl Fn(&EventBody) -> Option<T>) -> T {
    let number = Some(turn.number);
    let found =
        |log: &relay::Log| log.entries.iter().filter(|entry| entry.turn == number).find_map(|entry| find(&entry.body));
    relay.until(what, found).await
}

/// Waits until text of the turn arrives.
async fn first_text(relay: &Relay, turn: &Turn) {
    event(relay, turn, "the first text", |body| matches!(body, EventBody::TextDelta { .. }).then_some(())).await;
}

/// Waits until the agent asks for consent; the request's id.
async fn permission(relay: &Relay, turn: &Turn) -> String {
    let asked = |body: &EventBody| match body {
        EventBody::PermissionAsked { permission } => Some(permission.id.clone()),
        _ => None,
    };
    event(relay, turn, "a permission", asked).await
}

/// Answers a permission.
fn reply(relay: &Relay, permission_id: String, reply: domain::event::PermissionReply) {
    relay.send(ToRunner::Permission { permission_id, reply });
}
