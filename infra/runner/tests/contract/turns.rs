//! Turns as they should go.

use domain::event::{EventBody, PermissionReply};
use domain::message::{MessageStatus, Part, ToolStatus};
use wire::runner::ToRunner;

use crate::relay::Relay;
use crate::sandbox::Sandbox;
use crate::{complete, end, event, permission, reply, tools, words};

const BASH: &str = r#"[[tool bash {"command":"echo hello","description":"Says hello"}]]"#;

pub(crate) async fn a_text_streams_and_ends(relay: &Relay) {
    let (turn, outcome) = complete(relay, "Please write. [[text n=40 delay=20]]").await;
    assert_eq!(outcome.answer.content, words(40));
    let deltas = relay.events(&turn).iter().filter(|body| matches!(body, EventBody::TextDelta { .. })).count();
    assert!((2..40).contains(&deltas), "it streams, in batches: {deltas}");
    let usage = outcome.answer.usage.unwrap();
    assert!(usage.input_tokens > 0 && usage.output_tokens > 0, "{usage:?}");
}

/// OpenCode orders a session's messages; one that it took for old would never be answered.
pub(crate) async fn a_second_turn_in_the_session_is_answered_too(relay: &Relay) {
    for count in [3, 4] {
        let (_, outcome) = complete(relay, &format!("And again. [[text n={count}]]")).await;
        assert_eq!(outcome.answer.content, words(count));
        assert_eq!(outcome.answer.parts.len(), 1, "only what belongs to this turn: {:?}", outcome.answer.parts);
    }
}

pub(crate) async fn reasoning_comes_apart_from_text(relay: &Relay) {
    let (turn, outcome) = complete(relay, "Think. [[think n=3 delay=10]] [[text n=2]]").await;
    assert!(matches!(&outcome.answer.parts[..], [Part::Reasoning { text, .. }, Part::Text { .. }] if !text.is_empty()));
    assert_eq!(outcome.answer.content, words(2));
    assert!(relay.events(&turn).iter().any(|body| matches!(body, EventBody::ReasoningDelta { .. })));
}

pub(crate) async fn a_tool_waits_for_consent_and_then_runs(relay: &Relay) {
    let turn = relay.prompt(&format!("Run it. {BASH} [[text n=2]]"));
    reply(relay, permission(relay, &turn).await, PermissionReply::Once);
    let outcome = end(relay, &turn).await;
    let [tool] = &tools(&outcome)[..] else { panic!("one call: {outcome:?}") };
    assert_eq!((tool.status, tool.output.as_deref()), (ToolStatus::Completed, Some("hello\n")));
    assert_eq!((tool.name.as_str(), tool.title.as_deref()), ("bash", Some("Says hello")));
    assert_eq!(outcome.answer.content, words(2), "two steps are one answer");
    let answered =
        |body: &EventBody| matches!(body, EventBody::PermissionAnswered { reply: PermissionReply::Once, .. });
    assert!(relay.events(&turn).iter().any(answered));
}

pub(crate) async fn a_rejection_with_words_goes_to_the_model(relay: &Relay) {
    let turn = relay.prompt(&format!("Run this. {BASH} [[text n=3]]"));
    let no = PermissionReply::Reject { message: Some("rather not".to_owned()) };
    reply(relay, permission(relay, &turn).await, no.clone());
    let outcome = end(relay, &turn).await;
    assert_eq!(tools(&outcome)[0].status, ToolStatus::Error);
    assert_eq!(outcome.answer.content, words(3), "the turn goes on");
    let answered = |body: &EventBody| matches!(body, EventBody::PermissionAnswered { reply, .. } if *reply == no);
    assert!(relay.events(&turn).iter().any(answered));
}

pub(crate) async fn a_rejection_without_words_ends_the_turn(relay: &Relay) {
    let turn = relay.prompt(&format!("Run that. {BASH} [[text n=3]]"));
    reply(relay, permission(relay, &turn).await, PermissionReply::Reject { message: None });
    let outcome = end(relay, &turn).await;
    assert_eq!((outcome.status, tools(&outcome)[0].status), (MessageStatus::Completed, ToolStatus::Error));
    assert_eq!(outcome.answer.content, "");
}

pub(crate) async fn a_tool_that_needs_no_consent_runs_at_once(relay: &Relay, sandbox: &Sandbox) {
    let file = sandbox.file("note.txt");
    let arguments = serde_json::json!({"filePath": file, "content": "line\n"});
    let (_, outcome) = complete(relay, &format!("Write it. [[tool write {arguments}]] [[text n=1]]")).await;
    assert_eq!(tools(&outcome)[0].status, ToolStatus::Completed);
    assert_eq!(std::fs::read_to_string(file).unwrap(), "line\n");
}

pub(crate) async fn a_question_is_answered_by_the_user(relay: &Relay) {
    let ask = r#"[[tool question {"questions":[{"question":"Which store?","header":"Store","options":[{"label":"pg","description":"Postgres"},{"label":"ddb","description":"DynamoDB"}]}]}]]"#;
    let turn = relay.prompt(&format!("Ask me. {ask} [[text n=1]]"));
    let asked = |body: &EventBody| match body {
        EventBody::QuestionAsked { question } => Some(question.clone()),
        _ => None,
    };
    let question = event(relay, &turn, "a question", asked).await;
    assert_eq!(question.questions[0].options[1].label, "ddb");
    let answers = Some(vec![vec!["ddb".to_owned()]]);
    relay.send(ToRunner::Question { question_id: question.id, answers: answers.clone() });
    let outcome = end(relay, &turn).await;
    assert!(tools(&outcome)[0].output.as_ref().unwrap().contains("ddb"), "{outcome:?}");
    let answered =
        |body: &EventBody| matches!(body, EventBody::QuestionAnswered { answers: seen, .. } if *seen == answers);
    assert!(relay.events(&turn).iter().any(answered));
}

pub(crate) async fn todos_are_shown(relay: &Relay) {
    let list = r#"[[tool todowrite {"todos":[{"content":"first","status":"in_progress","priority":"high"}]}]]"#;
    let (turn, _) = complete(relay, &format!("Plan. {list} [[text n=1]]")).await;
    let shown = |body: &EventBody| matches!(body, EventBody::TodoUpdated { todos } if todos[0].content == "first");
    assert!(relay.events(&turn).iter().any(shown));
}
