//! Webhooks: what is believed, whom they concern, and those that were lost.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Stage, id};
use crate::providers::{Provider, Refused, Webhook, WebhookRequest};

/// A delivery of the fake's log, as it was sent.
fn headers(delivery: &Value) -> HeaderMap {
    let text = |name: &str| delivery[name].as_str().expect("a text").parse().expect("a header's value");
    let mut headers = HeaderMap::new();
    headers.insert("x-github-event", text("event"));
    headers.insert("x-github-delivery", text("guid"));
    headers.insert("x-hub-signature-256", text("signature"));
    headers
}

async fn read(stage: &Stage, headers: &HeaderMap, body: &[u8]) -> Result<Webhook, Refused> {
    stage.github.webhook(&WebhookRequest { headers, body, now: Timestamp::now() }).await
}

async fn deliveries(stage: &Stage) -> Vec<Value> {
    stage.control("GET", "/deliveries", Value::Null).await.as_array().expect("deliveries").clone()
}

#[tokio::test]
async fn githubs_own_example_is_accepted_and_anything_else_is_not() {
    let stage = Stage::start_with(&[("GITHUB_WEBHOOK_SECRET", "another secret, It's a Secret to Everybody")]).await;
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let with = |signature: &str| {
        let pairs = [("x-github-event", "ping"), ("x-hub-signature-256", signature)];
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect::<HeaderMap>()
    };
    // Signed, but no JSON.
    assert!(matches!(read(&stage, &with(signature), b"Hello, World!").await, Err(Refused::Malformed(_))));
    for (headers, body) in [
        (with(signature), &b"Hello, World?"[..]),
        (with(&signature.replace("75", "76")), b"Hello, World!"),
        (with("sha256="), b"Hello, World!"),
        (with(&signature.replace("sha256=", "sha1=")), b"Hello, World!"),
        (HeaderMap::new(), b"Hello, World!"),
    ] {
        assert!(matches!(read(&stage, &headers, body).await, Err(Refused::Forged(_))), "{headers:?}");
    }
    let mute = Stage::start_with(&[("GITHUB_WEBHOOK_SECRET", "")]).await;
    assert!(matches!(read(&mute, &with(signature), b"Hello, World!").await, Err(Refused::Forged(_))));
}

#[tokio::test]
async fn a_webhook_names_whom_it_concerns() {
    let stage = Stage::start().await;
    let (repo, other) = (stage.repo("told", 3, 1).await, stage.repo("other", 0, 0).await);
    stage.change(&repo, 1, json!({ "state": "closed" })).await;
    stage.delete(&repo, 2).await;
    stage.control("POST", &format!("/repos/{}/issues/3/transfer", id(&repo)), json!({ "to": id(&other) })).await;
    stage.edit_repo(&repo, json!({ "name": "renamed" })).await;
    let installation = stage.control("GET", "/state", Value::Null).await["installations"][0]["id"].clone();
    stage.control("PATCH", &format!("/installations/{installation}"), json!({ "suspended": true })).await;
    stage.control("POST", "/users/octo-dev/revoke", Value::Null).await;
    let account = format!("account:{}", stage.caller.account.id);
    let installation = format!("installation:{installation}");
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for delivery in deliveries(&stage).await {
        let body = delivery["payload"].as_str().expect("a payload").as_bytes();
        let webhook = read(&stage, &headers(&delivery), body).await.expect("it is GitHub's");
        assert_eq!(webhook.delivery.as_deref(), delivery["guid"].as_str());
        let event = format!("{}.{}", delivery["event"].as_str().unwrap(), delivery["action"].as_str().unwrap());
        seen.insert(event, webhook.routes.into_iter().map(|route| route.key).collect());
    }
    assert_eq!(seen["issues.closed"], [repo.key.as_str()]);
    assert_eq!(seen["issues.deleted"], [repo.key.as_str()]);
    assert_eq!(seen["issues.opened"], [other.key.as_str()], "where it was transferred to");
    assert_eq!(seen["repository.renamed"], [account.as_str(), &installation, &repo.key]);
    assert_eq!(seen["installation.suspend"], [account.as_str(), &installation]);
    assert_eq!(seen["installation_repositories.added"], [account.as_str(), &installation]);
    assert_eq!(seen["github_app_authorization.revoked"], [account]);
}

#[tokio::test]
async fn webhooks_that_were_lost_are_asked_for_again_until_enough_is_enough() {
    let stage = Stage::start().await;
    // Nobody listens: every delivery fails.
    stage.repo("lost", 0, 0).await;
    let attempts = async || deliveries(&stage).await.len();
    assert_eq!(attempts().await, 1);
    for expected in [2, 3, 4, 5, 5] {
        stage.github.maintain(Timestamp::now()).await.expect("a sweep");
        assert_eq!(attempts().await, expected);
    }
    let all = deliveries(&stage).await;
    assert!(all.iter().all(|delivery| delivery["guid"] == all[0]["guid"]));
}

#[tokio::test]
async fn an_installation_token_is_narrowed_in_either_format() {
    let stage = Stage::start().await;
    let repo = stage.repo("narrow", 1, 0).await;
    let installation =
        stage.control("GET", "/state", Value::Null).await["installations"][0]["id"].as_u64().expect("an id");
    for stateless in [true, false] {
        stage.control("PATCH", "/settings", json!({ "stateless_tokens": stateless })).await;
        let permissions = [("contents", "write")].into();
        let now = Timestamp::now();
        let minted = stage.github.installation_token(installation, &[id(&repo)], &permissions, now).await;
        let minted = minted.expect("a token");
        assert_eq!(minted.token.reveal().len() > 500, stateless);
        assert!(minted.expires_at > Timestamp::now());
    }
    let none = BTreeMap::new();
    assert!(stage.github.installation_token(installation, &[1], &none, Timestamp::now()).await.is_err());
}
