//! Push channels: watch, stop, and the notifications, which say only that something changed.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::events::missing;
use crate::google::access::Caller;
use crate::google::delivery::{Notification, Sender};
use crate::google::refusal::Refusal;
use crate::google::state::{Data, Google, time_text};

/// Seconds that a channel lives when its maker names none, and at most.
const CHANNEL_SECONDS: i64 = 7 * 86_400;
const ID_CHARS_MAX: usize = 64;
const TOKEN_CHARS_MAX: usize = 256;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) resource_id: String,
    pub(crate) calendar: String,
    address: String,
    token: Option<String>,
    pub(crate) ends_s: i64,
    /// The last message's number.
    number: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    address: String,
    token: Option<String>,
    #[serde(default)]
    params: Value,
}

pub(crate) async fn watch(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    Path(calendar): Path<String>,
    Json(wanted): Json<Wanted>,
) -> Result<Json<Value>, Refusal> {
    check(&wanted)?;
    let now_s = google.now_s();
    let mut data = google.write();
    if data.accounts.iter().flat_map(|account| &account.calendars.channels).any(|channel| channel.id == wanted.id) {
        return Err(Refusal::new(400, "channelIdNotUnique", &format!("Channel id {} not unique", wanted.id)));
    }
    let asked = wanted.params["ttl"].as_str().and_then(|seconds| seconds.parse::<i64>().ok());
    let account = data.account_mut(&caller.email).ok_or_else(Refusal::unauthenticated)?;
    let (calendar, _) = account.calendars.get(&calendar).ok_or_else(missing)?;
    let channel = Channel {
        resource_id: format!("res-{}-{}", account.sub, hex::encode(calendar)),
        calendar: calendar.clone(),
        id: wanted.id,
        address: wanted.address,
        token: wanted.token,
        ends_s: now_s + asked.unwrap_or(CHANNEL_SECONDS).min(CHANNEL_SECONDS),
        number: 0,
    };
    let answer = json!({
        "kind": "api#channel", "id": channel.id, "resourceId": channel.resource_id, "token": channel.token,
        "resourceUri": uri(&channel.calendar), "expiration": (channel.ends_s * 1_000).to_string(),
    });
    let (id, email) = (channel.id.clone(), caller.email);
    account.calendars.channels.push(channel);
    tell(&google, &mut data, &email, "sync", |channel| channel.id == id);
    Ok(Json(answer))
}

fn check(wanted: &Wanted) -> Result<(), Refusal> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_+/=".contains(c);
    let id = !wanted.id.is_empty() && wanted.id.len() <= ID_CHARS_MAX && wanted.id.chars().all(plain);
    let local = ["http://127.0.0.1", "http://localhost"].iter().any(|host| wanted.address.starts_with(host));
    match () {
        () if !id => Err(Refusal::new(400, "invalid", "Invalid channel id")),
        () if wanted.kind != "web_hook" => Err(Refusal::new(400, "unknownChannelType", "Unknown channel type")),
        () if wanted.token.as_ref().is_some_and(|token| token.len() > TOKEN_CHARS_MAX) => {
            Err(Refusal::new(400, "invalid", "Channel token is too long"))
        }
        () if !local && !wanted.address.starts_with("https://") => {
            Err(Refusal::new(400, "push.webhookUrlNotHttps", "WebHook callback must be HTTPS"))
        }
        () => Ok(()),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ending {
    id: String,
    resource_id: String,
}

pub(crate) async fn stop(
    State(google): State<Google>,
    Extension(caller): Extension<Caller>,
    Json(ending): Json<Ending>,
) -> Result<StatusCode, Refusal> {
    let mut data = google.write();
    let channels = &mut data.account_mut(&caller.email).ok_or_else(Refusal::unauthenticated)?.calendars.channels;
    let this = |channel: &Channel| channel.id == ending.id && channel.resource_id == ending.resource_id;
    let at = channels.iter().position(this);
    channels.remove(at.ok_or_else(|| Refusal::new(404, "notFound", "Channel not found"))?);
    Ok(StatusCode::NO_CONTENT)
}

/// Tells every live channel of the calendar that something changed.
pub(crate) fn notify(google: &Google, data: &mut Data, email: &str, calendar: &str) {
    tell(google, data, email, "exists", |channel| channel.calendar == calendar);
}

fn tell(google: &Google, data: &mut Data, email: &str, state: &str, wanted: impl Fn(&Channel) -> bool) {
    let now_s = google.now_s();
    let Some(account) = data.account_mut(email) else { return };
    let live = account.calendars.channels.iter_mut().filter(|channel| now_s < channel.ends_s && wanted(channel));
    let notifications: Vec<_> = live.map(|channel| notification(channel, state)).collect();
    for notification in notifications {
        google.live().delivery.give(&google.world().http, notification);
    }
}

fn notification(channel: &mut Channel, state: &str) -> Notification {
    // 1 is the first one; then increasing, with gaps.
    channel.number += if channel.number == 0 { 1 } else { 1 + channel.number % 3 };
    let mut headers = vec![
        ("x-goog-channel-id", channel.id.clone()),
        ("x-goog-channel-expiration", time_text(channel.ends_s * 1_000)),
        ("x-goog-message-number", channel.number.to_string()),
        ("x-goog-resource-id", channel.resource_id.clone()),
        ("x-goog-resource-state", state.to_owned()),
        ("x-goog-resource-uri", uri(&channel.calendar)),
    ];
    headers.extend(channel.token.clone().map(|token| ("x-goog-channel-token", token)));
    Notification { sender: Sender::Channel, url: channel.address.clone(), headers, body: String::new() }
}

fn uri(calendar: &str) -> String {
    format!("https://www.googleapis.com/calendar/v3/calendars/{calendar}/events?alt=json")
}
