//! Webhooks, and the log of their deliveries.

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::apps::{jwt, now_s};
use crate::{Hub, text};

type Came = (HeaderMap, Bytes);

/// A product that takes webhooks, answering the first ones with 500.
async fn product(failures: usize) -> (String, UnboundedReceiver<Came>) {
    let (sender, receiver) = unbounded_channel();
    let left = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(failures));
    let take = move |headers: HeaderMap, body: Bytes| async move {
        sender.send((headers, body)).expect("the test listens");
        let failing = left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok();
        if failing { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
    };
    use std::sync::atomic::Ordering::Relaxed;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/webhooks/github", post(take))).await });
    (url, receiver)
}

#[tokio::test]
async fn a_change_is_told_and_signed() {
    let (url, mut came) = product(0).await;
    let hub = Hub::start_for(Some(url)).await;
    let repo = hub.repo("told", 2, 0).await;
    came.recv().await.expect("the repository is told");
    hub.control(Method::DELETE, &format!("/github/repos/{repo}/issues/2"), Value::Null).await;
    let (headers, body) = came.recv().await.expect("the deletion is told");
    assert_eq!(
        (&headers["x-github-event"], headers["x-github-delivery"].len()),
        (&"issues".parse().expect("text"), 36)
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(fakes::github::WEBHOOK_SECRET.as_bytes()).expect("any key");
    mac.update(&body);
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    assert_eq!(headers["x-hub-signature-256"], signature);
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(
        (&body["action"], &body["issue"]["number"], &body["repository"]["id"]),
        (&json!("deleted"), &json!(2), &json!(repo))
    );
    assert!(body["installation"]["id"].is_u64());
}

#[tokio::test]
async fn a_failed_delivery_is_in_the_log_and_repeated_under_its_guid_within_three_days() {
    let (url, mut came) = product(1).await;
    let hub = Hub::start_for(Some(url)).await;
    hub.repo("failing", 0, 0).await;
    let (first, _) = came.recv().await.expect("a webhook");
    let jwt = jwt(now_s() - 60, 600);
    let log = async || hub.json("/app/hook/deliveries", &jwt).await;
    // The fake notes the answer after it came.
    let failed = loop {
        let log = log().await;
        if log[0]["status_code"] == 500 {
            break log[0].clone();
        }
        tokio::task::yield_now().await;
    };
    let attempt = async |jwt: &str| {
        let path = format!("/app/hook/deliveries/{}/attempts", failed["id"]);
        hub.api(Method::POST, &path, jwt).send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(attempt(&jwt).await, 202);
    let (second, _) = came.recv().await.expect("the repeat");
    assert_eq!(first["x-github-delivery"], second["x-github-delivery"]);
    assert_eq!((&log().await[0]["redelivery"], log().await[0]["guid"] == failed["guid"]), (&json!(true), true));
    let three_days_s = 3 * 24 * 3_600;
    hub.control(Method::POST, "/clock", json!({ "advance_s": three_days_s + 1 })).await;
    assert_eq!(attempt(&crate::apps::jwt(now_s() + three_days_s, 600)).await, 422);
}

#[tokio::test]
async fn held_webhooks_leave_in_the_order_that_is_asked_for_and_lost_ones_never() {
    let (url, mut came) = product(0).await;
    let hub = Hub::start_for(Some(url)).await;
    let repo = hub.repo("held", 3, 0).await;
    came.recv().await.expect("the repository is told");
    hub.control(Method::PATCH, "/github/settings", json!({ "webhooks": "hold" })).await;
    for number in 1..=3 {
        hub.control(Method::PATCH, &format!("/github/repos/{repo}/issues/{number}"), json!({ "title": "t" })).await;
    }
    hub.control(Method::PATCH, "/github/settings", json!({ "webhooks": "lose" })).await;
    hub.control(Method::PATCH, &format!("/github/repos/{repo}/issues/1"), json!({ "title": "lost" })).await;
    hub.control(Method::POST, "/github/deliveries/release", json!({ "order": "reversed" })).await;
    let mut numbers = Vec::new();
    for _ in 0..3 {
        let (_, body) = came.recv().await.expect("a webhook");
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        numbers.push(body["issue"]["number"].as_u64().expect("a number"));
    }
    assert_eq!(numbers, [3, 2, 1]);
    let log = hub.control(Method::GET, "/github/deliveries", Value::Null).await;
    let last = log.as_array().and_then(|log| log.last()).expect("a delivery");
    assert!(last["status_code"] == 0 && text(&last["payload"]).contains("lost"));
}
