//! What there is at Google, as a test compares it with what was synced.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::google::access::Api;
use crate::google::account::Account;
use crate::google::calendar::store::Calendar;
use crate::google::gmail::format::{self, Format};
use crate::google::state::Google;

#[derive(Debug, Deserialize)]
pub(crate) struct Whose {
    account: Option<String>,
}

/// Everything of one person, or of all of them.
pub(crate) async fn show(State(google): State<Google>, Query(whose): Query<Whose>) -> Json<Value> {
    let data = google.read();
    let wanted = |account: &&Account| whose.account.as_ref().is_none_or(|email| account.email == *email);
    let live = google.live();
    let accounts = data.accounts.iter().filter(wanted).map(|account| {
        let mut shown = of(account);
        shown["refresh_tokens"] = data.grants.live(&account.email).into();
        let units = |api| live.quota.ever(&account.email, api);
        shown["units"] = json!({ "gmail": units(Api::Gmail), "calendar": units(Api::Calendar) });
        shown
    });
    Json(json!({ "accounts": accounts.collect::<Vec<_>>(), "sent": live.delivery.sent }))
}

fn of(account: &Account) -> Value {
    let messages = account.mailbox.messages.values().map(|message| format::message(message, Format::Metadata, &[]));
    let calendars = account.calendars.by_id.iter().filter(|(_, calendar)| !calendar.removed);
    json!({
        "email": account.email,
        "sub": account.sub,
        "history_id": account.mailbox.history_id.to_string(),
        "messages": messages.collect::<Vec<_>>(),
        "watch": account.mailbox.watch,
        "calendars": calendars.map(|(id, calendar)| calendar_of(id, calendar)).collect::<Vec<_>>(),
        "channels": account.calendars.channels,
    })
}

fn calendar_of(id: &str, calendar: &Calendar) -> Value {
    let live = calendar.events.values().filter(|event| !event.cancelled);
    let events: Vec<_> = live.map(|event| &event.resource).collect();
    json!({ "id": id, "summary": calendar.summary, "events": events })
}
