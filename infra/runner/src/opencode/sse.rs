//! Cuts OpenCode's event stream into frames.
//!
//! A frame is exactly `data: {json}` and an empty line: no id, no event name, no retry.

/// Collects bytes until a frame is whole.
#[derive(Default)]
pub(super) struct Frames {
    buffer: Vec<u8>,
    /// Bytes that were already searched for the frame's end.
    searched: usize,
}

impl Frames {
    /// Adds what was read.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The bytes that wait for the rest of their frame.
    pub(super) fn pending(&self) -> usize {
        self.buffer.len()
    }

    /// Takes the next whole frame's data.
    pub(super) fn next(&mut self) -> Option<String> {
        let from = self.searched.saturating_sub(1);
        let Some(at) = self.buffer[from..].windows(2).position(|pair| pair == b"\n\n") else {
            self.searched = self.buffer.len();
            return None;
        };
        let frame: Vec<u8> = self.buffer.drain(..from + at + 2).collect();
        self.searched = 0;
        let text = String::from_utf8_lossy(&frame);
        Some(text.trim_end().strip_prefix("data:").unwrap_or_default().trim_start().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_any_cut_of_the_bytes() {
        let stream = "data: {\"a\":\"ä\"}\n\ndata: {}\n\ndata: {\"half\"".as_bytes();
        for cut in 0..stream.len() {
            let mut frames = Frames::default();
            let mut seen = Vec::new();
            for bytes in [&stream[..cut], &stream[cut..]] {
                frames.push(bytes);
                seen.extend(std::iter::from_fn(|| frames.next()));
            }
            assert_eq!(seen, ["{\"a\":\"ä\"}", "{}"], "cut at {cut}");
            assert_eq!(frames.pending(), "data: {\"half\"".len());
        }
    }
}
