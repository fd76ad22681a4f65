use domain::integration::ErrorClass;
use integrations::providers::{Code, Provider as _};
use jiff::Timestamp;
use serde_json::json;

use crate::fake::{ADA, BACK, Fake, VERIFIER};

const READ_MAIL: &str = "https://www.googleapis.com/auth/gmail.readonly";

#[tokio::test]
async fn connecting_learns_whose_account_it_is_and_gets_lasting_access() {
    let fake = Fake::start();
    let grant = fake.connect(&fake.gmail, "").await.unwrap();
    assert_eq!(grant.account.name, ADA);
    assert_eq!(fake.state().await["sub"], grant.account.id.as_str());
    assert!(grant.credentials.refresh_token.is_some());
    assert!(grant.scopes.iter().any(|scope| scope == READ_MAIL));
    // Once more: Google gives lasting access again, for consent is asked for again.
    assert!(fake.connect(&fake.gmail, "").await.unwrap().credentials.refresh_token.is_some());
}

#[tokio::test]
async fn a_scope_that_was_unticked_is_told_and_nothing_is_connected() {
    let fake = Fake::start();
    let failure = fake.connect(&fake.gmail, &format!("&untick={READ_MAIL}")).await.unwrap_err();
    assert_eq!(failure.class, ErrorClass::Permanent);
    assert!(failure.message.contains("did not allow"), "{failure}");
}

#[tokio::test]
async fn a_code_is_good_once_and_for_its_verifier_alone() {
    let fake = Fake::start();
    for (verifier, twice) in [(VERIFIER, true), ("another-verifier", false)] {
        let back = fake.consent(&fake.gmail, "&auto=allow").await;
        let code = &back.iter().find(|(name, _)| name == "code").unwrap().1;
        let code = Code { code, redirect_uri: BACK, code_verifier: verifier, now: Timestamp::now() };
        assert_eq!(fake.gmail.exchange(&code).await.is_ok(), twice);
        assert_eq!(fake.gmail.exchange(&code).await.unwrap_err().class, ErrorClass::Reauth);
    }
}

#[tokio::test]
async fn without_a_refresh_token_consent_is_asked_for_again() {
    let fake = Fake::start();
    let body = json!({ "access_token": "a", "expires_in": 3599, "scope": READ_MAIL, "token_type": "Bearer" });
    fake.fail("/oauth/token", 200, "", json!({ "body": body })).await;
    assert_eq!(fake.connect(&fake.gmail, "").await.unwrap_err().class, ErrorClass::Reauth);
}

#[tokio::test]
async fn a_renewed_token_keeps_the_refresh_token() {
    let fake = Fake::start();
    let grant = fake.connect(&fake.gmail, "").await.unwrap();
    let renewed = fake.gmail.refresh(&grant.credentials).await.unwrap();
    assert_ne!(renewed.access_token, grant.credentials.access_token);
    assert_eq!(renewed.refresh_token, grant.credentials.refresh_token);
}

#[tokio::test]
async fn each_way_to_lose_a_grant_asks_for_its_owner() {
    for order in [json!({ "do": "expire_refresh" }), json!({ "do": "end_grant" })] {
        let fake = Fake::start();
        let grant = fake.connect(&fake.gmail, "").await.unwrap();
        fake.order(order).await;
        assert_eq!(fake.gmail.refresh(&grant.credentials).await.unwrap_err().class, ErrorClass::Reauth);
    }
    // The hundred and first refresh token ends the first, and a project in testing ends it in a week.
    let fake = Fake::start();
    let first = fake.connect(&fake.gmail, "").await.unwrap();
    for _ in 0..100 {
        fake.connect(&fake.gmail, "").await.unwrap();
    }
    assert_eq!(fake.gmail.refresh(&first.credentials).await.unwrap_err().class, ErrorClass::Reauth);
    fake.order(json!({ "do": "refresh_seconds", "seconds": 604_800 })).await;
    let limited = fake.connect(&fake.gmail, "").await.unwrap();
    fake.advance(604_801).await;
    assert_eq!(fake.gmail.refresh(&limited.credentials).await.unwrap_err().class, ErrorClass::Reauth);
}

#[tokio::test]
async fn a_wrong_client_is_the_operators_matter_and_a_broken_google_nobodys() {
    let fake = Fake::start_with(&[("GOOGLE_CLIENT_SECRET", "wrong")]);
    assert_eq!(fake.connect(&fake.gmail, "").await.unwrap_err().class, ErrorClass::Bug);
    let fake = Fake::start();
    let grant = fake.connect(&fake.gmail, "").await.unwrap();
    for (status, class) in [(503, ErrorClass::Retry), (429, ErrorClass::Retry)] {
        fake.fail("/oauth/token", status, "", json!({})).await;
        assert_eq!(fake.gmail.refresh(&grant.credentials).await.unwrap_err().class, class);
    }
    assert!(fake.gmail.refresh(&grant.credentials).await.is_ok());
}

#[tokio::test]
async fn an_id_token_that_google_did_not_sign_connects_nothing() {
    let fake = Fake::start();
    let other = json!({ "iss": "https://accounts.google.com", "aud": "another-client", "sub": "1", "email": ADA,
        "iat": Timestamp::now().as_second(), "exp": Timestamp::now().as_second() + 3_600 });
    let id_token = fake.order(json!({ "do": "sign", "claims": other })).await["token"].clone();
    let body = json!({ "access_token": "a", "expires_in": 3599, "refresh_token": "r", "scope": READ_MAIL,
        "id_token": id_token });
    fake.fail("/oauth/token", 200, "", json!({ "body": body })).await;
    assert!(fake.connect(&fake.gmail, "").await.is_err());
}

#[tokio::test]
async fn revoking_ends_the_common_grant_and_a_second_time_is_fine() {
    let fake = Fake::start();
    let gmail = fake.connect(&fake.gmail, "").await.unwrap();
    let calendar = fake.connect(&fake.calendar, "").await.unwrap();
    assert_eq!(fake.gmail.family(), fake.calendar.family(), "so that one is not revoked while the other is connected");
    fake.gmail.revoke(&gmail.credentials).await.unwrap();
    fake.gmail.revoke(&gmail.credentials).await.unwrap();
    assert_eq!(fake.calendar.refresh(&calendar.credentials).await.unwrap_err().class, ErrorClass::Reauth);
    fake.fail("/oauth/revoke", 503, "", json!({})).await;
    assert_eq!(fake.gmail.revoke(&gmail.credentials).await.unwrap_err().class, ErrorClass::Retry);
}
