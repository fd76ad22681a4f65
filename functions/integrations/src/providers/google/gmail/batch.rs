//! Many reads in one request. Each is answered for itself, in any order.

use std::collections::HashMap;

use reqwest::header;

use super::Gmail;
use crate::providers::Call;
use crate::providers::google::api::{self, Trouble};
use crate::providers::google::classify::Refusal;

/// Reads of one request. Google takes 100, but many at once run into the rate limit.
pub(super) const SIZE: usize = 50;
/// Where halving it after refusals ends.
pub(super) const SIZE_MIN: usize = 5;

pub(super) const MESSAGE_UNITS: u32 = 20;
pub(super) const THREAD_UNITS: u32 = 40;

const BOUNDARY: &str = "agent_ops_batch";
/// All that is shown of a message; its text is not read.
const FIELDS: &str = "format=metadata&metadataHeaders=From&metadataHeaders=To&metadataHeaders=Subject\
                      &metadataHeaders=Date&metadataHeaders=Message-ID";

/// Something to read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) enum Wanted {
    #[serde(rename = "m")]
    Message(String),
    #[serde(rename = "t")]
    Thread(String),
}

impl Wanted {
    pub(super) fn units(&self) -> u32 {
        match self {
            Self::Message(_) => MESSAGE_UNITS,
            Self::Thread(_) => THREAD_UNITS,
        }
    }

    fn path(&self) -> String {
        match self {
            Self::Message(id) => format!("/gmail/v1/users/me/messages/{id}?{FIELDS}"),
            Self::Thread(id) => format!("/gmail/v1/users/me/threads/{id}?{FIELDS}"),
        }
    }
}

/// What came of one read.
pub(super) type Outcome = Result<String, Refusal>;

/// The outcomes in the order of what was wanted; `None` where no answer came.
pub(super) async fn read(gmail: &Gmail, call: &Call<'_>, wanted: &[Wanted]) -> Result<Vec<Option<Outcome>>, Trouble> {
    let request = gmail
        .google
        .http
        .post(format!("{}/batch/gmail/v1", gmail.url))
        .header(header::CONTENT_TYPE, format!("multipart/mixed; boundary={BOUNDARY}"))
        .body(body(wanted));
    let response = api::send(call, request).await?;
    let content_type = response.headers().get(header::CONTENT_TYPE).cloned();
    let boundary = content_type.as_ref().and_then(|value| value.to_str().ok()).and_then(boundary);
    let boundary = boundary.unwrap_or_default().to_owned();
    let text = response.text().await.map_err(Trouble::Lost)?;
    let mut outcomes = outcomes(&text, &boundary);
    Ok((0..wanted.len()).map(|at| outcomes.remove(&at)).collect())
}

fn body(wanted: &[Wanted]) -> String {
    let part = |(at, wanted): (usize, &Wanted)| {
        let head = format!("--{BOUNDARY}\r\nContent-Type: application/http\r\nContent-ID: <{at}>\r\n\r\n");
        format!("{head}GET {} HTTP/1.1\r\n\r\n", wanted.path())
    };
    let parts: String = wanted.iter().enumerate().map(part).collect();
    format!("{parts}--{BOUNDARY}--\r\n")
}

fn boundary(content_type: &str) -> Option<&str> {
    let value = content_type.split("boundary=").nth(1)?.split(';').next()?;
    Some(value.trim().trim_matches('"'))
}

/// By the number that the part was sent with.
fn outcomes(text: &str, boundary: &str) -> HashMap<usize, Outcome> {
    if boundary.is_empty() {
        return HashMap::new();
    }
    let delimiter = format!("--{boundary}");
    text.split(delimiter.as_str()).filter_map(outcome).collect()
}

fn outcome(part: &str) -> Option<(usize, Outcome)> {
    let (envelope, answer) = split_head(part.trim_start())?;
    let id = field(envelope, "Content-ID")?.trim_matches(['<', '>']);
    let at = id.strip_prefix("response-").unwrap_or(id).parse().ok()?;
    let (head, body) = split_head(answer.trim_start())?;
    let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
    let body = body.trim();
    match (200..300).contains(&status) {
        true => Some((at, Ok(body.to_owned()))),
        false => Some((at, Err(Refusal::new(status, field(head, "Retry-After"), body.as_bytes())))),
    }
}

/// At the empty line.
fn split_head(text: &str) -> Option<(&str, &str)> {
    text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n"))
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart_by_their_id_and_status() {
        let text = "--x\r\nContent-Type: application/http\r\nContent-ID: <response-1>\r\n\r\nHTTP/1.1 429 Too Many\r\n\
                    Retry-After: 7\r\n\r\n{\"error\":{\"errors\":[{\"reason\":\"rateLimitExceeded\"}]}}\r\n\
                    --x\nContent-ID: <response-0>\n\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"id\":\"a\"}\n--x--";
        let outcomes = outcomes(text, boundary("multipart/mixed; boundary=\"x\"").unwrap());
        assert_eq!(outcomes[&0].as_deref(), Ok("{\"id\":\"a\"}"));
        let refusal = outcomes[&1].as_ref().unwrap_err();
        assert_eq!((refusal.status, refusal.retry_after, refusal.passes()), (429, Some(7), true));
        assert_eq!(outcomes.len(), 2);
    }
}
