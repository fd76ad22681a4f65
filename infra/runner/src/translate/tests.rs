//! Recorded turns of the pinned OpenCode, and turns made by hand for what was not recorded.

use domain::event::PermissionReply;
use domain::fold::fold_parts;
use domain::message::{Part, ToolStatus};
use serde_json::{Value, json};

use super::*;

const TEXT: &str = include_str!("../../tests/data/text-turn.jsonl");
const TOOLS: &str = include_str!("../../tests/data/tool-turn.jsonl");
/// The prompts of the recordings had ids of OpenCode's own.
const RECORDED_PROMPTS: [&str; 2] = ["msg_203530cdf001phMjxEc5CGalMl", "msg_203533d31001gCoFnxjPI43Ptu"];

/// A translator with what it has said so far.
struct Told {
    translator: Translator,
    answer: MessageId,
    bodies: Vec<EventBody>,
}

impl Told {
    fn new(agent_session: &str) -> Self {
        let id = |ms| MessageId::mint(Timestamp::from_millisecond(ms).unwrap());
        let ids = TurnIds {
            session: SessionId::mint(Timestamp::UNIX_EPOCH),
            turn: 1,
            prompt: id(1),
            answer: id(2),
            agent_session: agent_session.to_owned(),
        };
        let answer = ids.answer;
        Self { translator: Translator::new(ids, Timestamp::UNIX_EPOCH), answer, bodies: Vec::new() }
    }

    /// A turn in a session called `ses_1`, whose prompt is stored and has one step, `msg_a`.
    fn begun() -> Self {
        let mut told = Self::new("ses_1");
        told.prompted();
        told.step("msg_a", 11);
        told
    }

    fn prompted(&mut self) {
        self.event("message.updated", json!({"info": {"id": self.prompt(), "role": "user", "time": {"created": 10}}}));
    }

    fn prompt(&self) -> String {
        self.translator.ids.prompt.to_string()
    }

    fn frame(&mut self, frame: &str) {
        let said = self.translator.apply(Event::parse(frame).unwrap());
        self.bodies.extend(said);
    }

    /// An event of `ses_1`; its session is filled in where OpenCode has it.
    fn event(&mut self, kind: &str, mut properties: Value) {
        properties["sessionID"] = "ses_1".into();
        for inner in ["info", "part"] {
            if properties[inner].is_object() {
                properties[inner]["sessionID"] = "ses_1".into();
            }
        }
        self.frame(&json!({"payload": {"type": kind, "properties": properties}}).to_string());
    }

    fn step(&mut self, id: &str, created: i64) {
        let info = json!({"id": id, "role": "assistant", "parentID": self.prompt(), "time": {"created": created}});
        self.event("message.updated", json!({ "info": info }));
    }

    fn step_done(&mut self, id: &str) {
        let time = json!({"created": 11, "completed": 20});
        let info = json!({"id": id, "role": "assistant", "parentID": self.prompt(), "time": time, "finish": "stop"});
        self.event("message.updated", json!({ "info": info }));
    }

    fn text(&mut self, part: &str, text: &str, ended: bool) {
        let time = if ended { json!({"start": 1, "end": 2}) } else { json!({"start": 1}) };
        let part = json!({"id": part, "messageID": "msg_a", "type": "text", "text": text, "time": time});
        self.event("message.part.updated", json!({ "part": part }));
    }

    fn delta(&mut self, part: &str, delta: &str) {
        let delta = json!({"messageID": "msg_a", "partID": part, "field": "text", "delta": delta});
        self.event("message.part.delta", delta);
    }

    fn tool(&mut self, part: &str, state: Value) {
        let part =
            json!({"id": part, "messageID": "msg_a", "type": "tool", "tool": "bash", "callID": "c1", "state": state});
        self.event("message.part.updated", json!({ "part": part }));
    }

    fn status(&mut self, status: Value) {
        self.event("session.status", json!({ "status": status }));
    }

    /// Ends the turn and checks the promise that holds for every turn.
    fn finish(mut self, verdict: Result<MessageStatus, TurnError>) -> (Message, Vec<EventBody>) {
        let (last, outcome) = self.translator.finish(verdict, Timestamp::UNIX_EPOCH);
        self.bodies.extend(last);
        assert_eq!(fold_parts(self.answer, &self.bodies), outcome.answer.parts, "the events add up to the answer");
        (outcome.answer, self.bodies)
    }

    fn complete(self) -> (Message, Vec<EventBody>) {
        self.finish(Ok(MessageStatus::Completed))
    }
}

/// Plays a recording as if its prompt had been ours, each frame `times` in a row.
fn play(recording: &str, session: &str, times: usize) -> Told {
    let mut told = Told::new(session);
    for line in recording.lines() {
        let line = RECORDED_PROMPTS.iter().fold(line.to_owned(), |line, id| line.replace(id, &told.prompt()));
        (0..times).for_each(|_| told.frame(&line));
    }
    told
}

fn names(bodies: &[EventBody]) -> Vec<&'static str> {
    bodies.iter().map(EventBody::name).collect()
}

#[test]
fn a_recorded_text_turn_becomes_its_deltas_and_one_answer() {
    let told = play(TEXT, "ses_dfcacf337ffeKFFxV7JoYmJaj1", 1);
    assert!(told.translator.settled() && told.translator.concluded());
    assert_eq!(told.translator.verdict(), Ok(MessageStatus::Completed));
    let (answer, bodies) = told.complete();
    assert_eq!(answer.content, "w0 w1 w2 w3 w4 w5 w6 w7 ");
    assert_eq!(names(&bodies), ["text.delta"; 8]);
    let usage = answer.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.cache_read_tokens), (90, 8, 10));
    assert!((usage.cost_usd - 0.000_106).abs() < 1e-9);
}

#[test]
fn a_recorded_tool_turn_of_four_steps_is_one_answer() {
    let (answer, bodies) = play(TOOLS, "ses_dfcacc2e3ffeCEix4Aibr0Cjzs", 1).complete();
    let tools: Vec<_> = answer.tool_calls.iter().map(|call| (call.name.as_str(), call.status)).collect();
    assert_eq!(
        tools,
        [("bash", ToolStatus::Completed), ("write", ToolStatus::Completed), ("read", ToolStatus::Completed)]
    );
    assert_eq!(answer.tool_calls[0].output.as_deref(), Some("hello-from-bash\ntwo\n"));
    assert_eq!((answer.content.as_str(), answer.parts.len()), ("w0 w1 w2 w3 ", 4));
    assert_eq!(answer.usage.unwrap().output_tokens, 19, "the sum of all steps");
    let bash: Vec<_> = bodies
        .iter()
        .filter_map(|body| match body {
            EventBody::PartUpdated { part: Part::Tool(call), .. } if call.name == "bash" => {
                Some((call.status, call.output.as_deref()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        bash,
        [
            (ToolStatus::Pending, None),
            (ToolStatus::Running, None),
            (ToolStatus::Running, Some("")),
            (ToolStatus::Running, Some("hello-from-bash\n")),
            (ToolStatus::Running, Some("hello-from-bash\ntwo\n")),
            (ToolStatus::Completed, Some("hello-from-bash\ntwo\n")),
        ]
    );
    let asked = bodies
        .iter()
        .position(|body| matches!(body, EventBody::PermissionAsked { permission } if permission.permission == "bash"));
    let answered = bodies
        .iter()
        .position(|body| matches!(body, EventBody::PermissionAnswered { reply: PermissionReply::Once, .. }));
    assert!(asked.unwrap() < answered.unwrap());
}

#[test]
fn events_that_come_twice_change_nothing_but_deltas() {
    let once = play(TOOLS, "ses_dfcacc2e3ffeCEix4Aibr0Cjzs", 1);
    let mut told = Told::new("ses_dfcacc2e3ffeCEix4Aibr0Cjzs");
    for line in TOOLS.lines() {
        let line = line.replace(RECORDED_PROMPTS[1], &told.prompt());
        // A delta has no id of its own to know it again by; everything else is a state.
        let times = if line.contains("message.part.delta") { 1 } else { 3 };
        (0..times).for_each(|_| told.frame(&line));
    }
    assert_eq!(names(&told.bodies), names(&once.bodies));
    assert_eq!(told.complete().0.parts, once.complete().0.parts);
}

#[test]
fn the_stored_messages_alone_give_the_same_answer() {
    let live = play(TEXT, "ses_dfcacf337ffeKFFxV7JoYmJaj1", 1);
    let mut told = Told::begun();
    let stored = json!([
        {"info": {"id": told.prompt(), "sessionID": "ses_1", "role": "user", "time": {"created": 10}}, "parts": []},
        {"info": {"id": "msg_a", "sessionID": "ses_1", "role": "assistant", "parentID": told.prompt(), "time": {"created": 11, "completed": 12}, "finish": "stop"},
         "parts": [
            {"id": "prt_0", "sessionID": "ses_1", "messageID": "msg_a", "type": "step-start"},
            {"id": "prt_1", "sessionID": "ses_1", "messageID": "msg_a", "type": "text", "text": "w0 w1 w2 w3 w4 w5 w6 w7 ", "time": {"start": 1, "end": 2}},
            {"id": "prt_2", "sessionID": "ses_1", "messageID": "msg_a", "type": "step-finish", "reason": "stop", "tokens": {"input": 90, "output": 8, "reasoning": 0, "cache": {"read": 10, "write": 0}}, "cost": 0.000_106}]},
    ]);
    let stored: Vec<Stored> = serde_json::from_value(stored).unwrap();
    let said = told.translator.reconcile(stored.clone());
    told.bodies.extend(said);
    assert_eq!(told.translator.reconcile(stored), [], "a second look finds nothing new");
    let (answer, live) = (told.complete().0, live.complete().0);
    assert_eq!((answer.content, answer.usage), (live.content, live.usage));
}

#[test]
fn a_text_that_ends_longer_than_its_deltas_is_extended() {
    let mut told = Told::begun();
    told.text("prt_1", "", false);
    told.delta("prt_1", "ab");
    told.text("prt_1", "abcd", true);
    let (answer, bodies) = told.complete();
    assert_eq!((answer.content.as_str(), names(&bodies)), ("abcd", vec!["text.delta"; 2]));
}

#[test]
fn a_text_that_ends_otherwise_than_its_deltas_is_sent_anew() {
    let mut told = Told::begun();
    told.text("prt_1", "", false);
    told.delta("prt_1", "abx");
    told.text("prt_1", "abc", true);
    let (answer, bodies) = told.complete();
    assert_eq!((answer.content.as_str(), names(&bodies)), ("abc", vec!["text.delta", "part.discarded", "text.delta"]));
    assert_ne!(answer.parts[0].id(), "prt_1");
}

#[test]
fn a_retry_voids_what_was_open_and_keeps_what_was_done() {
    let mut told = Told::begun();
    told.text("prt_1", "", false);
    told.delta("prt_1", "done");
    told.text("prt_1", "done", true);
    told.text("prt_2", "", false);
    told.delta("prt_2", "half");
    told.tool("prt_3", json!({"status": "pending", "input": {}}));
    let before = told.bodies.len();
    told.status(json!({"type": "retry", "attempt": 1, "message": "429 from https://x", "next": 5000}));
    assert_eq!(names(&told.bodies[before..]), ["part.discarded", "part.discarded", "turn.retrying"]);
    // Late words about void parts are ignored.
    told.text("prt_2", "half", true);
    told.tool("prt_3", json!({"status": "error", "input": {}, "error": "aborted"}));
    told.text("prt_4", "", false);
    told.delta("prt_4", "anew");
    told.text("prt_4", "anew", true);
    assert_eq!(told.complete().0.content, "doneanew");
}

#[test]
fn a_stopped_turn_keeps_its_text_and_fails_its_calls() {
    let mut told = Told::begun();
    told.text("prt_1", "", false);
    told.delta("prt_1", "so far");
    told.tool("prt_2", json!({"status": "running", "input": {"command": "sleep 9"}, "metadata": {"output": "zzz"}}));
    let (answer, _) = told.finish(Ok(MessageStatus::Cancelled));
    assert_eq!((answer.content.as_str(), answer.tool_calls[0].status), ("so far", ToolStatus::Error));
    assert!(answer.tool_calls[0].output.as_ref().unwrap().starts_with("zzz"));
}

#[test]
fn after_a_crash_finished_calls_stay_and_the_rest_is_void_or_failed() {
    let mut told = Told::begun();
    told.tool("prt_1", json!({"status": "completed", "input": {}, "output": "ok"}));
    told.tool("prt_2", json!({"status": "running", "input": {}}));
    told.text("prt_3", "", false);
    told.delta("prt_3", "lost");
    let said = told.translator.interrupted();
    told.bodies.extend(said);
    // OpenCode's store says for good that the call runs.
    told.tool("prt_2", json!({"status": "running", "input": {}}));
    let (answer, _) = told.complete();
    let states: Vec<_> = answer.tool_calls.iter().map(|call| call.status).collect();
    assert_eq!((states, answer.content.as_str()), (vec![ToolStatus::Completed, ToolStatus::Error], ""));
}

#[test]
fn after_a_gap_an_open_text_waits_for_its_end() {
    let mut told = Told::begun();
    told.text("prt_1", "", false);
    told.delta("prt_1", "ab");
    told.translator.gap();
    told.delta("prt_1", "ef");
    told.text("prt_1", "abcdef", true);
    assert_eq!(told.complete().0.content, "abcdef");
}

#[test]
fn a_subagent_is_seen_through_its_call_but_may_ask() {
    let mut told = Told::begun();
    let part = json!({"id": "prt_9", "sessionID": "ses_child", "messageID": "msg_c", "type": "text", "text": "inner", "time": {"end": 1}});
    told.frame(
        &json!({"payload": {"type": "message.part.updated", "properties": {"sessionID": "ses_child", "part": part}}})
            .to_string(),
    );
    told.frame(&json!({"payload": {"type": "session.status", "properties": {"sessionID": "ses_child", "status": {"type": "idle"}}}}).to_string());
    assert!(told.bodies.is_empty() && !told.translator.idle());
    let ask = json!({"id": "per_1", "sessionID": "ses_child", "permission": "bash", "patterns": ["ls"], "metadata": {}, "always": []});
    told.frame(&json!({"payload": {"type": "permission.asked", "properties": ask}}).to_string());
    assert_eq!(names(&told.bodies), ["permission.asked"]);
    let (_, bodies) = told.complete();
    assert_eq!(names(&bodies), ["permission.asked", "permission.expired"], "none is left open");
}

#[test]
fn other_turns_of_the_session_are_not_mixed_in() {
    let mut told = Told::begun();
    let old = json!({"id": "msg_old", "role": "assistant", "parentID": "msg_before", "time": {"created": 1}});
    told.event("message.updated", json!({ "info": old }));
    let part = json!({"id": "prt_old", "messageID": "msg_old", "type": "text", "text": "old", "time": {"end": 1}});
    told.event("message.part.updated", json!({ "part": part }));
    // A late change of an older prompt does not make it part of this turn.
    told.event("message.updated", json!({"info": {"id": "msg_before", "role": "user", "time": {"created": 1}}}));
    told.event("message.updated", json!({ "info": old }));
    assert_eq!(told.complete().0.parts, []);
}

#[test]
fn after_a_compaction_the_answer_goes_on_without_the_summary() {
    let mut told = Told::begun();
    told.step_done("msg_a");
    told.event("message.updated", json!({"info": {"id": "msg_compact", "role": "user", "time": {"created": 30}}}));
    let summary = json!({"id": "msg_sum", "role": "assistant", "parentID": "msg_compact", "summary": true, "time": {"created": 31}});
    told.event("message.updated", json!({ "info": summary }));
    let part = json!({"id": "prt_sum", "messageID": "msg_sum", "type": "text", "text": "Goal: …", "time": {"end": 1}});
    told.event("message.part.updated", json!({ "part": part }));
    told.event("message.updated", json!({"info": {"id": "msg_go_on", "role": "user", "time": {"created": 40}}}));
    let step = json!({"id": "msg_b", "role": "assistant", "parentID": "msg_go_on", "time": {"created": 41}});
    told.event("message.updated", json!({ "info": step }));
    let part = json!({"id": "prt_b", "messageID": "msg_b", "type": "text", "text": "goes on", "time": {"end": 1}});
    told.event("message.part.updated", json!({ "part": part }));
    assert_eq!(told.complete().0.content, "goes on");
}

#[test]
fn a_turn_is_over_only_when_its_last_message_is_complete() {
    let mut told = Told::begun();
    told.status(json!({"type": "idle"}));
    assert!(!told.translator.settled(), "the first idle of a failed turn comes before its last words");
    told.step_done("msg_a");
    assert!(told.translator.settled());
    told.status(json!({"type": "busy"}));
    assert!(!told.translator.settled());
}

#[test]
fn an_error_before_any_step_ends_the_turn_and_a_new_step_forgets_it() {
    let mut told = Told::new("ses_1");
    let fail = |told: &mut Told| {
        told.event("session.error", json!({"error": {"name": "UnknownError", "data": {"message": "sk-secret"}}}));
        told.status(json!({"type": "idle"}));
        told.translator.settled()
    };
    assert!(!fail(&mut told), "an end that comes before the prompt is of the turn before");
    told.prompted();
    assert!(fail(&mut told));
    assert_eq!(told.translator.verdict().unwrap_err().code, "agent_error");
    told.step("msg_a", 11);
    assert_eq!(told.translator.verdict(), Ok(MessageStatus::Completed));
}

#[test]
fn what_nobody_answers_expires_once_and_stays_closed() {
    let mut told = Told::begun();
    let ask = |told: &mut Told, id: &str| {
        told.event("permission.asked", json!({"id": id, "permission": "bash", "patterns": ["ls"], "always": []}));
    };
    let expired =
        |told: &Told| told.bodies.iter().filter(|body| matches!(body, EventBody::PermissionExpired { .. })).count();
    ask(&mut told, "per_answered");
    ask(&mut told, "per_open");
    assert!(told.translator.waits_since().is_some());
    assert!(told.translator.answering("per_answered", PermissionReply::Once));
    assert!(!told.translator.answering("per_answered", PermissionReply::Always), "the first answer counts");
    assert!(!told.translator.answering("per_unknown", PermissionReply::Once));

    let (bodies, overdue) = told.translator.expire(tokio::time::Instant::now());
    assert_eq!(overdue, [Overdue::Permission("per_open".to_owned())]);
    told.bodies.extend(bodies);
    ask(&mut told, "per_open");
    told.event("permission.replied", json!({"requestID": "per_open", "reply": "reject"}));
    told.event("permission.replied", json!({"requestID": "per_answered", "reply": "once"}));
    let asked = told.bodies.iter().filter(|body| matches!(body, EventBody::PermissionAsked { .. })).count();
    assert_eq!((asked, expired(&told)), (2, 1), "{:?}", names(&told.bodies));
    assert_eq!(told.translator.waits_since(), None);

    ask(&mut told, "per_last");
    let (bodies, _) = told.translator.finish(Ok(MessageStatus::Cancelled), Timestamp::UNIX_EPOCH);
    assert!(matches!(&bodies[..], [EventBody::PermissionExpired { permission_id, .. }] if permission_id == "per_last"));
}

#[test]
fn a_question_that_nobody_answers_expires_with_a_reason_and_stays_closed() {
    let mut told = Told::begun();
    let ask = |told: &mut Told, id: &str| told.event("question.asked", json!({"id": id, "questions": []}));
    ask(&mut told, "que_1");
    let (bodies, overdue) = told.translator.expire(tokio::time::Instant::now());
    assert_eq!(overdue, [Overdue::Question("que_1".to_owned())]);
    assert!(
        matches!(&bodies[..], [EventBody::QuestionExpired { question_id, reason }] if question_id == "que_1" && !reason.is_empty())
    );
    told.bodies.clear();
    // OpenCode's word that it was dismissed, which the runner did itself.
    told.event("question.rejected", json!({"requestID": "que_1"}));
    ask(&mut told, "que_1");
    assert!(told.bodies.is_empty(), "{:?}", names(&told.bodies));

    ask(&mut told, "que_2");
    let (bodies, _) = told.translator.finish(Ok(MessageStatus::Cancelled), Timestamp::UNIX_EPOCH);
    assert_eq!(names(&bodies), ["question.expired"], "none is left open");
}
