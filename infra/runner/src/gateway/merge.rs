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
