//! OAuth, with what GitHub does differently.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{Hub, app, text};

#[tokio::test]
async fn a_code_is_good_once_for_ten_minutes_and_for_its_verifier() {
    let hub = Hub::start().await;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest("verifier"));
    let pkce = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    let code = hub.code("fake-github-app", &pkce).await;
    let good = app(&[("code", &code), ("code_verifier", "verifier")]);
    assert!(hub.token(&good).await["access_token"].is_string());
    assert_eq!(hub.token(&good).await["error"], "bad_verification_code");
    let code = hub.code("fake-github-app", &pkce).await;
    let wrong = app(&[("code", &code), ("code_verifier", "other")]);
    assert_eq!(hub.token(&wrong).await["error"], "bad_verification_code");
    let code = hub.code("fake-github-app", &[]).await;
    hub.control(Method::POST, "/clock", json!({ "advance_s": 601 })).await;
    assert_eq!(hub.token(&app(&[("code", &code)])).await["error"], "bad_verification_code");
}

#[tokio::test]
async fn a_wrong_secret_and_a_wrong_callback_are_told_with_200() {
    let hub = Hub::start().await;
    let code = hub.code("fake-github-app", &[]).await;
    let wrong = [("client_id", "fake-github-app"), ("client_secret", "x"), ("code", &code)];
    assert_eq!(hub.token(&wrong).await["error"], "incorrect_client_credentials");
    let wrong = app(&[("code", &code), ("redirect_uri", "http://elsewhere/")]);
    assert_eq!(hub.token(&wrong).await["error"], "redirect_uri_mismatch");
}

#[tokio::test]
async fn a_renewal_kills_the_old_refresh_token_and_the_old_access_token() {
    let hub = Hub::start().await;
    let first = hub.app_user().await;
    let renew = app(&[("grant_type", "refresh_token"), ("refresh_token", text(&first["refresh_token"]))]);
    let second = hub.token(&renew).await;
    assert_eq!(hub.get("/user", text(&first["access_token"])).await.status(), 401);
    assert_eq!(hub.get("/user", text(&second["access_token"])).await.status(), 200);
    assert_eq!(hub.token(&renew).await["error"], "bad_refresh_token");
    // The second pair is untouched by the attempt.
    assert_eq!(hub.get("/user", text(&second["access_token"])).await.status(), 200);
}

#[tokio::test]
async fn an_app_users_token_expires_and_an_oauth_apps_does_not() {
    let hub = Hub::start().await;
    let app_user = hub.app_user().await;
    let oauth_user = hub.oauth_user("repo user:email").await;
    hub.control(Method::POST, "/clock", json!({ "advance_s": 8 * 3_600 + 1 })).await;
    assert_eq!(hub.get("/user", text(&app_user["access_token"])).await.status(), 401);
    assert_eq!(hub.get("/user", &oauth_user).await.status(), 200);
}

#[tokio::test]
async fn scopes_that_were_not_granted_open_nothing() {
    let hub = Hub::start().await;
    let code = hub.code("fake-github-oauth", &[("scope", "repo user:email"), ("granted", "user:email")]).await;
    let id = [("client_id", "fake-github-oauth"), ("client_secret", "fake-github-oauth-secret"), ("code", &code)];
    let granted = hub.token(&id).await;
    assert_eq!(granted["scope"], "user:email");
    let token = text(&granted["access_token"]);
    assert_eq!(hub.json("/user/emails", token).await[0]["primary"], true);
    let private = hub.get("/repos/octo-dev/billing", token).await;
    assert_eq!(
        (private.status().as_u16(), hub.get("/repos/octo-dev/hello-world", token).await.status().as_u16()),
        (404, 200)
    );
    let bare = hub.oauth_user("").await;
    assert_eq!(hub.get("/user/emails", &bare).await.status(), 404);
}

#[tokio::test]
async fn revoking_the_grant_kills_every_token_of_the_user() {
    let hub = Hub::start().await;
    let (first, second) = (hub.app_user().await, hub.app_user().await);
    let url = format!("{}/github/api/applications/fake-github-app/grant", hub.url);
    let delete = |secret: &str| {
        let body = json!({ "access_token": first["access_token"] });
        hub.http.delete(&url).basic_auth("fake-github-app", Some(secret)).json(&body).send()
    };
    assert_eq!(delete("wrong").await.expect("an answer").status(), 401);
    assert_eq!(delete("fake-github-app-secret").await.expect("an answer").status(), 204);
    assert_eq!(hub.get("/user", text(&second["access_token"])).await.status(), 401);
    let renew = app(&[("grant_type", "refresh_token"), ("refresh_token", text(&second["refresh_token"]))]);
    assert_eq!(hub.token(&renew).await["error"], "bad_refresh_token");
    assert_eq!(delete("fake-github-app-secret").await.expect("an answer").status(), 404);
}
