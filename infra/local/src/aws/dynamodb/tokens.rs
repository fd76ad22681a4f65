//! Transactions seen in the last ten minutes, by their `ClientRequestToken`.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

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
    /// Looks up a token that came with a request of this fingerprint.
    pub(super) fn find(&self, token: &str, fingerprint: u64) -> Option<Earlier> {
        let seen = self.lock();
        let (earlier, answer) = seen.by_token.get(token)?;
        Some(if *earlier == fingerprint { Earlier::Same(answer.clone()) } else { Earlier::Other })
    }

    /// Remembers a transaction that succeeded.
    pub(super) fn keep(&self, token: String, fingerprint: u64, answer: &str) {
        self.keep_at(Instant::now(), token, fingerprint, answer);
    }

    fn keep_at(&self, now: Instant, token: String, fingerprint: u64, answer: &str) {
        let mut seen = self.lock();
        while seen.in_order.front().is_some_and(|(at, _)| now.duration_since(*at) >= KEPT_FOR) {
            if let Some((_, old)) = seen.in_order.pop_front() {
                seen.by_token.remove(&old);
            }
        }
        seen.by_token.insert(token.clone(), (fingerprint, answer.to_owned()));
        seen.in_order.push_back((now, token));
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        // Nothing panics while it is held; the map is whole in any case.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The same for requests that differ in the order of their maps alone: the SDKs
/// write an item's attributes in whatever order their hash map has.
pub(super) fn fingerprint(request: &Value) -> u64 {
    match request {
        Value::Object(members) => {
            let each = members.iter().map(|(name, value)| hash((name, fingerprint(value))));
            // A sum does not depend on the order.
            hash(each.fold(0, u64::wrapping_add))
        }
        Value::Array(values) => hash(values.iter().map(fingerprint).collect::<Vec<_>>()),
        other => hash(other.to_string()),
    }
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_answered_and_another_request_is_told_apart() {
        let tokens = Tokens::default();
        tokens.keep("t".into(), 1, "{}");
        assert_eq!(tokens.find("t", 1), Some(Earlier::Same("{}".into())));
        assert_eq!(tokens.find("t", 2), Some(Earlier::Other));
        assert_eq!(tokens.find("u", 1), None);
    }

    #[test]
    fn a_fingerprint_knows_values_and_lists_but_not_the_order_of_maps() {
        let of = |text: &str| fingerprint(&serde_json::from_str(text).unwrap());
        assert_eq!(of(r#"[{"a":"1","b":{"c":2,"d":3}}]"#), of(r#"[{"b":{"d":3,"c":2},"a":"1"}]"#));
        assert_ne!(of(r#"{"a":"1","b":"2"}"#), of(r#"{"a":"2","b":"1"}"#));
        assert_ne!(of(r#"["a","b"]"#), of(r#"["b","a"]"#));
    }

    #[test]
    fn a_token_is_forgotten_after_its_window() {
        let (tokens, start) = (Tokens::default(), Instant::now());
        tokens.keep_at(start, "old".into(), 1, "{}");
        tokens.keep_at(start + KEPT_FOR, "new".into(), 1, "{}");
        assert_eq!(tokens.find("old", 1), None);
        assert!(tokens.find("new", 1).is_some());
    }
}
