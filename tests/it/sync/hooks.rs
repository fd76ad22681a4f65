//! What services tell by themselves, or what somebody tells in their name.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Api, Service};

use super::Connected;

/// Sends a webhook as somebody does who can reach us.
async fn send(api: &Api, service: Service, headers: &[(&str, &str)], body: &str) -> Result<u16> {
    let request = api.request(Method::POST, &format!("/webhooks/{}", service.name())).body(body.to_owned());
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    Ok(api.answer(request).await?.status)
}

/// The last webhook that the service sent, to be sent again.
async fn last(connected: &Connected) -> Result<(Vec<(String, String)>, String)> {
    let account = &connected.account;
    if account.service == Service::Github {
        let deliveries = account.github(Method::GET, "/deliveries", Value::Null).await?;
        let one = deliveries.as_array().and_then(|all| all.iter().max_by_key(|one| one["id"].as_u64()));
        let one = one.context("a delivery")?;
        let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let headers = [
            ("x-github-event", text("event")),
            ("x-github-delivery", text("guid")),
            ("x-hub-signature-256", text("signature")),
        ];
        return Ok((headers.map(|(name, value)| (name.to_owned(), value)).into(), text("payload")));
    }
    let sent = connected.stack.fakes().get("/control/google").await?.expect(200)?["sent"].clone();
    let one = sent.as_array().and_then(|sent| sent.last()).context("a notification")?;
    let pairs: Vec<(String, String)> = serde_json::from_value(one["headers"].clone())?;
    Ok((pairs, one["body"].as_str().unwrap_or_default().to_owned()))
}

fn as_text(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// How many runs a webhook began.
async fn told(connected: &Connected) -> Result<usize> {
    Ok(connected.reasons().await?.iter().filter(|reason| *reason == "webhook").count())
}

/// `forge` makes something else of a true webhook; it is refused, or leads nowhere.
async fn starts_nothing(service: Service, forge: impl Fn(&mut Vec<(String, String)>, &mut String)) -> Result<()> {
    let connected = Connected::new(service).await?;
    let Connected { stack, account, integration, .. } = &connected;
    // Its webhook alone can have told of it, so none is on its way any more.
    account.add("One more").await?;
    account.agrees(integration).await?;
    connected.settled().await?;
    let (true_headers, true_body) = last(&connected).await?;
    account.be_silent(true).await?;
    account.change(2).await?;

    let before = told(&connected).await?;
    let (mut headers, mut body) = (true_headers.clone(), true_body.clone());
    forge(&mut headers, &mut body);
    let status = send(&stack.stranger(), service, &as_text(&headers), &body).await?;
    // Who forges a channel's notification is not told that its channel exists.
    assert_eq!(status, if service == Service::Calendar { 202 } else { 401 });
    let replayed = send(&stack.stranger(), service, &as_text(&true_headers), &true_body).await?;
    assert_eq!(replayed, 202, "a replay is acknowledged");
    integration.sync().await?;
    assert_eq!(told(&connected).await?, before, "and neither began a run");

    // What was forged does not stand in the way of what is true.
    account.be_silent(false).await?;
    account.change(3).await?;
    account.agrees(integration).await
}

fn set(headers: &mut [(String, String)], name: &str, change: impl Fn(&str) -> String) {
    headers.iter_mut().filter(|(each, _)| each == name).for_each(|(_, value)| *value = change(value));
}

#[tokio::test]
async fn what_github_did_not_sign_starts_nothing_and_a_replay_neither() -> Result<()> {
    starts_nothing(Service::Github, |headers, body| {
        set(headers, "x-github-delivery", |_| "a-new-one".into());
        body.push(' ');
    })
    .await
}

#[tokio::test]
async fn what_google_did_not_sign_starts_nothing_and_a_replay_neither() -> Result<()> {
    starts_nothing(Service::Gmail, |headers, body| {
        // The last letters of the signature are others.
        set(headers, "authorization", |token| format!("{}AAAA", &token[..token.len() - 4]));
        *body = body.replace("messageId\":\"", "messageId\":\"9");
    })
    .await
}

#[tokio::test]
async fn a_notification_without_its_channels_token_starts_nothing_and_a_replay_neither() -> Result<()> {
    starts_nothing(Service::Calendar, |headers, _| {
        set(headers, "x-goog-channel-token", |_| "guessed".into());
        // The number of one that is to come: the true one is not taken for a repeat of it.
        set(headers, "x-goog-message-number", |number| (number.parse::<u64>().unwrap_or(0) + 1).to_string());
    })
    .await
}

#[tokio::test]
async fn webhooks_that_come_late_in_disorder_or_twice_lead_to_the_same_state() -> Result<()> {
    for service in Service::ALL {
        let connected = Connected::new(service).await?;
        let Connected { account, integration, .. } = &connected;
        account.hold_back().await?;
        account.change(1).await?;
        account.change(2).await?;
        account.release().await?;
        account.agrees(integration).await?;
        if service != Service::Github {
            account.google(json!({ "do": "notifications", "mode": "double" })).await?;
        }
        account.change(3).await?;
        account.agrees(integration).await?;
        // A full synchronisation by somebody else shows the same.
        let (_, other) = super::user(&connected.stack).await?;
        let afresh = account.connect(&other).await?;
        account.agrees(&afresh).await?;
        let own = tests::listed(&integration.entities("").await?);
        assert_eq!(own, tests::listed(&afresh.entities("").await?), "{service:?}");
    }
    Ok(())
}
