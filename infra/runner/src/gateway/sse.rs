//! Cuts a byte stream into server-sent events and keeps their bytes as they came.

use bytes::{Bytes, BytesMut};

/// Cuts as bytes arrive.
#[derive(Default)]
pub(super) struct Cutter {
    buffer: BytesMut,
    /// Up to here there is no end of a frame.
    searched: usize,
}

/// One event with the blank line that ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame(pub(super) Bytes);

impl Cutter {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame.
    pub(super) fn next(&mut self) -> Option<Frame> {
        // The end may straddle what was searched: "\r\n\r" and then "\n".
        let from = self.searched.saturating_sub(3);
        match end_of_frame(&self.buffer[from..]) {
            Some(end) => {
                self.searched = 0;
                Some(Frame(self.buffer.split_to(from + end).freeze()))
            }
            None => {
                self.searched = self.buffer.len();
                None
            }
        }
    }

    /// What is left when the stream ends without a blank line.
    pub(super) fn rest(&mut self) -> Bytes {
        self.buffer.split().freeze()
    }

    /// Bytes of the frame that is still open.
    pub(super) fn open_bytes(&self) -> usize {
        self.buffer.len()
    }
}

fn end_of_frame(bytes: &[u8]) -> Option<usize> {
    let line_ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    line_ends.into_iter().find_map(|at| match &bytes[at..] {
        [b'\n', ..] => Some(at + 1),
        [b'\r', b'\n', ..] => Some(at + 2),
        _ => None,
    })
}

impl Frame {
    /// The event's name and its data; none if the frame is more than one `data` line and a name.
    pub(super) fn event(&self) -> Option<(Option<&str>, &str)> {
        let (mut name, mut data) = (None, None);
        for line in std::str::from_utf8(&self.0).ok()?.lines().filter(|line| !line.is_empty()) {
            let (field, value) = line.split_once(':')?;
            let value = value.strip_prefix(' ').unwrap_or(value);
            let slot = match field {
                "event" => &mut name,
                "data" => &mut data,
                _ => return None,
            };
            if slot.replace(value).is_some() {
                return None;
            }
        }
        Some((name, data?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&str]) -> (Vec<String>, String) {
        let (mut cutter, mut frames) = (Cutter::default(), Vec::new());
        for piece in pieces {
            cutter.push(piece.as_bytes());
            while let Some(Frame(bytes)) = cutter.next() {
                frames.push(String::from_utf8(bytes.to_vec()).unwrap());
            }
        }
        (frames, String::from_utf8(cutter.rest().to_vec()).unwrap())
    }

    #[test]
    fn frames_are_the_same_wherever_the_network_cuts() {
        let stream = "data: {\"a\":1}\n\nevent: x\r\ndata: b\r\n\r\n: ping\n\ndata: open";
        let whole = cut(&[stream]);
        assert_eq!(whole.0, ["data: {\"a\":1}\n\n", "event: x\r\ndata: b\r\n\r\n", ": ping\n\n"]);
        assert_eq!(whole.1, "data: open");
        for at in 1..stream.len() {
            assert_eq!(cut(&[&stream[..at], &stream[at..]]), whole, "cut at {at}");
        }
        let bytes: Vec<String> = stream.chars().map(String::from).collect();
        assert_eq!(cut(&bytes.iter().map(String::as_str).collect::<Vec<_>>()), whole);
    }

    #[test]
    fn an_event_is_a_name_and_one_line_of_data() {
        let event = |text: &'static str| Frame(Bytes::from_static(text.as_bytes()));
        assert_eq!(event("event: a\r\ndata:b\r\n\r\n").event(), Some((Some("a"), "b")));
        assert_eq!(event("data: b: c\n\n").event(), Some((None, "b: c")));
        for other in [": ping\n\n", "id: 1\ndata: b\n\n", "data: a\ndata: b\n\n", "\n\n", "data\n\n"] {
            assert_eq!(event(other).event(), None, "{other:?}");
        }
    }
}
