//! Writing: send, labels, delete.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::format::{self, Format};
use super::mailbox::{Mailbox, NewMessage};
use super::watch::push;
use crate::google::access::Caller;
use crate::google::refusal::Refusal;
use crate::google::state::Google;

type Answer = Result<Json<Value>, Refusal>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Outgoing {
    raw: String,
    thread_id: Option<String>,
}

pub(crate) async fn send(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    Json(outgoing): Json<Outgoing>,
) -> Answer {
    let raw = URL_SAFE_NO_PAD.decode(&outgoing.raw).or_else(|_| URL_SAFE.decode(&outgoing.raw));
    let raw = raw.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let raw = raw.ok_or_else(|| Refusal::invalid("Invalid raw"))?.replace("\r\n", "\n");
    let (head, body) = raw.split_once("\n\n").unwrap_or((&raw, ""));
    let head = head.replace("\n ", " ");
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut headers: Vec<_> = lines.map(|(name, value)| (name.to_owned(), words(value))).collect();
    let is_base64 = headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("content-transfer-encoding") && value.eq_ignore_ascii_case("base64")
    });
    let body = match is_base64 {
        true => base64(&body.replace('\n', "")).ok_or_else(|| Refusal::invalid("Invalid body"))?,
        false => body.to_owned(),
    };
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("to")) {
        return Err(Refusal::invalid("Recipient address required"));
    }
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("from")) {
        headers.push(("From".to_owned(), caller.email.clone()));
    }
    change(&google, &caller, |mailbox, at_ms| {
        let labels = vec!["SENT".to_owned()];
        let new = NewMessage { thread_id: outgoing.thread_id, labels, at_ms, headers, body };
        let id = mailbox.add(new);
        Ok(format::message(&mailbox.messages[&id], Format::Minimal, &[]))
    })
}

/// A header's words as they are meant, encoded (RFC 2047) or not.
fn words(value: &str) -> String {
    let encoded = |word: &str| base64(word.strip_prefix("=?utf-8?B?")?.strip_suffix("?=")?);
    let decoded: Option<String> = value.split(' ').map(encoded).collect();
    decoded.unwrap_or_else(|| value.to_owned())
}

fn base64(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Relabel {
    add_label_ids: Vec<String>,
    remove_label_ids: Vec<String>,
}

pub(crate) async fn modify(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Json(wanted): Json<Relabel>,
) -> Answer {
    change(&google, &caller, |mailbox, _| {
        let known = mailbox.relabel(&id, &wanted.add_label_ids, &wanted.remove_label_ids);
        known.then(|| format::message(&mailbox.messages[&id], Format::Minimal, &[])).ok_or_else(Refusal::not_found)
    })
}

pub(crate) async fn delete(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let deleted = |mailbox: &mut Mailbox, _| mailbox.delete(&id).then(|| json!({})).ok_or_else(Refusal::not_found);
    drop(change(&google, &caller, deleted)?);
    Ok(StatusCode::NO_CONTENT)
}

/// Changes the caller's mailbox and tells whoever watches it.
fn change(
    google: &Google,
    caller: &Caller,
    change: impl FnOnce(&mut Mailbox, i64) -> Result<Value, Refusal>,
) -> Answer {
    let mut data = google.write();
    let account = data.account_mut(&caller.email).ok_or_else(Refusal::unauthenticated)?;
    let changed = change(&mut account.mailbox, google.now_ms())?;
    push(google, &mut data, &caller.email);
    Ok(Json(changed))
}
