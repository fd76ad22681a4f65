//! What goes wrong, and when.

use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;

use super::Call;

/// Something that happens to the next calls of a kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `github` or `google`.
    pub provider: String,
    /// Of this method alone.
    #[serde(default)]
    pub method: Option<String>,
    /// Path and query, where `*` stands for anything: `/api/repos/*/issues*`.
    #[serde(default = "anything")]
    pub path: String,
    /// Calls that go well before it happens.
    #[serde(default)]
    pub skip: u32,
    /// How often it happens.
    #[serde(default = "once")]
    pub times: u32,
    /// How much later the answer comes, in milliseconds.
    #[serde(default)]
    pub delay_ms: u64,
    /// What is answered instead; none: only later.
    #[serde(default)]
    pub answer: Option<Answer>,
    /// Whether the provider does what was asked before it fails to say so.
    #[serde(default)]
    pub after: bool,
}

fn anything() -> String {
    "*".into()
}

fn once() -> u32 {
    1
}

/// An answer instead of the provider's own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// `502`
    pub status: u16,
    /// More headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A string is sent as it is, anything else as JSON.
    #[serde(default)]
    pub body: Value,
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = match self.body {
            Value::Null => status.into_response(),
            Value::String(text) => (status, text).into_response(),
            body => (status, axum::Json(body)).into_response(),
        };
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

impl Fault {
    fn is_for(&self, provider: &str, call: &Call) -> bool {
        self.provider == provider
            && self.method.as_ref().is_none_or(|method| *method == call.method)
            && glob(&self.path, &call.path)
    }
}

/// Whether the pattern, in which `*` stands for anything, is the whole text.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(head) else { return false };
    // The first place where the rest fits is as good as any, for the rest tries them all.
    text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| glob(rest, &text[at..]))
}

/// The faults in play, in the order they came.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Adds one behind the others.
    pub fn add(&self, fault: Fault) {
        self.0.lock().expect("no one panics while holding it").push(fault);
    }

    pub(super) fn clear(&self) {
        self.0.lock().expect("no one panics while holding it").clear();
    }

    /// The first fault that is for this call; counts it.
    pub(super) fn next(&self, provider: &str, call: &Call) -> Option<Fault> {
        let mut faults = self.0.lock().expect("no one panics while holding it");
        let at = faults.iter().position(|fault| fault.is_for(provider, call))?;
        let fault = &mut faults[at];
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        fault.times = fault.times.saturating_sub(1);
        let happens = fault.clone();
        if fault.times == 0 {
            faults.remove(at);
        }
        Some(happens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, fits) in [
            ("*", "/api/user", true),
            ("/api/repos/*/issues*", "/api/repos/a/b/issues?page=2", true),
            ("/api/repos/*/issues", "/api/repos/a/b/issues?page=2", false),
            ("/api/user", "/api/users", false),
            ("*page=2*", "/x?page=2", true),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }
}
