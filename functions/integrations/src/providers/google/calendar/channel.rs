//! Channels: Google tells that a calendar changed, not what.
//!
//! A notification is not signed. It is believed if its channel is one of ours and it shows
//! the secret that the channel was opened with, together with the resource that Google
//! named then. A channel that could not be closed goes on talking until it ends: nobody
//! knows it any more, and it is acknowledged without effect.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Calendar, NAME, sync};
use crate::providers::google::api::{self, Trouble};
use crate::providers::{Call, Failure, Refused, Resource, Route, Subscription, Webhook};

/// Seconds that a channel is asked to live: Google's longest.
const TTL_SECONDS: &str = "604800";
/// The next one is opened this long before the end, so that they overlap.
const LEFT_MIN: SignedDuration = SignedDuration::from_hours(24);

/// What it takes to close a channel.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Channel {
    id: String,
    resource_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opened {
    resource_id: String,
    /// Milliseconds since 1970.
    expiration: Option<String>,
}

pub(super) async fn open(
    calendar: &Calendar,
    call: &Call<'_>,
    resource: &Resource,
    current: Option<&Subscription>,
) -> Result<Option<Subscription>, Failure> {
    if current.is_some_and(|current| current.expires_at > call.now + LEFT_MIN) {
        return Ok(None);
    }
    let calendar_id = resource.key.strip_prefix(sync::KEY_PREFIX).unwrap_or(&resource.key);
    let (id, token) = (random::<16>()?, random::<32>()?);
    let body = json!({
        "id": id, "type": "web_hook", "address": call.webhook_url, "token": token, "params": { "ttl": TTL_SECONDS },
    });
    let url = calendar.address(&["calendars", calendar_id, "events", "watch"])?;
    let opened: Opened = match api::json(call, calendar.google.http.post(url).json(&body)).await {
        Ok(opened) => opened,
        // Some calendars, such as holidays, tell nobody; the hourly look finds their changes.
        Err(Trouble::Refused(refusal)) if refusal.reason == "pushNotSupportedForRequestedResource" => return Ok(None),
        Err(trouble) => return Err(trouble.failure(NAME, call.now)),
    };
    let expires_at = opened.expiration.and_then(|ms| ms.parse().ok());
    Ok(Some(Subscription {
        route: route(&id),
        proof: Some(proof(&token, &opened.resource_id)),
        expires_at: expires_at.and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(call.now),
        data: json!(Channel { id, resource_id: opened.resource_id }),
    }))
}

/// A channel that is gone already is as good.
pub(super) async fn close(calendar: &Calendar, call: &Call<'_>, subscription: &Subscription) -> Result<(), Failure> {
    let url = calendar.address(&["channels", "stop"])?;
    match api::send(call, calendar.google.http.post(url).json(&subscription.data)).await {
        Err(trouble) if trouble.status() != Some(404) => Err(trouble.failure(NAME, call.now)),
        _ => Ok(()),
    }
}

pub(super) fn verify(headers: &HeaderMap) -> Result<Webhook, Refused> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let id = header("x-goog-channel-id").ok_or(Refused::Forged("it names no channel"))?;
    let token = header("x-goog-channel-token").ok_or(Refused::Forged("it shows no token"))?;
    let resource_id = header("x-goog-resource-id").ok_or(Refused::Forged("it names no resource"))?;
    let number = header("x-goog-message-number").ok_or(Refused::Malformed("it has no number"))?;
    let routes = match header("x-goog-resource-state") {
        // The first message says only that the channel is open.
        Some("sync") => Vec::new(),
        Some("exists" | "not_exists") => vec![Route { key: route(id), proof: Some(proof(token, resource_id)) }],
        _ => return Err(Refused::Malformed("it says nothing that we know")),
    };
    Ok(Webhook { delivery: Some(format!("{id}:{number}")), routes })
}

fn route(id: &str) -> String {
    format!("channel:{id}")
}

/// What a notification has to show, in one.
fn proof(token: &str, resource_id: &str) -> String {
    format!("{token} {resource_id}")
}

fn random<const BYTES: usize>() -> Result<String, Failure> {
    let mut bytes = [0; BYTES];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Failure::retry("The system has no random numbers to give"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(state: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-goog-channel-id", "c"),
            ("x-goog-channel-token", "t"),
            ("x-goog-resource-id", "r"),
            ("x-goog-message-number", "12"),
            ("x-goog-resource-state", state),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_notification_shows_channel_token_and_resource() {
        let webhook = verify(&headers("exists")).unwrap();
        assert_eq!(webhook.delivery.as_deref(), Some("c:12"));
        assert_eq!(webhook.routes, [Route { key: "channel:c".into(), proof: Some("t r".into()) }]);
        assert!(verify(&headers("sync")).unwrap().routes.is_empty());
    }

    #[test]
    fn without_any_of_them_it_is_forged() {
        for name in ["x-goog-channel-id", "x-goog-channel-token", "x-goog-resource-id"] {
            let mut headers = headers("exists");
            headers.remove(name);
            assert!(matches!(verify(&headers), Err(Refused::Forged(_))), "{name}");
        }
    }
}
