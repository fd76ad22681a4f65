//! A mail as a person reads it: who, when, what about, and its text.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Value, json};

/// Gmail sends no padding; what others forward may have some.
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
const HEADERS: [&str; 6] = ["From", "To", "Cc", "Subject", "Date", "Reply-To"];

/// A message or a thread, as `format=full` tells it.
pub(super) fn readable(found: &Value) -> Value {
    match found["messages"].as_array() {
        Some(messages) => json!({ "id": found["id"], "messages": messages.iter().map(message).collect::<Vec<_>>() }),
        None => message(found),
    }
}

fn message(message: &Value) -> Value {
    let payload = &message["payload"];
    let headers = payload["headers"].as_array().into_iter().flatten();
    let known = headers.filter_map(|header| {
        let name = header["name"].as_str()?;
        let known = HEADERS.into_iter().find(|known| known.eq_ignore_ascii_case(name))?;
        Some((known.to_lowercase(), header["value"].clone()))
    });
    let mut readable = json!({
        "id": message["id"],
        "labels": message["labelIds"],
        "text": part(payload, "text/plain").or_else(|| part(payload, "text/html")).unwrap_or_default(),
        "snippet": message["snippet"],
    });
    if let Value::Object(fields) = &mut readable {
        fields.extend(known);
    }
    readable
}

/// The first part of this type, with what is in its parts.
fn part(payload: &Value, media: &str) -> Option<String> {
    let is_wanted = payload["mimeType"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(media));
    let data = payload["body"]["data"].as_str().filter(|data| is_wanted && !data.is_empty());
    if let Some(data) = data {
        return Some(String::from_utf8_lossy(&URL_SAFE.decode(data).ok()?).into_owned());
    }
    payload["parts"].as_array()?.iter().find_map(|inner| part(inner, media))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_with_parts_is_read_as_text() {
        let part = |media: &str, data: &str| json!({ "mimeType": media, "body": { "data": data } });
        let mail = json!({
            "id": "m", "labelIds": ["INBOX"], "snippet": "Hi",
            "payload": {
                "mimeType": "multipart/mixed",
                "headers": [{ "name": "from", "value": "ana@example.com" }, { "name": "X-Other", "value": "x" }],
                "parts": [{ "mimeType": "multipart/alternative", "parts": [part("text/html", "PGI-"), part("text/plain", "R3LDvMOfZQ")] }],
            },
        });
        let read = readable(&mail);
        assert_eq!((&read["text"], &read["from"]), (&json!("Grüße"), &json!("ana@example.com")));
        assert!(read.get("x-other").is_none());
        let thread = readable(&json!({ "id": "t", "messages": [mail] }));
        assert_eq!(thread["messages"][0]["text"], "Grüße");
        let html = readable(&json!({ "id": "m", "payload": part("text/html", "PGI-") }));
        assert_eq!(html["text"], "<b>");
    }
}
