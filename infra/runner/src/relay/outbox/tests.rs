//! The pace and the bounds of what goes out, with the clock in hand.

use domain::message::{Message, MessageStatus, ToolPart};
use domain::{MessageId, SessionId};
use jiff::Timestamp;

use super::*;

const MS: Duration = Duration::from_millis(1);

struct Desk {
    outbox: Outbox,
    start: Instant,
    answer: MessageId,
}

impl Desk {
    fn new() -> Self {
        Self { outbox: Outbox::new(1), start: Instant::now(), answer: MessageId::mint(Timestamp::UNIX_EPOCH) }
    }

    fn at(&self, ms: u32) -> Instant {
        self.start + MS * ms
    }

    fn delta(&mut self, ms: u32, part: &str, text: &str) {
        let body = EventBody::TextDelta { message_id: self.answer, part_id: part.into(), delta: text.into() };
        self.outbox.push(body.in_turn(1), self.at(ms));
    }

    fn tool(&mut self, ms: u32, status: ToolStatus, output: &str) {
        let part = Part::Tool(ToolPart {
            id: "prt_t".into(),
            call_id: "c".into(),
            name: "bash".into(),
            status,
            input: serde_json::Value::Null,
            output: Some(output.into()),
            title: None,
            truncated: false,
            full_input: None,
            full_output: None,
            started_at: None,
            ended_at: None,
        });
        self.outbox.push(EventBody::PartUpdated { message_id: self.answer, part }.in_turn(1), self.at(ms));
    }

    fn finish(&mut self) {
        let session = SessionId::mint(Timestamp::UNIX_EPOCH);
        let answer = Message::answer(self.answer, session, 1, Vec::new(), Timestamp::UNIX_EPOCH);
        self.outbox.finish(Outcome { turn: 1, status: MessageStatus::Completed, answer });
    }

    /// How long after `ms` the next batch is due.
    fn wait(&self, ms: u32) -> Option<Duration> {
        self.outbox.due(self.at(ms)).map(|due| due.saturating_duration_since(self.at(ms)))
    }

    /// Has a delta of the part `a` sent.
    fn pass_text_at(&mut self, ms: u32) {
        self.delta(ms, "a", "x");
        self.pass(ms);
    }

    /// Sends the next batch and has it acknowledged.
    fn pass(&mut self, ms: u32) -> Append {
        let batch = self.outbox.batch(self.at(ms)).unwrap().clone();
        self.outbox.acked(batch.batch, batch.after + batch.events.len() as u64);
        batch
    }
}

fn text(batch: &Append) -> String {
    let delta = |entry: &Entry| match &entry.body {
        EventBody::TextDelta { delta, .. } => delta.clone(),
        _ => String::new(),
    };
    batch.events.iter().map(delta).collect()
}

#[test]
fn the_first_delta_goes_at_once_and_more_of_it_at_the_quick_then_the_steady_pace() {
    let mut desk = Desk::new();
    desk.delta(0, "a", "w0 ");
    assert_eq!(desk.wait(0), Some(Duration::ZERO));
    desk.pass(0);
    desk.delta(10, "a", "w1 ");
    assert_eq!(desk.wait(10), Some(MS * 40));
    desk.delta(20, "a", "w2 ");
    let batch = desk.pass(50);
    assert_eq!((batch.events.len(), text(&batch).as_str()), (1, "w1 w2 "), "adjacent deltas are one event");
    desk.pass_text_at(1500);
    desk.delta(1510, "a", "w9 ");
    assert_eq!(desk.wait(1510), Some(MS * 240));
}

#[test]
fn another_part_a_tools_state_and_the_end_never_wait() {
    let mut desk = Desk::new();
    desk.pass_text_at(0);
    desk.delta(1, "b", "new part");
    assert_eq!(desk.wait(1), Some(Duration::ZERO));
    desk.pass(1);
    for status in [ToolStatus::Pending, ToolStatus::Running, ToolStatus::Completed] {
        desk.tool(2, status, "");
        assert_eq!(desk.wait(2), Some(Duration::ZERO), "{status:?}");
        desk.pass(2);
    }
    desk.delta(3, "b", "more");
    assert!(desk.wait(3) > Some(Duration::ZERO));
    desk.finish();
    assert_eq!(desk.wait(3), Some(Duration::ZERO));
    assert!(desk.pass(3).finish.is_some());
}

#[test]
fn a_running_tools_output_waits_for_the_pace_and_only_its_newest_state_goes() {
    let mut desk = Desk::new();
    desk.tool(0, ToolStatus::Running, "1");
    desk.pass(0);
    desk.tool(5, ToolStatus::Running, "12");
    desk.tool(6, ToolStatus::Running, "123");
    assert_eq!(desk.wait(6), Some(MS * 44));
    let batch = desk.pass(50);
    assert!(
        matches!(&batch.events[..], [Entry { body: EventBody::PartUpdated { part: Part::Tool(call), .. }, .. }] if call.output.as_deref() == Some("123"))
    );
}

#[test]
fn one_batch_is_in_flight_and_a_repeat_is_the_same_to_the_byte() {
    let mut desk = Desk::new();
    desk.delta(0, "a", "w0 ");
    let first = desk.outbox.batch(desk.at(0)).unwrap().clone();
    desk.delta(1, "b", "w1 ");
    assert_eq!(desk.wait(1), None);
    assert_eq!(desk.outbox.batch(desk.at(500)), Some(&first), "what came later is not in it");
    desk.outbox.acked(99, 7);
    assert!(desk.outbox.in_flight(), "an acknowledgement of something else is none");
    desk.outbox.acked(1, 5);
    let second = desk.pass(501);
    assert_eq!((second.batch, second.after), (2, 5));
    assert!(desk.outbox.is_empty());
}

#[test]
fn a_new_connection_either_confirms_the_batch_in_flight_or_has_it_repeated_from_its_old_place() {
    for (last_batch, stays) in [(0, true), (1, false)] {
        let mut desk = Desk::new();
        desk.outbox.welcomed(0, 3);
        desk.delta(0, "a", "w0 ");
        desk.outbox.batch(desk.at(0));
        desk.outbox.welcomed(last_batch, 9);
        assert_eq!(desk.outbox.in_flight(), stays);
        desk.delta(1, "a", "w1 ");
        let after = desk.outbox.batch(desk.at(100)).unwrap().after;
        assert_eq!(after, if stays { 3 } else { 9 });
    }
}

#[test]
fn batches_stay_below_a_frame_and_lose_nothing() {
    let mut desk = Desk::new();
    let long: String = ('a'..='z').cycle().take(100_000).collect::<String>() + "\u{1F600}\"\\";
    desk.delta(0, "a", &long);
    desk.finish();
    let mut seen = String::new();
    loop {
        let batch = desk.pass(0);
        assert!(serde_json::to_vec(&batch.events).unwrap().len() < 30 * 1024);
        seen += &text(&batch);
        if batch.finish.is_some() {
            break;
        }
    }
    assert_eq!(seen, long);
}

#[test]
fn a_turns_end_closes_its_batch_before_the_next_turn() {
    let mut desk = Desk::new();
    desk.delta(0, "a", "one");
    desk.finish();
    desk.delta(1, "b", "two");
    let (first, second) = (desk.pass(1), desk.pass(1));
    assert_eq!((text(&first).as_str(), first.finish.is_some()), ("one", true));
    assert_eq!((text(&second).as_str(), second.finish.is_some()), ("two", false));
}

#[test]
fn what_waits_is_bounded() {
    let mut desk = Desk::new();
    let piece = "x".repeat(8 * 1024);
    (0..1900).for_each(|n| desk.delta(n, "a", &piece));
    assert!(!desk.outbox.is_full());
    (0..200).for_each(|n| desk.delta(n, "a", &piece));
    assert!(desk.outbox.is_full());
}

#[test]
fn text_that_nobody_watches_waits_for_a_second_and_a_viewer_ends_the_wait() {
    let mut desk = Desk::new();
    desk.outbox.watched(false);
    desk.pass_text_at(0);
    desk.delta(10, "a", "y");
    assert_eq!(desk.wait(10), Some(MS * 990));
    desk.tool(20, ToolStatus::Running, "");
    assert_eq!(desk.wait(20), Some(Duration::ZERO), "what is not text does not wait");
    desk.pass(20);
    desk.delta(600, "a", "z");
    desk.pass(700);
    desk.delta(980, "a", "!");
    assert_eq!(desk.wait(980), Some(MS * 720));
    desk.outbox.watched(true);
    assert_eq!(desk.wait(980), Some(Duration::ZERO));
}
