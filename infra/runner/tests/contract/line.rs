//! The line to the relay when it fails, and when it is nearly too narrow.

use domain::event::EventBody;

use crate::relay::{Relay, Via};
use crate::{complete, end, first_text, permission, reply, tools, words};

pub(crate) async fn a_lost_acknowledgement_repeats_the_batch_without_doubling_it(relay: &Relay) {
    relay.lose_acks(1);
    let before = relay.read(|log| log.appends.len());
    let (_, outcome) = complete(relay, "Lose one. [[text n=30 delay=10]]").await;
    assert_eq!(outcome.answer.content, words(30));
    let appends = relay.read(|log| log.appends[before..].to_vec());
    assert_eq!(appends[0].0, appends[1].0, "the same batch came again: {appends:?}");
}

pub(crate) async fn a_lost_socket_is_opened_again_in_the_middle_of_a_turn(relay: &Relay) {
    let hellos = relay.read(|log| log.hellos);
    let turn = relay.prompt("Lose the line. [[text n=100 delay=20]]");
    first_text(relay, &turn).await;
    relay.cut();
    let outcome = end(relay, &turn).await;
    assert_eq!(outcome.answer.content, words(100));
    assert!(relay.read(|log| log.hellos) > hellos);
}

pub(crate) async fn what_is_too_large_for_a_frame_goes_by_http(relay: &Relay) {
    let lines = r#"[[tool bash {"command":"seq 1000000 1000400 | sed p | sed 's/$/ and some more of the same, to fill the line/'","description":"d"}]]"#;
    let turn = relay.prompt(&format!("Print much. {lines} [[text n=1]]"));
    reply(relay, permission(relay, &turn).await, domain::event::PermissionReply::Once);
    let outcome = end(relay, &turn).await;
    assert!(tools(&outcome)[0].output.as_ref().unwrap().len() > 32 * 1024);
    assert!(relay.read(|log| log.appends.iter().any(|(_, via)| *via == Via::Http)));
}

pub(crate) async fn a_burst_arrives_whole_and_in_few_batches(relay: &Relay) {
    let before = relay.read(|log| log.appends.len());
    let (turn, outcome) = complete(relay, "Burst. [[text n=5000]]").await;
    assert_eq!(outcome.answer.content, words(5000));
    let batches = relay.read(|log| log.appends.len()) - before;
    let deltas = relay.events(&turn).iter().filter(|body| matches!(body, EventBody::TextDelta { .. })).count();
    assert!(batches < 50 && deltas < 100, "{batches} batches with {deltas} deltas");
}
