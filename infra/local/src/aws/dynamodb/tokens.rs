//! Transactions seen in the last ten minutes, by their `ClientRequestToken`.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// DynamoDB's own window.
const KEPT_FOR: Duration = Duration::from_secs(600);

/// Tokens in the order they came, so that dropping the old ones looks at no other.
#[derive(Default)]
pub(super) struct Tokens {
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    by_token: HashMap<String, (u64, String)>,
    in_order: VecDeque<(Instant, String)>,
}

/// What a token was used for before.
#[derive(Debug, PartialEq)]
pub(super) enum Earlier {
    /// The same request, which was answered so.
    Same(String),
    /// Another request.
    Other,
}

impl Tokens {
    /// Looks up a token that came with this body.
    pub(super) fn find(&self, token: &str, body: &[u8]) -> Option<Earlier> {
        let seen = self.lock();
        let (fingerprint, answer) = seen.by_token.get(token)?;
        Some(if *fingerprint == hash(body) { Earlier::Same(answer.clone()) } else { Earlier::Other })
    }

    /// Remembers a transaction that succeeded.
    pub(super) fn keep(&self, token: String, body: &[u8], answer: &str) {
        self.keep_at(Instant::now(), token, body, answer);
    }

    fn keep_at(&self, now: Instant, token: String, body: &[u8], answer: &str) {
        let mut seen = self.lock();
        while seen.in_order.front().is_some_and(|(at, _)| now.duration_since(*at) >= KEPT_FOR) {
            if let Some((_, old)) = seen.in_order.pop_front() {
                seen.by_token.remove(&old);
            }
        }
        seen.by_token.insert(token.clone(), (hash(body), answer.to_owned()));
        seen.in_order.push_back((now, token));
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        // Nothing panics while it is held; the map is whole in any case.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_answered_and_another_body_is_told_apart() {
        let tokens = Tokens::default();
        tokens.keep("t".into(), b"body", "{}");
        assert_eq!(tokens.find("t", b"body"), Some(Earlier::Same("{}".into())));
        assert_eq!(tokens.find("t", b"other"), Some(Earlier::Other));
        assert_eq!(tokens.find("u", b"body"), None);
    }

    #[test]
    fn a_token_is_forgotten_after_its_window() {
        let (tokens, start) = (Tokens::default(), Instant::now());
        tokens.keep_at(start, "old".into(), b"body", "{}");
        tokens.keep_at(start + KEPT_FOR, "new".into(), b"body", "{}");
        assert_eq!(tokens.find("old", b"body"), None);
        assert!(tokens.find("new", b"body").is_some());
    }
}
