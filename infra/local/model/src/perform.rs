//! Plays a step: acts become the pieces of an answer, each at its time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_stream::stream;
use futures_util::Stream;
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use crate::script::{Act, Chunks};

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Think(String),
    Tool { name: String, arguments: Value },
    Malformed,
    Error,
    Cut,
}

/// Yields the pieces of `acts`; a hang never ends, a cut or an error ends it.
pub(crate) fn perform(acts: Vec<Act>) -> impl Stream<Item = Piece> + Send {
    stream! {
        for act in acts {
            let (chunks, delay_ms) = chunks_of(&act);
            let start = Instant::now();
            for (i, chunk) in chunks.enumerate() {
                if i > 0 && delay_ms > 0 {
                    // From the start, so that late wake-ups do not add up.
                    sleep_until(start + Duration::from_millis(delay_ms) * i as u32).await;
                }
                yield chunk.piece(&act);
            }
            match act {
                Act::Tool { name, arguments } => yield Piece::Tool { name, arguments },
                Act::Malformed { .. } => yield Piece::Malformed,
                Act::ErrorChunk { .. } => { yield Piece::Error; return }
                Act::Cut { .. } => { yield Piece::Cut; return }
                Act::Hang { .. } => std::future::pending().await,
                Act::Text { .. } | Act::Think { .. } | Act::Say { .. } | Act::Muse { .. } | Act::Refuse { .. } => {}
            }
        }
    }
}

/// A chunk before its time has come; a stamp is taken when it leaves.
enum Chunk {
    Counted(u32),
    Word(String),
}

impl Chunk {
    fn piece(self, act: &Act) -> Piece {
        let text = match (self, act) {
            (Self::Counted(i), Act::Text { stamp: true, .. }) => format!("w{i}@{} ", now_us()),
            (Self::Counted(i), _) => format!("w{i} "),
            (Self::Word(word), _) => word,
        };
        match act {
            Act::Think { .. } | Act::Muse { .. } => Piece::Think(text),
            _ => Piece::Text(text),
        }
    }
}

fn chunks_of(act: &Act) -> (Box<dyn Iterator<Item = Chunk> + Send>, u64) {
    match act {
        Act::Say { text, delay_ms } | Act::Muse { text, delay_ms } => {
            let words: Vec<_> = text.split_inclusive(' ').map(|word| Chunk::Word(word.to_owned())).collect();
            (Box::new(words.into_iter()), *delay_ms)
        }
        Act::Text { chunks, .. }
        | Act::Think { chunks }
        | Act::Malformed { chunks }
        | Act::Cut { chunks }
        | Act::ErrorChunk { chunks }
        | Act::Hang { chunks } => counted(*chunks),
        Act::Tool { .. } | Act::Refuse { .. } => (Box::new(std::iter::empty()), 0),
    }
}

fn counted(chunks: Chunks) -> (Box<dyn Iterator<Item = Chunk> + Send>, u64) {
    (Box::new((0..chunks.n).map(Chunk::Counted)), chunks.delay_ms)
}

fn now_us() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros())
}
