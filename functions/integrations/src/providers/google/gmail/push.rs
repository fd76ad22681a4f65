//! Pub/Sub pushes: asking for them, and believing them.
//!
//! A push says only that a mailbox changed. What changed is read from our own place in
//! its history; the place that the push names may be ahead of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::{Value, json};
use web::jwks::{Expected, TokenError};

use super::{Gmail, NAME};
use crate::providers::google::{Google, ISSUERS, api};
use crate::providers::{Call, Failure, Refused, Route, Settings, Subscription, Webhook, WebhookRequest};

/// Google ends a watch after 7 days and wants it renewed every day.
const LEFT_MIN: SignedDuration = SignedDuration::from_hours(6 * 24);

/// What the operator set up at Pub/Sub; without it there are no pushes, only the hourly look.
pub(super) struct Push {
    topic: String,
    subscription: String,
    account: String,
    audience: String,
}

#[derive(Deserialize)]
struct Sender {
    email: String,
    #[serde(default)]
    email_verified: bool,
}

#[derive(Deserialize)]
struct Envelope {
    message: Message,
    subscription: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    data: String,
    message_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct News {
    email_address: String,
}

#[derive(Deserialize)]
struct Watch {
    expiration: String,
}

/// How webhooks speak of a mailbox. Several tenants may hold the same one.
pub(super) fn route(email: &str) -> String {
    format!("mailbox:{}", email.to_lowercase())
}

impl Push {
    pub(super) fn new(settings: &Settings) -> Self {
        let get = |name| settings.get(name).unwrap_or_default().to_owned();
        Self {
            topic: get("GMAIL_TOPIC"),
            subscription: get("GMAIL_PUSH_SUBSCRIPTION"),
            account: get("GMAIL_PUSH_ACCOUNT"),
            audience: get("GMAIL_PUSH_AUDIENCE"),
        }
    }

    fn configured(&self) -> bool {
        [&self.topic, &self.subscription, &self.account, &self.audience].iter().all(|value| !value.is_empty())
    }

    pub(super) async fn verify(&self, google: &Google, request: &WebhookRequest<'_>) -> Result<Webhook, Refused> {
        if !self.configured() {
            return Err(Refused::Forged("no push is set up"));
        }
        let authorization = request.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
        let token = token.ok_or(Refused::Forged("there is no token"))?;
        let expected = Expected { issuers: &ISSUERS, audience: &self.audience };
        let sender: Sender = google.jwks.verify(token, &expected, request.now).await.map_err(refused)?;
        if sender.email != self.account || !sender.email_verified {
            return Err(Refused::Forged("the token is of another account"));
        }
        let envelope: Envelope =
            serde_json::from_slice(request.body).map_err(|_| Refused::Malformed("it is no Pub/Sub message"))?;
        if envelope.subscription != self.subscription {
            return Err(Refused::Forged("it comes by another subscription"));
        }
        let data = STANDARD.decode(&envelope.message.data).map_err(|_| Refused::Malformed("its data is not base64"))?;
        let news: News = serde_json::from_slice(&data).map_err(|_| Refused::Malformed("it names no mailbox"))?;
        let route = Route { key: route(&news.email_address), proof: None };
        Ok(Webhook { delivery: Some(envelope.message.message_id), routes: vec![route] })
    }
}

fn refused(error: TokenError) -> Refused {
    match error {
        TokenError::Unavailable(source) => Refused::Unverifiable(source.into()),
        TokenError::Expired => Refused::Forged("the token's time is over"),
        _ => Refused::Forged("the token is not Google's for us"),
    }
}

/// Asks for pushes, or asks again when the watch is a day old.
pub(super) async fn watch(
    gmail: &Gmail,
    call: &Call<'_>,
    current: Option<&Subscription>,
) -> Result<Option<Subscription>, Failure> {
    if !gmail.push.configured() || current.is_some_and(|current| current.expires_at > call.now + LEFT_MIN) {
        return Ok(None);
    }
    let request = gmail.google.http.post(format!("{}/gmail/v1/users/me/watch", gmail.url));
    let request = request.json(&json!({ "topicName": gmail.push.topic }));
    let watch: Watch = api::json(call, request).await.map_err(|trouble| trouble.failure(NAME, call.now))?;
    let expires_at = watch.expiration.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    Ok(Some(Subscription {
        route: route(&call.account.name),
        proof: None,
        expires_at: expires_at.unwrap_or(call.now),
        data: Value::Null,
    }))
}
