//! What a chat request asks, reduced to what the script needs.

use axum::http::HeaderMap;
use serde_json::Value;

/// A chat request.
#[derive(Debug)]
pub(crate) struct Request {
    /// The caller's session, from its header; counters of faults are kept by it.
    pub(crate) session: String,
    pub(crate) model: String,
    pub(crate) stream: bool,
    /// The text of the last user message.
    pub(crate) words: String,
    /// What the tools answered since then, in order.
    pub(crate) results: Vec<String>,
    /// Names of the tools on offer.
    pub(crate) tools: Vec<String>,
    /// Whether OpenCode only wants a title for the conversation.
    pub(crate) is_title: bool,
    pub(crate) prompt_tokens: u64,
}

impl Request {
    /// Reads a request of `POST /v1/chat/completions`; says what is wrong with it.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, String> {
        let json: Value = serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))?;
        let messages = json["messages"].as_array().ok_or("messages must be an array")?;
        let last_user = messages.iter().rposition(|message| message["role"] == "user");
        let since = last_user.map_or(messages.len(), |at| at + 1);
        Ok(Self {
            session: session(headers),
            model: json["model"].as_str().unwrap_or("demo").to_owned(),
            stream: json["stream"].as_bool().unwrap_or(false),
            words: last_user.map(|at| text(&messages[at])).unwrap_or_default(),
            results: messages[since..].iter().filter(|message| message["role"] == "tool").map(text).collect(),
            tools: names(&json["tools"]),
            is_title: messages.iter().any(|message| message["role"] == "system" && is_title_prompt(&text(message))),
            // About four bytes a token, as for English.
            prompt_tokens: body.len() as u64 / 4,
        })
    }
}

fn session(headers: &HeaderMap) -> String {
    let named = |name| headers.get(name).and_then(|value| value.to_str().ok());
    named("x-session-id").or_else(|| named("x-session-affinity")).unwrap_or("").to_owned()
}

fn is_title_prompt(system: &str) -> bool {
    system.to_ascii_lowercase().contains("title generator")
}

fn names(tools: &Value) -> Vec<String> {
    let name = |tool: &Value| tool["function"]["name"].as_str().map(str::to_owned);
    tools.as_array().into_iter().flatten().filter_map(name).collect()
}

/// A message's text: a string, or parts of which some are text.
fn text(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}
