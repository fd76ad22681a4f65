//! Counts tokens as the providers report them, also of calls that are broken off.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::Dialect;

/// Tokens of model calls, as the providers counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenCount {
    /// Calls that were forwarded, answered or not.
    pub calls: u64,
    /// All input, cached or not.
    pub input_tokens: u64,
    /// All output, reasoning included.
    pub output_tokens: u64,
}

/// The running count of a gateway.
#[derive(Default)]
pub(super) struct Tally {
    calls: AtomicU64,
    input: AtomicU64,
    output: AtomicU64,
}

impl Tally {
    pub(super) fn take(&self) -> TokenCount {
        TokenCount {
            calls: self.calls.swap(0, Ordering::Relaxed),
            input_tokens: self.input.swap(0, Ordering::Relaxed),
            output_tokens: self.output.swap(0, Ordering::Relaxed),
        }
    }
}

/// Counts one call. Reports of a stream are cumulative: the larger one counts.
pub(super) struct Meter {
    dialect: Dialect,
    tally: Arc<Tally>,
    input: u64,
    output: u64,
}

impl Meter {
    pub(super) fn start(dialect: Dialect, tally: Arc<Tally>) -> Self {
        tally.calls.fetch_add(1, Ordering::Relaxed);
        Self { dialect, tally, input: 0, output: 0 }
    }

    /// Looks for a report in an event or a body.
    pub(super) fn observe(&mut self, json: &Value) {
        let (input, output) = reported(self.dialect, json);
        let grown = |seen: &mut u64, now: u64| {
            let more = now.saturating_sub(*seen);
            *seen += more;
            more
        };
        self.tally.input.fetch_add(grown(&mut self.input, input), Ordering::Relaxed);
        self.tally.output.fetch_add(grown(&mut self.output, output), Ordering::Relaxed);
    }
}

fn reported(dialect: Dialect, json: &Value) -> (u64, u64) {
    let sum = |usage: &Value, names: &[&str]| names.iter().filter_map(|name| usage[name].as_u64()).sum();
    let usage = match dialect {
        // A whole answer, the first event and the last one each have it elsewhere.
        Dialect::Anthropic if json["message"]["usage"].is_object() => &json["message"]["usage"],
        Dialect::Openai if json["response"]["usage"].is_object() => &json["response"]["usage"],
        Dialect::Google => &json["usageMetadata"],
        _ => &json["usage"],
    };
    match dialect {
        Dialect::Anthropic => (
            sum(usage, &["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"]),
            sum(usage, &["output_tokens"]),
        ),
        // Responses say input and output, chat completions prompt and completion.
        Dialect::Openai | Dialect::Compatible => {
            (sum(usage, &["input_tokens", "prompt_tokens"]), sum(usage, &["output_tokens", "completion_tokens"]))
        }
        Dialect::Google => {
            (sum(usage, &["promptTokenCount"]), sum(usage, &["candidatesTokenCount", "thoughtsTokenCount"]))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn count(dialect: Dialect, events: &[Value]) -> (u64, u64) {
        let tally = Arc::new(Tally::default());
        let mut meter = Meter::start(dialect, tally.clone());
        events.iter().for_each(|event| meter.observe(event));
        let taken = tally.take();
        assert_eq!((taken.calls, tally.take()), (1, TokenCount::default()));
        (taken.input_tokens, taken.output_tokens)
    }

    #[test]
    fn each_dialects_report_is_counted_once() {
        let start = json!({"type": "message_start", "message": {"usage":
            {"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 1}}});
        let end = json!({"type": "message_delta", "usage": {"output_tokens": 20}});
        assert_eq!(count(Dialect::Anthropic, &[start, end]), (15, 20));
        let chat = json!({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}});
        assert_eq!(count(Dialect::Compatible, &[json!({"usage": null}), chat]), (7, 3));
        let completed = json!({"type": "response.completed", "response": {"usage":
            {"input_tokens": 7, "output_tokens": 3}}});
        assert_eq!(count(Dialect::Openai, &[completed]), (7, 3));
        let chunk = |output| json!({"usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": output}});
        assert_eq!(count(Dialect::Google, &[chunk(1), chunk(6)]), (4, 6));
    }
}
