//! What the App does as itself.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::Method;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};

use crate::{Hub, text};

/// A JWT of the App, good from `from_s` on for so many seconds.
pub(crate) fn jwt(from_s: i64, life_s: i64) -> String {
    let pem: String = fakes::github::APP_KEY.lines().filter(|line| !line.starts_with("-----")).collect();
    let key = KeyPair::from_der(&STANDARD.decode(pem).expect("base64")).expect("a key");
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({ "iss": fakes::github::APP_ID.to_string(), "iat": from_s, "exp": from_s + life_s });
    let signed = format!("{}.{}", part(json!({ "alg": "RS256", "typ": "JWT" })), part(claims));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).expect("it signs");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub(crate) fn now_s() -> i64 {
    jiff::Timestamp::now().as_second()
}

async fn mint(hub: &Hub, body: Value) -> reqwest::Response {
    let jwt = jwt(now_s() - 60, 600);
    let installation = hub.json("/app/installations", &jwt).await[0]["id"].clone();
    let request = hub.api(Method::POST, &format!("/app/installations/{installation}/access_tokens"), &jwt);
    request.json(&body).send().await.expect("an answer")
}

#[tokio::test]
async fn a_jwt_of_another_time_is_refused() {
    let hub = Hub::start().await;
    let status = async |jwt: String| hub.get("/app", &jwt).await.status().as_u16();
    assert_eq!(status(jwt(now_s() - 60, 600)).await, 200);
    assert_eq!(status(jwt(now_s() - 700, 600)).await, 401);
    assert_eq!(status(jwt(now_s() + 300, 600)).await, 401);
    assert_eq!(status(jwt(now_s(), 3_600)).await, 401);
    let mut forged = jwt(now_s() - 60, 600);
    forged.replace_range(forged.len() - 4.., "AAAA");
    assert_eq!(status(forged).await, 401);
}

#[tokio::test]
async fn an_installation_token_reaches_what_it_was_narrowed_to() {
    let hub = Hub::start().await;
    let (one, other) = (hub.repo("one", 1, 0).await, hub.repo("other", 1, 0).await);
    let body = json!({ "repository_ids": [one], "permissions": { "contents": "write", "metadata": "read" } });
    let minted: Value = mint(&hub, body).await.json().await.expect("JSON");
    let token = text(&minted["token"]);
    assert!(token.len() > 500 && token.contains(['.', '-']), "the new format: {}", token.len());
    assert_eq!(hub.get(&format!("/repositories/{one}/issues"), token).await.status(), 200);
    assert_eq!(hub.get(&format!("/repositories/{other}/issues"), token).await.status(), 404);
    let write = hub.api(Method::POST, &format!("/repositories/{one}/issues/1/comments"), token);
    assert_eq!(write.json(&json!({ "body": "b" })).send().await.expect("an answer").status(), 403);
    hub.control(Method::POST, "/clock", json!({ "advance_s": 3_601 })).await;
    assert_eq!(hub.get(&format!("/repositories/{one}/issues"), token).await.status(), 401);
}

#[tokio::test]
async fn a_token_for_more_than_is_installed_is_not_minted() {
    let hub = Hub::start().await;
    assert_eq!(mint(&hub, json!({ "repository_ids": [1] })).await.status(), 422);
    assert_eq!(mint(&hub, json!({ "permissions": { "administration": "write" } })).await.status(), 422);
    hub.control(Method::PATCH, "/github/settings", json!({ "stateless_tokens": false })).await;
    let old: Value = mint(&hub, json!({})).await.json().await.expect("JSON");
    assert_eq!(text(&old["token"]).len(), 40);
}

#[tokio::test]
async fn a_user_sees_of_an_installation_what_both_may() {
    let hub = Hub::start().await;
    let user = hub.app_user().await;
    let token = text(&user["access_token"]);
    let repo = hub.repo("shared", 1, 0).await;
    let seen = async || {
        let installation = hub.json("/user/installations", token).await["installations"][0]["id"].clone();
        let repos = hub.json(&format!("/user/installations/{installation}/repositories"), token).await;
        let repos = repos["repositories"].as_array().cloned().unwrap_or_default();
        repos.iter().any(|found| found["id"] == repo)
    };
    assert!(seen().await);
    let installation = hub.json("/user/installations", token).await["installations"][0]["id"].clone();
    hub.control(Method::PATCH, &format!("/github/installations/{installation}"), json!({ "repos": [] })).await;
    assert!(!seen().await);
    assert_eq!(hub.get(&format!("/repositories/{repo}"), token).await.status(), 404);
}
