//! A message as JSON, in the formats that a caller may ask for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::mailbox::Message;

/// Characters of a snippet.
const SNIPPET_CHARS: usize = 200;

/// `format=` of a get.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Format {
    Minimal,
    Metadata,
    Full,
    Raw,
}

impl Format {
    pub(crate) fn parse(name: Option<&str>) -> Option<Self> {
        match name {
            None | Some("full") => Some(Self::Full),
            Some("minimal") => Some(Self::Minimal),
            Some("metadata") => Some(Self::Metadata),
            Some("raw") => Some(Self::Raw),
            Some(_) => None,
        }
    }
}

/// `wanted`: the headers to show in the metadata format; all of them when empty.
pub(crate) fn message(message: &Message, format: Format, wanted: &[String]) -> Value {
    let snippet: String = message.body.chars().take(SNIPPET_CHARS).map(|c| if c == '\n' { ' ' } else { c }).collect();
    let mut value = json!({
        "id": message.id,
        "threadId": message.thread_id,
        "labelIds": message.labels,
        "snippet": snippet,
        "historyId": message.history_id.to_string(),
        "internalDate": message.at_ms.to_string(),
        "sizeEstimate": message.body.len() + 512,
    });
    let headers = |all: bool| -> Vec<Value> {
        let shown = message.headers.iter().filter(|(name, _)| {
            all || wanted.is_empty() || wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(name))
        });
        shown.map(|(name, value)| json!({ "name": name, "value": value })).collect()
    };
    match format {
        Format::Minimal => {}
        Format::Metadata => value["payload"] = json!({ "mimeType": "text/plain", "headers": headers(false) }),
        Format::Full => {
            let body = json!({ "size": message.body.len(), "data": URL_SAFE_NO_PAD.encode(&message.body) });
            value["payload"] = json!({ "partId": "", "mimeType": "text/plain", "filename": "", "headers": headers(true), "body": body });
        }
        Format::Raw => {
            let lines: String = message.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            value["raw"] = URL_SAFE_NO_PAD.encode(format!("{lines}\r\n{}", message.body)).into();
        }
    }
    value
}
