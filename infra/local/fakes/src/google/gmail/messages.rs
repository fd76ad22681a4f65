//! Reading: profile, labels, lists and single messages.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::{Extension, Path, RawQuery, State};
use serde_json::{Value, json};

use super::format::{self, Format};
use super::mailbox::{Mailbox, Message};
use super::search;
use crate::google::access::Caller;
use crate::google::query::Parameters;
use crate::google::refusal::Refusal;
use crate::google::state::Google;

/// Entries of a page when the caller names no number, and at most.
const PAGE_DEFAULT: usize = 100;
const PAGE_MAX: usize = 500;

type Answer = Result<Json<Value>, Refusal>;

/// Labels that every mailbox has.
const SYSTEM_LABELS: [&str; 8] = ["INBOX", "SENT", "DRAFT", "SPAM", "TRASH", "UNREAD", "STARRED", "IMPORTANT"];

pub(crate) async fn profile(State(google): State<Google>, Extension(caller): Extension<Caller>) -> Answer {
    with(&google, &caller, |mailbox, _| {
        let threads: BTreeSet<_> = mailbox.messages.values().map(|message| &message.thread_id).collect();
        Ok(json!({
            "emailAddress": caller.email,
            "messagesTotal": mailbox.messages.len(),
            "threadsTotal": threads.len(),
            "historyId": mailbox.history_id.to_string(),
        }))
    })
}

pub(crate) async fn labels(State(google): State<Google>, Extension(caller): Extension<Caller>) -> Answer {
    with(&google, &caller, |mailbox, _| {
        let used = mailbox.messages.values().flat_map(|message| message.labels.iter().map(String::as_str));
        let all: BTreeSet<_> = used.chain(SYSTEM_LABELS).collect();
        let labels: Vec<_> = all.into_iter().map(label).collect();
        Ok(json!({ "labels": labels }))
    })
}

fn label(id: &str) -> Value {
    let kind = if SYSTEM_LABELS.contains(&id) { "system" } else { "user" };
    json!({ "id": id, "name": id.strip_prefix("Label_").unwrap_or(id), "type": kind })
}

pub(crate) async fn list(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Parameters::parse(query);
    if query.one("q").is_some() && caller.metadata_only() {
        return Err(Refusal::new(403, "forbidden", "Metadata scope does not support 'q' parameter"));
    }
    with(&google, &caller, |mailbox, now_ms| {
        let found: Vec<_> = found(mailbox, &query, now_ms).into_iter().map(stub).collect();
        paged(&query, "messages", found)
    })
}

pub(crate) async fn get(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Parameters::parse(query);
    let format = Format::parse(query.one("format")).ok_or_else(|| Refusal::invalid("Invalid value for format"))?;
    if matches!(format, Format::Full | Format::Raw) && caller.metadata_only() {
        return Err(Refusal::new(403, "forbidden", "Metadata scope doesn't allow format FULL"));
    }
    with(&google, &caller, |mailbox, _| {
        let message = mailbox.messages.get(&id).ok_or_else(Refusal::not_found)?;
        Ok(format::message(message, format, &query.all("metadataHeaders")))
    })
}

pub(crate) async fn threads(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Parameters::parse(query);
    with(&google, &caller, |mailbox, now_ms| {
        let mut seen = BTreeSet::new();
        let found = found(mailbox, &query, now_ms);
        let first_of_each = found.into_iter().filter(|message| seen.insert(message.thread_id.clone()));
        let threads = first_of_each.map(
            |message| json!({ "id": message.thread_id, "snippet": "", "historyId": message.history_id.to_string() }),
        );
        paged(&query, "threads", threads.collect())
    })
}

pub(crate) async fn thread(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = Parameters::parse(query);
    let format = Format::parse(query.one("format")).ok_or_else(|| Refusal::invalid("Invalid value for format"))?;
    with(&google, &caller, |mailbox, _| {
        let messages: BTreeMap<_, _> = mailbox.messages.iter().filter(|(_, one)| one.thread_id == id).collect();
        let newest = messages.values().map(|message| message.history_id).max().ok_or_else(Refusal::not_found)?;
        let headers = query.all("metadataHeaders");
        let shown: Vec<_> = messages.values().map(|message| format::message(message, format, &headers)).collect();
        Ok(json!({ "id": id, "historyId": newest.to_string(), "messages": shown }))
    })
}

/// Looks at the caller's mailbox at this time, milliseconds since 1970.
pub(crate) fn with(
    google: &Google,
    caller: &Caller,
    look: impl FnOnce(&Mailbox, i64) -> Result<Value, Refusal>,
) -> Answer {
    let data = google.read();
    let account = data.account(&caller.email).ok_or_else(Refusal::unauthenticated)?;
    look(&account.mailbox, google.now_ms()).map(Json)
}

/// The newest first, as Gmail lists.
fn found<'a>(mailbox: &'a Mailbox, query: &Parameters, now_ms: i64) -> Vec<&'a Message> {
    let labels = query.all("labelIds");
    let everywhere = query.one("includeSpamTrash") == Some("true");
    let hidden =
        |message: &Message| !everywhere && ["SPAM", "TRASH"].iter().any(|label| message.labels.contains(*label));
    let matches = |message: &&Message| {
        !hidden(message)
            && labels.iter().all(|label| message.labels.contains(label))
            && query.one("q").is_none_or(|text| search::finds(text, message, now_ms))
    };
    let mut found: Vec<_> = mailbox.messages.values().filter(matches).collect();
    found.sort_by_key(|message| std::cmp::Reverse((message.at_ms, message.id.clone())));
    found
}

fn stub(message: &Message) -> Value {
    json!({ "id": message.id, "threadId": message.thread_id })
}

fn paged(query: &Parameters, name: &str, mut entries: Vec<Value>) -> Result<Value, Refusal> {
    let size = query.number("maxResults").unwrap_or(PAGE_DEFAULT).min(PAGE_MAX);
    let from = query.one("pageToken").map_or(Ok(0), str::parse::<usize>);
    let from = from.map_err(|_| Refusal::invalid("Invalid pageToken"))?;
    let total = entries.len();
    let page: Vec<_> = entries.drain(from.min(total)..(from + size).min(total)).collect();
    let mut answer = json!({ "resultSizeEstimate": total });
    // As Gmail: an empty list has no key at all.
    if !page.is_empty() {
        answer[name] = page.into();
    }
    if from + size < total {
        answer["nextPageToken"] = (from + size).to_string().into();
    }
    Ok(answer)
}
