use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{ADA, Fake, READ_CALENDAR, READ_MAIL, account, text, value};

#[tokio::test]
async fn a_refresh_token_comes_with_the_first_consent_only_unless_consent_is_asked_for() {
    let fake = Fake::start();
    let asked = [("scope", READ_MAIL), ("access_type", "offline"), ("auto", "allow")];
    let mut refresh = Vec::new();
    for more in [&[][..], &[], &[("prompt", "consent")]] {
        let code = value(&fake.authorize(&[&asked, more].concat()).await, "code");
        refresh.push(fake.exchange(&code, &[]).await.body["refresh_token"].is_string());
    }
    assert_eq!(refresh, [true, false, true]);
}

#[tokio::test]
async fn a_code_is_good_once_for_ten_minutes_for_its_redirect_and_its_verifier() {
    let fake = Fake::start();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest("the-verifier"));
    let asked = [
        ("scope", READ_MAIL),
        ("auto", "allow"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let code = || async { value(&fake.authorize(&asked).await, "code") };
    let verifier = ("code_verifier", "the-verifier");

    let once = code().await;
    assert_eq!(fake.exchange(&once, &[verifier]).await.status, 200);
    assert_eq!(fake.exchange(&once, &[verifier]).await.body["error"], "invalid_grant");
    assert_eq!(fake.exchange(&code().await, &[]).await.body["error_description"], "Missing code verifier.");
    assert_eq!(fake.exchange(&code().await, &[("code_verifier", "x")]).await.body["error"], "invalid_grant");

    let late = code().await;
    fake.google.world().clock.advance(601);
    assert_eq!(fake.exchange(&late, &[verifier]).await.body["error"], "invalid_grant");
}

#[tokio::test]
async fn without_s256_named_a_challenge_is_plain() {
    let fake = Fake::start();
    let asked = [("scope", READ_MAIL), ("auto", "allow"), ("code_challenge", "words")];
    let code = value(&fake.authorize(&asked).await, "code");
    assert_eq!(fake.exchange(&code, &[("code_verifier", "words")]).await.status, 200);
}

#[tokio::test]
async fn a_person_may_allow_less_than_was_asked_and_nothing_at_all() {
    let fake = Fake::start();
    let scope = format!("openid email {READ_MAIL} {READ_CALENDAR}");
    let back = fake.authorize(&[("scope", scope.as_str()), ("auto", "allow"), ("untick", READ_CALENDAR)]).await;
    let got = fake.exchange(&value(&back, "code"), &[]).await.body;
    assert_eq!(got["scope"], format!("email {READ_MAIL} openid"));
    let token = text(&got["access_token"]);
    assert_eq!(fake.get("/calendar/v3/users/me/calendarList", &token).await.status, 403);
    assert_eq!(fake.get("/gmail/gmail/v1/users/me/profile", &token).await.status, 200);

    let back = fake.authorize(&[("scope", scope.as_str()), ("auto", "deny")]).await;
    assert_eq!((value(&back, "error"), value(&back, "state")), ("access_denied".into(), "s".into()));
}

#[tokio::test]
async fn the_page_offers_the_accounts_and_a_box_for_each_scope() {
    let fake = Fake::start();
    let query = [
        ("client_id", super::CLIENT_ID),
        ("redirect_uri", super::BACK),
        ("response_type", "code"),
        ("scope", &format!("openid email {READ_MAIL} {READ_CALENDAR}")),
        ("state", "s"),
    ];
    let path = format!("/accounts/o/oauth2/v2/auth?{}", serde_urlencoded::to_string(query).unwrap());
    let page = fake.get(&path, "").await;
    assert_eq!((page.text.matches("type=radio").count(), page.text.matches("type=checkbox").count()), (2, 2));

    let chosen = format!("account={ADA}&scope={READ_MAIL}&decision=allow");
    let request = Request::post(format!("/google{path}")).header("content-type", "application/x-www-form-urlencoded");
    let got = fake.send(request.body(Body::from(chosen)).unwrap()).await;
    let back = got.headers["location"].to_str().unwrap();
    let back: Vec<(String, String)> = serde_urlencoded::from_str(back.split_once('?').unwrap().1).unwrap();
    assert_eq!(value(&back, "scope"), format!("email {READ_MAIL} openid"));
}

#[tokio::test]
async fn a_hundred_and_first_refresh_token_ends_the_first() {
    let fake = Fake::start();
    let first = text(&fake.connect(READ_MAIL).await["refresh_token"]);
    for _ in 0..99 {
        fake.connect(READ_MAIL).await;
    }
    assert_eq!(fake.refresh(&first).await.status, 200);
    fake.connect(READ_MAIL).await;
    let refused = fake.refresh(&first).await;
    assert_eq!((refused.status.as_u16(), &refused.body["error"]), (400, &json!("invalid_grant")));
}

#[tokio::test]
async fn revoking_any_token_ends_the_whole_grant() {
    let fake = Fake::start();
    let (mail, calendar) = (fake.connect(READ_MAIL).await, fake.connect(READ_CALENDAR).await);
    let token = text(&mail["access_token"]);
    assert_eq!(fake.form("/oauth/revoke", &[("token", &token)]).await.status, 200);
    assert_eq!(fake.refresh(&text(&calendar["refresh_token"])).await.body["error"], "invalid_grant");
    let calendars = fake.get("/calendar/v3/users/me/calendarList", &text(&calendar["access_token"])).await;
    assert_eq!(calendars.status, 401);
    assert_eq!(fake.form("/oauth/revoke", &[("token", &token)]).await.body["error"], "invalid_token");
}

#[tokio::test]
async fn an_access_token_lives_an_hour_and_a_refresh_token_longer() {
    let fake = Fake::start();
    let got = fake.connect(READ_MAIL).await;
    fake.google.world().clock.advance(3_600);
    assert_eq!(fake.get("/gmail/gmail/v1/users/me/profile", &text(&got["access_token"])).await.status, 401);
    let renewed = fake.refresh(&text(&got["refresh_token"])).await.body;
    assert!(renewed["refresh_token"].is_null());
    assert_eq!(fake.get("/gmail/gmail/v1/users/me/profile", &text(&renewed["access_token"])).await.status, 200);

    fake.order(json!({ "do": "refresh_seconds", "seconds": 604_800 })).await;
    let limited = fake.connect(READ_MAIL).await;
    assert_eq!(limited["refresh_token_expires_in"], 604_800);
    fake.google.world().clock.advance(604_800);
    assert_eq!(fake.refresh(&text(&limited["refresh_token"])).await.body["error"], "invalid_grant");
}

#[tokio::test]
async fn an_id_token_is_signed_by_a_published_key_that_can_be_rotated() {
    let fake = Fake::start();
    let token = text(&fake.connect("openid email").await["id_token"]);
    let part = |at: usize| -> Value {
        let part = token.split('.').nth(at).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!((&part(1)["email"], &part(1)["iss"]), (&json!(ADA), &json!("https://accounts.google.com")));
    let published = |certs: Value| certs["keys"].as_array().unwrap().iter().any(|key| key["kid"] == part(0)["kid"]);
    assert!(published(fake.get("/certs", "").await.body));
    fake.order(json!({ "do": "rotate_keys", "keep_old": true })).await;
    assert!(published(fake.get("/certs", "").await.body));
    fake.order(json!({ "do": "rotate_keys" })).await;
    assert!(!published(fake.get("/certs", "").await.body));
}

#[tokio::test]
async fn a_wrong_secret_is_the_clients_fault() {
    let fake = Fake::start();
    let got = fake.form("/oauth/token", &[("grant_type", "refresh_token"), ("client_id", "x")]).await;
    assert_eq!((got.status.as_u16(), &got.body["error"]), (401, &json!("invalid_client")));
}

#[tokio::test]
async fn what_a_person_takes_back_is_gone_at_once() {
    let fake = Fake::start();
    let got = fake.connect(READ_MAIL).await;
    fake.order(account(json!({ "do": "end_grant" }))).await;
    assert_eq!(fake.refresh(&text(&got["refresh_token"])).await.body["error"], "invalid_grant");
}
