//! What the server remembers: how often a fault has happened, and counts for `GET /stats`.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::request::Request;
use crate::script::Directive;

/// Beyond this many faults in play the oldest tests are long over.
const FAULTS_MAX: usize = 10_000;

/// The server's memory.
pub(crate) struct State {
    fired: Mutex<HashMap<u64, u32>>,
    started_us: u128,
    ids: AtomicU64,
    requests: AtomicU64,
    titles: AtomicU64,
    refused: AtomicU64,
    chunks: AtomicU64,
}

/// The answer of `GET /stats`.
#[derive(Serialize)]
pub(crate) struct Stats {
    /// Chat requests, with titles and refused ones.
    requests: u64,
    titles: u64,
    refused: u64,
    chunks: u64,
}

impl State {
    pub(crate) fn new() -> Self {
        Self {
            fired: Mutex::default(),
            started_us: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros()),
            ids: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            titles: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            chunks: AtomicU64::new(0),
        }
    }

    /// Whether the fault at `index` of the request's script happens now; counts it if so.
    pub(crate) fn fires(&self, request: &Request, index: usize, directive: &Directive) -> bool {
        let Some(times) = directive.times.filter(|_| directive.is_counted()) else { return true };
        let mut hasher = DefaultHasher::new();
        (&request.session, &request.words, index).hash(&mut hasher);
        let mut fired = self.fired.lock().expect("no one panics while holding it");
        if fired.len() >= FAULTS_MAX {
            fired.clear();
        }
        let count = fired.entry(hasher.finish()).or_default();
        *count += 1;
        *count <= times
    }

    /// An id that no earlier run of the server gave out.
    pub(crate) fn next_id(&self, kind: &str) -> String {
        format!("{kind}_{:x}_{}", self.started_us, self.ids.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn count_request(&self, request: &Request) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.titles.fetch_add(u64::from(request.is_title), Ordering::Relaxed);
    }

    pub(crate) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_chunk(&self) {
        self.chunks.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stats(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            requests: read(&self.requests),
            titles: read(&self.titles),
            refused: read(&self.refused),
            chunks: read(&self.chunks),
        }
    }
}
