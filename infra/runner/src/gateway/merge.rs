//! Merges a stream's small pieces of text: the first at once, the next ones once in 50 ms.
//!
//! Each event costs OpenCode some 25 ms of CPU, however small it is. The joined text stays the
//! same byte for byte, order is kept, and whatever is not plain text passes through untouched.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use serde_json::Value;
use tokio::time::Instant;

use super::Dialect;
use super::delta::Delta;
use super::sse::Frame;
use super::tokens::Meter;

/// Between two events of the same text.
pub(super) const PACE: Duration = Duration::from_millis(50);

/// The merging of one stream.
pub(super) struct Merger {
    dialect: Dialect,
    meter: Meter,
    /// The text that flows, and until when its pieces are held.
    open: Option<(String, Instant)>,
    held: Option<Held>,
}

/// Pieces that wait for their moment.
struct Held {
    /// The last piece as it came: fields beside the text are as new as can be.
    name: Option<String>,
    event: Value,
    pointer: &'static str,
    text: String,
    /// The piece's bytes, while there is only one.
    alone: Option<Bytes>,
}

impl Merger {
    pub(super) fn new(dialect: Dialect, meter: Meter) -> Self {
        Self { dialect, meter, open: None, held: None }
    }

    /// When held pieces must go out.
    pub(super) fn due(&self) -> Option<Instant> {
        self.held.as_ref().and(self.open.as_ref()).map(|(_, until)| *until)
    }

    /// Takes the next frame; puts into `out` what goes on now.
    pub(super) fn take(&mut self, frame: Frame, now: Instant, out: &mut BytesMut) {
        let event = frame.event().and_then(|(name, data)| {
            let event: Value = serde_json::from_str(data).ok()?;
            Some((name.map(str::to_owned), event))
        });
        let Some((name, event)) = event else { return self.pass(&frame, out) };
        self.meter.observe(&event);
        let Some(delta) = Delta::find(self.dialect, &event) else { return self.pass(&frame, out) };
        match &self.open {
            Some((key, until)) if *key == delta.key => {
                let is_due = now >= *until;
                self.hold(name, event, delta.pointer, frame.0);
                if is_due {
                    self.flush(now, out);
                }
            }
            _ => {
                self.pass(&frame, out);
                self.open = Some((delta.key, now + PACE));
            }
        }
    }

    /// Sends what is held; the text may go on.
    pub(super) fn flush(&mut self, now: Instant, out: &mut BytesMut) {
        if let Some(held) = self.held.take() {
            held.write(out);
        }
        if let Some((_, until)) = &mut self.open {
            *until = now + PACE;
        }
    }

    /// Sends what is held and then `frame` as it came.
    fn pass(&mut self, frame: &Frame, out: &mut BytesMut) {
        if let Some(held) = self.held.take() {
            held.write(out);
        }
        self.open = None;
        out.put_slice(&frame.0);
    }

    fn hold(&mut self, name: Option<String>, event: Value, pointer: &'static str, bytes: Bytes) {
        let piece = event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (text, alone) = match self.held.take() {
            Some(held) => (held.text + piece, None),
            None => (piece.to_owned(), Some(bytes)),
        };
        self.held = Some(Held { name, event, pointer, text, alone });
    }
}

impl Held {
    fn write(mut self, out: &mut BytesMut) {
        if let Some(bytes) = self.alone {
            return out.put_slice(&bytes);
        }
        if let Some(slot) = self.event.pointer_mut(self.pointer) {
            *slot = Value::String(self.text);
        }
        if let Some(name) = self.name {
            out.put_slice(format!("event: {name}\n").as_bytes());
        }
        out.put_slice(format!("data: {}\n\n", self.event).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::gateway::sse::Cutter;
    use crate::gateway::tokens::Tally;

    const STEP: Duration = Duration::from_millis(10);

    fn frame(data: &str) -> Frame {
        Frame(Bytes::from(format!("data: {data}\n\n")))
    }

    fn chat(delta: Value) -> String {
        json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]}).to_string()
    }

    fn word(i: u32) -> String {
        chat(json!({ "content": format!("w{i} “é\n") }))
    }

    /// Feeds `frames`, one each 10 ms, and returns what went on after each, and at the end.
    fn run(dialect: Dialect, frames: &[Frame]) -> Vec<String> {
        let mut merger = Merger::new(dialect, Meter::start(dialect, Arc::new(Tally::default())));
        let (mut now, mut sent) = (Instant::now(), Vec::new());
        let mut out = BytesMut::new();
        let text = |out: &mut BytesMut| String::from_utf8(out.split().to_vec()).unwrap();
        for frame in frames {
            merger.take(frame.clone(), now, &mut out);
            sent.push(text(&mut out));
            now += STEP;
        }
        merger.flush(now, &mut out);
        sent.push(text(&mut out));
        sent
    }

    fn events(sent: &[String]) -> Vec<Value> {
        let mut cutter = Cutter::default();
        cutter.push(sent.concat().as_bytes());
        std::iter::from_fn(|| cutter.next()).filter_map(|frame| serde_json::from_str(frame.event()?.1).ok()).collect()
    }

    #[test]
    fn the_first_piece_goes_at_once_and_then_one_event_in_50_ms() {
        let frames: Vec<_> = (0..20).map(|i| frame(&word(i))).collect();
        let sent = run(Dialect::Compatible, &frames);
        let moments: Vec<_> = (0..sent.len()).filter(|i| !sent[*i].is_empty()).collect();
        assert_eq!(moments, [0, 5, 10, 15, 20]);
        let joined: String =
            events(&sent).iter().map(|e| e["choices"][0]["delta"]["content"].as_str().unwrap()).collect();
        assert_eq!(joined, (0..20).map(|i| format!("w{i} “é\n")).collect::<String>());
    }

    #[test]
    fn a_piece_that_stands_alone_passes_byte_for_byte() {
        let spaced = "data:  {\"choices\": [ {\"delta\": {\"content\": \"a\"}} ]}\r\n\r\n";
        let slow = Frame(Bytes::from_static(spaced.as_bytes()));
        let sent = run(Dialect::Compatible, &[slow.clone(), slow]);
        assert_eq!(sent, [spaced, "", spaced]);
    }

    #[test]
    fn what_is_no_text_goes_at_once_behind_the_text_before_it() {
        let finish = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
        for other in [finish, "{not json", "[DONE]"] {
            let frames = [frame(&word(0)), frame(&word(1)), frame(other), frame(&word(2))];
            let sent = run(Dialect::Compatible, &frames);
            let expected =
                [0, 9, 1, 3].map(|i| frames.get(i).map_or(String::new(), |f| String::from_utf8(f.0.to_vec()).unwrap()));
            assert_eq!(sent[..2], expected[..2]);
            assert_eq!(sent[2], format!("{}data: {other}\n\n", expected[2]));
            assert_eq!(sent[3], expected[3], "the text after it starts anew, so it goes at once");
        }
    }

    #[test]
    fn texts_that_take_turns_keep_their_order() {
        let think = |i: u32| chat(json!({ "reasoning_content": format!("t{i} ") }));
        let data = [think(0), think(1), word(0), word(1), think(2), think(3)];
        let sent = run(Dialect::Compatible, &data.iter().map(|data| frame(data)).collect::<Vec<_>>());
        let order: Vec<_> = events(&sent)
            .iter()
            .map(|e| {
                ["content", "reasoning_content"]
                    .map(|name| e["choices"][0]["delta"][name].as_str().unwrap_or("").to_owned())
                    .concat()
            })
            .collect();
        assert_eq!(order.concat(), "t0 t1 w0 “é\nw1 “é\nt2 t3 ");
    }

    #[test]
    fn merged_events_keep_their_name_and_the_newest_fields() {
        let piece = |i: u64| {
            let data = json!({"type": "response.output_text.delta", "output_index": 0, "delta": i.to_string(), "sequence_number": i});
            Frame(Bytes::from(format!("event: response.output_text.delta\ndata: {data}\n\n")))
        };
        let sent = run(Dialect::Openai, &[piece(1), piece(2), piece(3)]);
        let merged =
            json!({"type": "response.output_text.delta", "output_index": 0, "delta": "23", "sequence_number": 3});
        assert_eq!(sent[3], format!("event: response.output_text.delta\ndata: {merged}\n\n"));
    }
}
