//! The driver without an OpenCode: what must hold when it never comes, with the clock in hand.

use domain::MessageId;
use domain::event::Entry;
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use wire::runner::FromRunner;

use jiff::Timestamp;

use super::*;
use crate::limits::FRAME_WAIT;
use crate::opencode::{Client, Endpoint};
use crate::relay::{Outgoing, to_a_test};
use crate::snapshot::{Roots, Snapshots};

/// A driver whose OpenCode never starts.
struct Bench {
    asker: Asker,
    to_driver: mpsc::UnboundedSender<FromLink>,
    said: mpsc::UnboundedReceiver<Outgoing>,
    events: mpsc::Sender<Follow>,
    _notes: TempDir,
}

impl Bench {
    fn start(refusal: Option<TurnError>) -> Self {
        Self::start_resting(refusal, |_| None)
    }

    fn start_resting(refusal: Option<TurnError>, snapshots: impl FnOnce(Line) -> Option<Snapshots>) -> Self {
        let notes = TempDir::new().unwrap();
        let endpoint = Endpoint {
            url: "http://127.0.0.1:1".into(),
            user: "u".into(),
            password: "p".into(),
            directory: "/w".into(),
        };
        let agent = Agent::new(Client::new(endpoint), "ses".into(), "title".into(), notes.path().join("note"));
        let (line, said) = to_a_test();
        let rest = Rest::new(7, snapshots(line.clone()));
        let mut driver = Driver::new(SessionId::mint(Timestamp::UNIX_EPOCH), agent, line, rest);
        if let Some(error) = refusal {
            driver.refuse(error);
        }
        let asker = driver.asker();
        let (to_driver, mut incoming) = mpsc::unbounded_channel();
        let (events, mut seen) = mpsc::channel(1);
        tokio::spawn(async move { driver.run(&mut incoming, &mut seen).await });
        Self { asker, to_driver, said, events, _notes: notes }
    }

    fn hand(&self, turn: &Turn) {
        self.to_driver.send(FromLink::Turn(turn.clone())).unwrap();
    }

    /// The next frame about snapshots or leaving.
    async fn frame(&mut self) -> FromRunner {
        loop {
            if let Outgoing::Frame(frame) = self.said.recv().await.unwrap() {
                return frame;
            }
        }
    }

    /// Has a tool of ours ask; when it was shown, its id and the answer to come.
    async fn ask(&mut self, wish: &Wish) -> (String, JoinHandle<Option<PermissionReply>>) {
        // The turn comes first, by another channel.
        tokio::task::yield_now().await;
        let (asker, wish) = (self.asker.clone(), wish.clone());
        let answer = tokio::spawn(async move { asker.ask(wish).await });
        match self.body().await {
            EventBody::PermissionAsked { permission } => (permission.id, answer),
            other => panic!("{other:?}"),
        }
    }

    fn answer(&self, id: &str, reply: PermissionReply) {
        let frame = ToRunner::Permission { permission_id: id.to_owned(), reply };
        self.to_driver.send(FromLink::Frame(frame)).unwrap();
    }

    /// The next event of a permission.
    async fn body(&mut self) -> EventBody {
        let is_of_permission = |body: &EventBody| {
            use EventBody::{PermissionAnswered, PermissionAsked, PermissionExpired};
            matches!(body, PermissionAsked { .. } | PermissionAnswered { .. } | PermissionExpired { .. })
        };
        loop {
            if let Outgoing::Entry(Entry { body, .. }) = self.said.recv().await.unwrap()
                && is_of_permission(&body)
            {
                return body;
            }
        }
    }

    /// How the next turn ends: its number, status and code.
    async fn end(&mut self) -> (TurnNumber, MessageStatus, Option<String>) {
        loop {
            if let Outgoing::Finish(outcome) = self.said.recv().await.unwrap() {
                return (outcome.turn, outcome.status, outcome.answer.error.map(|error| error.code));
            }
        }
    }
}

fn turn(number: TurnNumber) -> Turn {
    let id = || MessageId::mint(Timestamp::UNIX_EPOCH);
    Turn {
        number,
        message_id: id(),
        answer_id: id(),
        content: "hello".into(),
        attachments: Vec::new(),
        traceparent: None,
        abort: false,
    }
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_never_starts_fails_the_turn_in_bounded_time() {
    let (mut bench, start) = (Bench::start(None), Instant::now());
    bench.hand(&turn(1));
    assert_eq!(bench.end().await, (1, MessageStatus::Failed, Some("agent_start_failed".to_owned())));
    assert!(start.elapsed() >= AGENT_START && start.elapsed() < AGENT_START * 2);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_is_stopped_before_the_agent_is_up_ends_at_once() {
    let (mut bench, start) = (Bench::start(None), Instant::now());
    bench.hand(&turn(1));
    bench.to_driver.send(FromLink::Frame(ToRunner::Abort { turn: 1 })).unwrap();
    assert_eq!(bench.end().await, (1, MessageStatus::Cancelled, None));
    bench.hand(&Turn { abort: true, ..turn(2) });
    assert_eq!(bench.end().await, (2, MessageStatus::Cancelled, None));
    assert!(start.elapsed() < ABORT_WAIT);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_is_handed_again_after_its_end_is_not_run_again() {
    let mut bench = Bench::start(Some(turn_error("model_unknown", "there is no such model")));
    let first = turn(1);
    for turn in [&first, &first, &turn(2), &first] {
        bench.hand(turn);
    }
    let unknown = Some("model_unknown".to_owned());
    assert_eq!(bench.end().await, (1, MessageStatus::Failed, unknown.clone()));
    assert_eq!(bench.end().await, (2, MessageStatus::Failed, unknown));
    bench.hand(&first);
    bench.hand(&turn(3));
    assert_eq!(bench.end().await.0, 3);
}

#[tokio::test(start_paused = true)]
async fn an_abort_of_another_turn_stops_nothing() {
    let mut bench = Bench::start(None);
    bench.hand(&turn(2));
    bench.to_driver.send(FromLink::Frame(ToRunner::Abort { turn: 1 })).unwrap();
    assert_eq!(bench.end().await, (2, MessageStatus::Failed, Some("agent_start_failed".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn more_than_memory_is_meant_for_ends_the_turn() {
    let mut bench = Bench::start(None);
    bench.hand(&turn(1));
    bench.to_driver.send(FromLink::Full).unwrap();
    assert_eq!(bench.end().await, (1, MessageStatus::Failed, Some("stream_overflow".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_end_is_ended_with_what_it_said() {
    let mut bench = Bench::start(None);
    let turn = turn(1);
    bench.hand(&turn);
    let (prompt, part) = (turn.message_id.to_string(), "prt_1");
    let frames = [
        json!({"type": "message.updated", "properties": {"info": {"id": prompt, "sessionID": "", "role": "user", "time": {"created": 1}}}}),
        json!({"type": "message.updated", "properties": {"info": {"id": "msg_a", "sessionID": "", "role": "assistant", "parentID": prompt}}}),
        json!({"type": "message.part.updated", "properties": {"part": {"id": part, "sessionID": "", "messageID": "msg_a", "type": "text", "text": ""}}}),
        json!({"type": "message.part.delta", "properties": {"sessionID": "", "messageID": "msg_a", "partID": part, "field": "text", "delta": "x".repeat(PROSE_BYTES)}}),
        json!({"type": "message.part.delta", "properties": {"sessionID": "", "messageID": "msg_a", "partID": part, "field": "text", "delta": "y"}}),
    ];
    // The driver may be at another message first: events follow the turn.
    tokio::task::yield_now().await;
    for frame in frames {
        let event = Event::parse(&json!({ "payload": frame }).to_string()).unwrap();
        bench.events.send(Follow::Event(event)).await.unwrap();
    }
    assert_eq!(bench.end().await, (1, MessageStatus::Failed, Some("answer_too_long".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn an_idle_runner_asks_to_leave_until_it_is_answered() {
    let (mut bench, start) = (Bench::start(None), Instant::now());
    let idle = std::time::Duration::from_secs(domain::limits::IDLE_STOP_SECONDS);
    assert_eq!(bench.frame().await, FromRunner::Leave { epoch: 7 });
    assert!(start.elapsed() >= idle && start.elapsed() < idle * 2);
    assert_eq!(bench.frame().await, FromRunner::Leave { epoch: 7 }, "the first one may be lost");

    let stayed = Instant::now();
    bench.hand(&turn(1));
    assert_eq!(bench.end().await.0, 1);
    bench.frame().await;
    assert!(stayed.elapsed() >= idle, "a turn instead of a stop is run, and the clock begins anew");
    bench.to_driver.send(FromLink::Stop { reason: "idle".into() }).unwrap();
    while bench.said.recv().await.is_some() {}
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_is_made_before_the_next_turn_and_delivered_before_leaving() {
    let kept = TempDir::new().unwrap();
    let roots = Roots { workspace: kept.path().join("workspace"), data: kept.path().join("data") };
    std::fs::create_dir(&roots.workspace).unwrap();
    let refusal = Some(turn_error("model_unknown", "so that turns end at once"));
    let mut bench = Bench::start_resting(refusal, |line| Some(Snapshots::new(roots, 7, line)));
    // The first one's snapshot is being made when the second comes and is stopped.
    bench.hand(&turn(1));
    bench.hand(&turn(2));
    bench.to_driver.send(FromLink::Frame(ToRunner::Abort { turn: 2 })).unwrap();
    assert_eq!(bench.end().await.0, 1);
    assert_eq!(bench.end().await.0, 2);
    let start = Instant::now();
    for _ in 0..100 {
        let frame = bench.frame().await;
        assert!(matches!(frame, FromRunner::SnapshotReady { epoch: 7, bytes: 1.. }), "{frame:?}");
    }
    assert!(start.elapsed() > FRAME_WAIT * 50, "it is offered until it is taken");
}

fn wish() -> Wish {
    Wish {
        permission: "ops_send_mail".into(),
        lines: vec!["to: ana@example.com".into()],
        action: json!({ "to": ["ana@example.com"] }),
        always: "mail to ana@example.com".into(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_tool_of_ours_hears_the_users_first_answer() {
    let mut bench = Bench::start(None);
    bench.hand(&turn(1));
    let (id, answer) = bench.ask(&wish()).await;
    let refusal = PermissionReply::Reject { message: Some("not now".into()) };
    bench.answer(&id, refusal.clone());
    bench.answer(&id, PermissionReply::Once);
    assert_eq!(bench.body().await, EventBody::PermissionAnswered { permission_id: id, reply: refusal.clone() });
    assert_eq!(answer.await.unwrap(), Some(refusal));
}

#[tokio::test(start_paused = true)]
async fn what_is_allowed_for_good_is_not_asked_again_and_all_else_is() {
    let mut bench = Bench::start(None);
    bench.hand(&turn(1));
    let (id, answer) = bench.ask(&wish()).await;
    bench.answer(&id, PermissionReply::Always);
    assert!(matches!(bench.body().await, EventBody::PermissionAnswered { reply: PermissionReply::Always, .. }));
    assert_eq!(answer.await.unwrap(), Some(PermissionReply::Always));
    assert_eq!(bench.asker.ask(wish()).await, Some(PermissionReply::Always));
    let (other, _answer) = bench.ask(&Wish { always: "mail to bob@example.com".into(), ..wish() }).await;
    assert_ne!(other, id);
}

#[tokio::test(start_paused = true)]
async fn a_question_ends_with_its_time_its_asker_and_its_turn() {
    let mut bench = Bench::start(None);
    bench.hand(&turn(1));
    let (id, answer) = bench.ask(&wish()).await;
    answer.abort();
    let gone = bench.body().await;
    assert!(matches!(&gone, EventBody::PermissionExpired { permission_id, .. } if *permission_id == id), "{gone:?}");
    // The agent never starts, so the turn fails before the user has to answer.
    let (_, answer) = bench.ask(&wish()).await;
    assert!(matches!(bench.body().await, EventBody::PermissionExpired { .. }));
    assert_eq!(bench.end().await.0, 1);
    assert_eq!(answer.await.unwrap(), None);
    assert_eq!(bench.asker.ask(wish()).await, None, "there is no turn to ask in");
}
