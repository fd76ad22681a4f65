//! What an intruder tries on one operation, and how it must be refused.

use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tests::{Answer, Api};

use super::document::{Kind, Operation, sample};
use super::known::Known;

/// Of every kind, and nobody's.
const NOBODYS: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

/// One request, and which answers are right.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    method: Method,
    path: String,
    body: Option<(String, Value)>,
    /// Whose id it is, or what is wrong with it.
    what: String,
    right: &'static [u16],
}

/// The intruder, and whose things they are after.
pub(super) struct Parties<'a> {
    pub(super) document: &'a Value,
    pub(super) own: &'a Known,
    pub(super) foreign: &'a Known,
}

impl Attempt {
    pub(super) fn request(&self, api: &Api) -> RequestBuilder {
        let request = api.request(self.method.clone(), &self.path);
        match &self.body {
            Some((media, body)) if media == "application/json" => request.json(body),
            Some((media, _)) => request.header("content-type", media).body("x"),
            None => request,
        }
    }

    /// What is wrong with the answer, if anything is.
    pub(super) fn complaint(&self, answer: &Answer) -> Option<String> {
        let Self { method, path, what, right, .. } = self;
        let refused = right.contains(&answer.status) && !answer.code().is_empty();
        let path: String = path.chars().take(120).collect();
        (!refused).then(|| format!("{method} {path} ({what}): {} {:.200}", answer.status, answer.text))
    }
}

/// Everything that is tried on an operation with ids of its own in the path.
pub(super) fn attempts(parties: &Parties<'_>, operation: &Operation) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    if operation.parameters.iter().any(|parameter| matches!(parameter.kind, Kind::Id(_))) {
        let foreign = |index: usize| value(&operation.parameters[index].kind, parties.foreign);
        attempts.push(attempt(parties, operation, "another user's", &[404], foreign));
    }
    for (index, parameter) in operation.parameters.iter().enumerate() {
        // Under something of one's own, a thing that is not there may also be in the wrong state.
        let right: &[u16] = if index == 0 { &[400, 404] } else { &[400, 404, 409] };
        for (what, bad) in bad_values(&parameter.kind) {
            let what = format!("{}: {what}", parameter.name);
            let values = |at: usize| match at == index {
                true => escape(&bad),
                false => value(&operation.parameters[at].kind, parties.own),
            };
            attempts.push(attempt(parties, operation, &what, right, values));
        }
    }
    attempts
}

/// The operation without a token.
pub(super) fn without_token(parties: &Parties<'_>, operation: &Operation) -> Attempt {
    let foreign = |index: usize| value(&operation.parameters[index].kind, parties.foreign);
    attempt(parties, operation, "no token", &[401], foreign)
}

fn attempt(
    parties: &Parties<'_>,
    operation: &Operation,
    what: &str,
    right: &'static [u16],
    value_at: impl Fn(usize) -> String,
) -> Attempt {
    let mut path = operation.path.clone();
    for (index, parameter) in operation.parameters.iter().enumerate() {
        path = path.replace(&format!("{{{}}}", parameter.name), &value_at(index));
    }
    let id = |prefix: &str| id_of(prefix, parties.foreign);
    let body = operation.body.as_ref();
    let body = body.map(|(media, schema)| (media.clone(), sample(parties.document, schema, &id)));
    Attempt { method: operation.method.clone(), path, body, what: what.to_owned(), right }
}

fn value(kind: &Kind, known: &Known) -> String {
    match kind {
        Kind::Id(prefix) => id_of(prefix, known),
        Kind::Number => "1".into(),
        Kind::Word(word) => word.clone(),
        Kind::Text => "x".into(),
    }
}

fn id_of(prefix: &str, known: &Known) -> String {
    known.id(prefix).map_or_else(|| format!("{prefix}_{NOBODYS}"), str::to_owned)
}

/// Values that lead nowhere.
fn bad_values(kind: &Kind) -> Vec<(&'static str, String)> {
    let prefix = match kind {
        Kind::Id(prefix) => prefix.as_str(),
        // A word of the caller's own choice may be anything but these.
        Kind::Text => return vec![("huge", "A".repeat(4000)), ("a zero byte", "a\0b".into())],
        Kind::Number => return vec![("a word", "x".into()), ("negative", "-1".into()), ("huge", "9".repeat(40))],
        Kind::Word(_) => return vec![("no such word", "x".into()), ("huge", "A".repeat(4000))],
    };
    let another = if prefix == "ses" { "msg" } else { "ses" };
    vec![
        ("nobody's", format!("{prefix}_{NOBODYS}")),
        ("of another kind", format!("{another}_{NOBODYS}")),
        ("lower case", format!("{prefix}_{NOBODYS}").to_lowercase()),
        ("empty", String::new()),
        ("a space", " ".into()),
        ("the prefix alone", format!("{prefix}_")),
        ("huge", format!("{prefix}_{}", "A".repeat(4000))),
        ("too great for a ULID", format!("{prefix}_8ZZZZZZZZZZZZZZZZZZZZZZZZZ")),
        ("unicode", format!("{prefix}_\u{1F600}\u{202E}é")),
        ("a zero byte", format!("{prefix}_{NOBODYS}\0")),
        ("a path", format!("{prefix}_{NOBODYS}/../{prefix}_{NOBODYS}")),
        ("a key", format!("{prefix}_{NOBODYS}#PROFILE")),
        ("a pattern", "*".into()),
    ]
}

/// As a path's segment carries it, whatever it is.
pub(super) fn escape(text: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~".contains(&byte);
    text.bytes().map(|byte| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
