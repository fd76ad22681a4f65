//! Mail that is sent.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::Action;
use serde_json::{Value, json};

use super::{Gmail, NAME};
use crate::providers::google::api;
use crate::providers::{Call, Failure};

/// Sends mail and reads none.
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/gmail.send";
/// Bytes of a line of base64 in a mail.
const LINE: usize = 76;
/// Bytes of text that fit into one encoded word, with room for its frame.
const WORD: usize = 42;

pub(super) async fn act(gmail: &Gmail, call: &Call<'_>, action: &Action) -> Result<Value, Failure> {
    let Action::SendMail { to, cc, subject, body } = action else {
        return Err(Failure::bug("Gmail does not do that"));
    };
    let raw = URL_SAFE_NO_PAD.encode(mail(to, cc, subject, body));
    let request = gmail.google.http.post(format!("{}/gmail/v1/users/me/messages/send", gmail.url));
    let sent: Value = api::json(call, request.json(&json!({ "raw": raw })))
        .await
        .map_err(|trouble| trouble.undone(NAME, call.now))?;
    Ok(json!({ "id": sent["id"], "thread_id": sent["threadId"] }))
}

/// A mail as RFC 5322 has it. Nothing that was given can end a header and begin another: the
/// addresses were checked, and a subject loses its control characters.
fn mail(to: &[String], cc: &[String], subject: &str, body: &str) -> String {
    let mut mail = format!("To: {}\r\n", to.join(",\r\n "));
    if !cc.is_empty() {
        mail += &format!("Cc: {}\r\n", cc.join(",\r\n "));
    }
    mail += &format!("Subject: {}\r\n", encoded(subject));
    mail += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    let body = STANDARD.encode(body);
    for line in body.as_bytes().chunks(LINE) {
        mail += &String::from_utf8_lossy(line);
        mail += "\r\n";
    }
    mail
}

/// Words of a header in any language (RFC 2047).
fn encoded(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.is_ascii() {
        return text;
    }
    let (mut words, mut word) = (Vec::new(), String::new());
    for c in text.chars() {
        if word.len() + c.len_utf8() > WORD {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    let words: Vec<String> = words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word))).collect();
    words.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_has_the_headers_that_were_meant_and_no_other() {
        let addresses = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let written = mail(&addresses(&["a@x.org", "b@x.org"]), &[], "Hi\r\nBcc: evil@x.org", "Grüße");
        let (head, body) = written.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("Subject: Hi  Bcc: evil@x.org\r\n") && !head.contains("\nBcc"));
        assert_eq!(STANDARD.decode(body.trim()).unwrap(), "Grüße".as_bytes());
        let long = encoded(&"ü".repeat(100));
        assert!(long.lines().all(|line| line.len() <= 77 && line.trim().starts_with("=?utf-8?B?")));
    }
}
