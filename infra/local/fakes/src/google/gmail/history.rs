//! `history.list`: what happened behind an id.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Extension, RawQuery, State};
use serde_json::{Value, json};

use super::mailbox::{Change, Mailbox, Record};
use super::messages::with;
use crate::google::access::Caller;
use crate::google::query::Parameters;
use crate::google::refusal::Refusal;
use crate::google::state::Google;

const PAGE_DEFAULT: usize = 100;
const PAGE_MAX: usize = 500;

pub(crate) async fn list(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Refusal> {
    let query = Parameters::parse(query);
    with(&google, &caller, |mailbox, _| answer(mailbox, &query))
}

fn answer(mailbox: &Mailbox, query: &Parameters) -> Result<Value, Refusal> {
    let start = query.one("startHistoryId").ok_or_else(|| Refusal::invalid("Missing startHistoryId"))?;
    let start: u64 = start.parse().map_err(|_| Refusal::invalid("Invalid value at 'start_history_id'"))?;
    if start > mailbox.history_id {
        return Err(Refusal::invalid("Invalid startHistoryId"));
    }
    if start < mailbox.oldest {
        return Err(Refusal::not_found());
    }
    let from = query.one("pageToken").map_or(Ok(start), str::parse::<u64>);
    let from = from.map_err(|_| Refusal::invalid("Invalid pageToken"))?;
    let size = query.number("maxResults").unwrap_or(PAGE_DEFAULT).min(PAGE_MAX);
    let (types, label) = (query.all("historyTypes"), query.one("labelId"));
    let wanted = |record: &&Record| {
        record.id > from
            && (types.is_empty() || types.iter().any(|name| name == type_name(&record.change)))
            && label.is_none_or(|label| record.labels.contains(label))
    };
    let mut records = mailbox.history.iter().filter(wanted);
    let page: Vec<_> = records.by_ref().take(size).collect();
    let mut answer = json!({ "historyId": mailbox.history_id.to_string() });
    if !page.is_empty() {
        answer["history"] = page.iter().map(|record| entry(record)).collect();
    }
    if let (Some(last), Some(_)) = (page.last(), records.next()) {
        answer["nextPageToken"] = last.id.to_string().into();
    }
    Ok(answer)
}

fn type_name(change: &Change) -> &'static str {
    match change {
        Change::Added => "messageAdded",
        Change::Deleted => "messageDeleted",
        Change::LabelsAdded(_) => "labelAdded",
        Change::LabelsRemoved(_) => "labelRemoved",
    }
}

fn entry(record: &Record) -> Value {
    let bare = json!({ "id": record.message_id, "threadId": record.thread_id });
    let message = with_labels(&bare, &record.labels);
    let mut entry = json!({ "id": record.id.to_string(), "messages": [bare] });
    match &record.change {
        Change::Added => entry["messagesAdded"] = json!([{ "message": message }]),
        Change::Deleted => entry["messagesDeleted"] = json!([{ "message": message }]),
        Change::LabelsAdded(labels) => entry["labelsAdded"] = json!([{ "message": message, "labelIds": labels }]),
        Change::LabelsRemoved(labels) => entry["labelsRemoved"] = json!([{ "message": message, "labelIds": labels }]),
    }
    entry
}

fn with_labels(bare: &Value, labels: &BTreeSet<String>) -> Value {
    let mut message = bare.clone();
    message["labelIds"] = json!(labels);
    message
}
