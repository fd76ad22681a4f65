use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use integrations::providers::{Provider as _, Refused, Webhook, WebhookRequest};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::fake::{ADA, AUDIENCE, Fake};
use crate::mirror::Mirror;

const ACCOUNT: &str = "gmail-push@fake.iam.gserviceaccount.com";
const SUBSCRIPTION: &str = "projects/fake/subscriptions/gmail-push";

async fn token(fake: &Fake, more: Value) -> String {
    let now_s = Timestamp::now().as_second();
    let mut claims = json!({
        "iss": "https://accounts.google.com", "aud": AUDIENCE, "email": ACCOUNT, "email_verified": true,
        "iat": now_s, "exp": now_s + 3_600,
    });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    fake.order(json!({ "do": "sign", "claims": claims })).await["token"].as_str().unwrap().to_owned()
}

fn body(subscription: &str, data: &str) -> String {
    let message = json!({ "data": STANDARD.encode(data), "messageId": "7", "publishTime": "2026-05-01T00:00:00Z" });
    json!({ "message": message, "subscription": subscription }).to_string()
}

fn news() -> String {
    body(
        SUBSCRIPTION,
        &json!({ "emailAddress": "Ada@Example.com", "historyId": 9_007_199_254_740_993_u64 }).to_string(),
    )
}

async fn push(fake: &Fake, token: Option<&str>, body: &str) -> Result<Webhook, Refused> {
    let mut headers = HeaderMap::new();
    if let Some(token) = token {
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    fake.gmail.webhook(&WebhookRequest { headers: &headers, body: body.as_bytes(), now: Timestamp::now() }).await
}

#[tokio::test]
async fn a_push_that_google_signed_names_the_mailbox_and_its_delivery() {
    let fake = Fake::start();
    let token = token(&fake, json!({})).await;
    let webhook = push(&fake, Some(&token), &news()).await.unwrap();
    assert_eq!((webhook.delivery.as_deref(), webhook.routes[0].key.as_str()), (Some("7"), "mailbox:ada@example.com"));
    let mirror = Mirror::new(&fake.gmail, fake.connect(&fake.gmail, "").await.unwrap());
    assert_eq!(mirror.resources().await.unwrap()[0].routes, [format!("mailbox:{ADA}")]);
}

#[tokio::test]
async fn a_push_is_refused_for_each_thing_that_is_wrong_with_it() {
    let fake = Fake::start();
    assert!(matches!(push(&fake, None, &news()).await, Err(Refused::Forged(_))));
    assert!(matches!(push(&fake, Some("x.y.z"), &news()).await, Err(Refused::Forged(_))));
    let past = Timestamp::now().as_second() - 7_200;
    for wrong in [
        json!({ "iss": "https://example.com" }),
        json!({ "aud": "someone-else" }),
        json!({ "email": "other@fake.iam.gserviceaccount.com" }),
        json!({ "email_verified": false }),
        json!({ "iat": past, "exp": past + 3_600 }),
    ] {
        let token = token(&fake, wrong.clone()).await;
        assert!(matches!(push(&fake, Some(&token), &news()).await, Err(Refused::Forged(_))), "{wrong}");
    }
    let good = token(&fake, json!({})).await;
    let data = json!({ "emailAddress": ADA }).to_string();
    let other = body("projects/fake/subscriptions/other", &data);
    assert!(matches!(push(&fake, Some(&good), &other).await, Err(Refused::Forged(_))));
    // Signed by whom it should be, but senseless: not to be sent again.
    for poison in [
        "{",
        &body(SUBSCRIPTION, "no mailbox"),
        r#"{"message": {"data": "%%", "messageId": "1"}, "subscription": "s"}"#,
    ] {
        assert!(!matches!(push(&fake, Some(&good), poison).await, Ok(_) | Err(Refused::Unverifiable(_))), "{poison}");
    }
    push(&fake, Some(&token(&fake, json!({ "iss": "accounts.google.com" })).await), &news()).await.unwrap();
}

#[tokio::test]
async fn a_new_key_is_fetched_once_and_a_withdrawn_one_not_believed() {
    let fake = Fake::start();
    let old = token(&fake, json!({})).await;
    push(&fake, Some(&old), &news()).await.unwrap();
    assert_eq!(fake.calls("/certs").await, 1);
    fake.order(json!({ "do": "rotate_keys" })).await;
    let new = token(&fake, json!({})).await;
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {new}").parse().unwrap());
    let body = news();
    let request = WebhookRequest {
        headers: &headers,
        body: body.as_bytes(),
        now: Timestamp::now() + SignedDuration::from_secs(30),
    };
    fake.gmail.webhook(&request).await.unwrap();
    assert_eq!(fake.calls("/certs").await, 2);
    assert!(matches!(push(&fake, Some(&old), &news()).await, Err(Refused::Forged(_))));
    assert_eq!(fake.calls("/certs").await, 2);
}

#[tokio::test]
async fn without_googles_keys_a_push_may_come_again() {
    let fake = Fake::start();
    let token = token(&fake, json!({})).await;
    fake.fail("/certs", 503, "", json!({})).await;
    assert!(matches!(push(&fake, Some(&token), &news()).await, Err(Refused::Unverifiable(_))));
    push(&fake, Some(&token), &news()).await.unwrap();
}

#[tokio::test]
async fn without_a_subscription_set_up_no_push_is_believed_and_none_asked_for() {
    let fake = Fake::start_with(&[("GMAIL_PUSH_ACCOUNT", "")]);
    let token = token(&fake, json!({})).await;
    assert!(matches!(push(&fake, Some(&token), &news()).await, Err(Refused::Forged(_))));
    let mirror = Mirror::new(&fake.gmail, fake.connect(&fake.gmail, "").await.unwrap());
    assert!(mirror.subscribe(None, Timestamp::now()).await.is_none());
}

#[tokio::test]
async fn a_watch_is_renewed_every_day_and_never_stopped() {
    let fake = Fake::start();
    let mirror = Mirror::new(&fake.gmail, fake.connect(&fake.gmail, "").await.unwrap());
    let now = Timestamp::now();
    let watch = mirror.subscribe(None, now).await.unwrap();
    assert_eq!(watch.route, format!("mailbox:{ADA}"));
    let hours = SignedDuration::from_hours;
    assert!(mirror.subscribe(Some(&watch), now + hours(23)).await.is_none());
    assert!(mirror.subscribe(Some(&watch), now + hours(25)).await.is_some());
    // The mailbox has one watch: ending the old one would end the new one.
    fake.gmail.unsubscribe(&mirror.call(), &watch).await.unwrap();
    assert!(fake.state().await["watch"].is_object());
}
