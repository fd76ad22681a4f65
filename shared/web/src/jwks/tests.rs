use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use serde_json::{Value, json};

use super::*;

/// Someone who publishes one key at a time.
struct Publisher {
    jwks: Jwks,
    published: Arc<Mutex<Vec<&'static str>>>,
    asked: Arc<AtomicUsize>,
}

fn pair() -> KeyPair {
    KeyPair::from_pkcs8(include_bytes!("test-key.der")).unwrap()
}

async fn publisher() -> Publisher {
    drop(rustls::crypto::ring::default_provider().install_default());
    let published = Arc::new(Mutex::new(vec!["one"]));
    let asked = Arc::new(AtomicUsize::new(0));
    let (keys, count) = (published.clone(), asked.clone());
    let certs = move || {
        count.fetch_add(1, Ordering::Relaxed);
        let parts = PublicKeyComponents::<Vec<u8>>::from(pair().public_key());
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let key = |kid: &&str| json!({ "kid": kid, "kty": "RSA", "n": text(&parts.n), "e": text(&parts.e) });
        let keys: Vec<_> = keys.lock().unwrap().iter().map(key).collect();
        async move { ([("cache-control", "public, max-age=3600")], axum::Json(json!({ "keys": keys }))) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/certs", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, Router::new().route("/certs", get(certs))).into_future());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    Publisher { jwks: Jwks::new(http, url), published, asked }
}

fn signed(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let key = pair();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn token(kid: &str, more: Value) -> String {
    let mut claims = json!({ "iss": "https://issuer", "aud": "us", "iat": 1_000, "exp": 4_600, "sub": "7" });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    signed(&json!({ "alg": "RS256", "kid": kid }), &claims)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

impl Publisher {
    async fn verify(&self, token: &str, now: i64) -> Result<Value, TokenError> {
        let expected = Expected { issuers: &["https://issuer"], audience: "us" };
        self.jwks.verify(token, &expected, at(now)).await
    }
}

#[tokio::test]
async fn a_token_is_believed_when_all_of_it_is_right() {
    let publisher = publisher().await;
    let claims = publisher.verify(&token("one", json!({})), 1_000).await.unwrap();
    assert_eq!(claims["sub"], "7");
    publisher.verify(&token("one", json!({})), 2_000).await.unwrap();
    assert_eq!(publisher.asked.load(Ordering::Relaxed), 1, "the keys are kept as long as they may be");
}

#[tokio::test]
async fn a_token_is_refused_for_each_thing_that_is_wrong_with_it() {
    let publisher = publisher().await;
    let good = token("one", json!({}));
    let mut forged: Vec<_> = good.split('.').map(str::to_owned).collect();
    let claims = json!({ "iss": "https://issuer", "aud": "us", "exp": 4_600, "sub": "8" });
    forged[1] = URL_SAFE_NO_PAD.encode(claims.to_string());
    let header = |alg: &str| json!({ "alg": alg, "kid": "one" });
    let cases = [
        (forged.join("."), 1_000, "signature is wrong"),
        (signed(&header("none"), &claims), 1_000, "no form"),
        (signed(&header("HS256"), &claims), 1_000, "no form"),
        (good.rsplit_once('.').unwrap().0.to_owned(), 1_000, "no form"),
        ("x".to_owned(), 1_000, "no form"),
        (token("one", json!({ "iss": "https://other" })), 1_000, "another issuer"),
        (token("one", json!({ "aud": "them" })), 1_000, "someone else"),
        (good.clone(), 4_660, "not valid at this time"),
        (good.clone(), 900, "not valid at this time"),
        (token("two", json!({})), 1_000, "not published"),
    ];
    for (token, now, why) in cases {
        let error = publisher.verify(&token, now).await.unwrap_err();
        assert!(error.to_string().contains(why), "{error} instead of {why}");
    }
    publisher.verify(&good, 4_659).await.unwrap();
}

#[tokio::test]
async fn an_unknown_key_is_looked_up_again_once_in_a_while() {
    let publisher = publisher().await;
    publisher.verify(&token("one", json!({})), 1_000).await.unwrap();
    *publisher.published.lock().unwrap() = vec!["two"];
    publisher.verify(&token("two", json!({})), 1_010).await.unwrap();
    assert_eq!(publisher.asked.load(Ordering::Relaxed), 2);
    // What was withdrawn is not believed any more.
    for now in [1_011, 1_015] {
        assert!(matches!(publisher.verify(&token("one", json!({})), now).await, Err(TokenError::UnknownKey)));
    }
    assert_eq!(publisher.asked.load(Ordering::Relaxed), 2, "made-up keys do not make us ask each time");
}

#[tokio::test]
async fn without_keys_nothing_is_believed() {
    let mut publisher = publisher().await;
    publisher.jwks.url = "http://127.0.0.1:1/certs".to_owned();
    let error = publisher.verify(&token("one", json!({})), 1_000).await.unwrap_err();
    assert!(matches!(error, TokenError::Unavailable(_)));
}
