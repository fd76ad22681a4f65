//! The sign-in, and which repositories an account shows.

use domain::integration::ErrorClass;
use serde_json::{Value, json};

use super::{CHALLENGE, Stage, connect, id};
use crate::providers::{AccessToken, Authorization, Code, Credentials, Provider};

#[tokio::test]
async fn an_app_asks_for_no_scope_and_an_oauth_app_for_the_one_it_needs() {
    for (stage, scope) in [(Stage::start().await, false), (Stage::start_oauth().await, true)] {
        let asked = Authorization {
            redirect_uri: super::BACK,
            state: "s",
            code_challenge: CHALLENGE,
            actions: false,
            account: None,
        };
        let url = stage.github.authorize_url(&asked).expect("a URL");
        assert_eq!(url.contains("scope=repo"), scope, "{url}");
        assert_eq!(stage.caller.account.name, "octo-dev");
        assert!(stage.caller.account.id.parse::<u64>().is_ok(), "a number, for logins change");
        assert_eq!(stage.caller.scopes, if scope { vec!["repo"] } else { vec![] });
        assert_eq!(stage.caller.credentials.expires_at.is_none(), scope);
    }
}

#[tokio::test]
async fn a_code_that_is_replayed_or_of_another_browser_opens_nothing() {
    let stage = Stage::start().await;
    let asked = Authorization {
        redirect_uri: super::BACK,
        state: "s",
        code_challenge: CHALLENGE,
        actions: false,
        account: None,
    };
    let url = stage.github.authorize_url(&asked).expect("a URL");
    let now = jiff::Timestamp::now();
    let code = stage.fakes.agree(&url, "").await["code"].clone();
    let exchange = async |code: &str, code_verifier: &str| {
        stage.github.exchange(&Code { code, redirect_uri: super::BACK, code_verifier, now }).await.map(drop)
    };
    exchange(&code, "verifier").await.expect("the first time");
    assert_eq!(super::class(exchange(&code, "verifier").await), ErrorClass::Permanent);
    let code = stage.fakes.agree(&url, "").await["code"].clone();
    assert_eq!(super::class(exchange(&code, "another").await), ErrorClass::Permanent);
}

#[tokio::test]
async fn a_renewal_rotates_and_a_lost_grant_asks_for_its_owner() {
    let stage = Stage::start().await;
    let first = stage.caller.credentials.clone();
    let second = stage.github.refresh(&first).await.expect("a renewal");
    assert!(second.access_token != first.access_token && second.refresh_token != first.refresh_token);
    assert_eq!(stage.github.refresh(&first).await.expect_err("it was used").class, ErrorClass::Reauth);
    stage.control("POST", "/users/octo-dev/revoke", Value::Null).await;
    assert_eq!(stage.github.refresh(&second).await.expect_err("it is gone").class, ErrorClass::Reauth);
    let repo = stage.repo("any", 1, 0).await;
    let lost = stage.github.sync_page(&stage.caller.call(), &repo, None).await.expect_err("no access").class;
    assert_eq!(lost, ErrorClass::Unauthorized);
}

#[tokio::test]
async fn a_wrong_secret_is_the_operators_trouble_and_not_the_users() {
    let stage = Stage::start().await;
    let mut wrong = super::Github::new(&stage.fakes.settings);
    wrong.client = super::super::Client::new(
        &crate::providers::Settings::new(
            reqwest::Client::new(),
            [("GITHUB_CLIENT_ID", "fake-github-app"), ("GITHUB_CLIENT_SECRET", "wrong")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into_iter()
                .chain([("GITHUB_BASE_URL".to_owned(), format!("{}/github", stage.fakes.url))]),
        ),
        wrong.api.clone(),
        true,
    );
    assert_eq!(wrong.refresh(&stage.caller.credentials).await.expect_err("refused").class, ErrorClass::Bug);
    assert_eq!(wrong.revoke(&stage.caller.credentials).await.expect_err("refused").class, ErrorClass::Bug);
    // The user's own are as good as before.
    stage.github.refresh(&stage.caller.credentials).await.expect("a renewal");
}

#[tokio::test]
async fn disconnecting_takes_the_whole_grant_back_and_may_be_repeated() {
    let stage = Stage::start().await;
    let other = connect(&stage.github, &stage.fakes, "&login=octo-dev").await.expect("a second grant");
    stage.github.revoke(&stage.caller.credentials).await.expect("revoked");
    stage.github.revoke(&stage.caller.credentials).await.expect("gone already");
    assert_eq!(stage.github.refresh(&other.credentials).await.expect_err("gone").class, ErrorClass::Reauth);
}

#[tokio::test]
async fn an_oauth_apps_token_has_nothing_to_renew() {
    let stage = Stage::start_oauth().await;
    let bare = Credentials {
        access_token: AccessToken::new("gho_x"),
        refresh_token: None,
        expires_at: None,
        extra: Value::Null,
    };
    assert_eq!(stage.github.refresh(&bare).await.expect_err("nothing").class, ErrorClass::Reauth);
    let repo = stage.repo("oauth", 3, 2).await;
    let stored = stage.synced(&repo).await;
    stage.assert_same(&stored, &repo).await;
}

#[tokio::test]
async fn the_repositories_are_those_that_user_and_app_may_see_and_the_user_chose() {
    for (stage, is_app) in [(Stage::start().await, true), (Stage::start_oauth().await, false)] {
        let mut stage = stage;
        // More than a page.
        for n in 0..105 {
            stage.repo(&format!("many-{n}"), 0, 0).await;
        }
        let repo = stage.repo("chosen", 0, 0).await;
        let all = stage.github.resources(&stage.caller.call()).await.expect("resources");
        let names: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
        assert!(
            all.len() >= 109 && names.contains(&"octo-dev/chosen") && names.contains(&"mona-lisa/gallery"),
            "{names:?}"
        );
        let choices = stage.github.choices(&stage.caller.call()).await.expect("choices");
        assert_eq!(choices["repositories"].len(), all.len());
        stage.caller.config = stage
            .github
            .check_config(json!({ "repositories": [id(&repo).to_string()] }).as_object().expect("an object").clone())
            .expect("a configuration");
        let chosen = stage.github.resources(&stage.caller.call()).await.expect("resources");
        assert_eq!(chosen.iter().map(|it| &it.key).collect::<Vec<_>>(), [&repo.key]);
        assert_eq!(chosen[0].routes.iter().any(|route| route.starts_with("installation:")), is_app);
        stage.edit_repo(&repo, json!({ "members": [] })).await;
        assert!(stage.github.resources(&stage.caller.call()).await.expect("resources").is_empty());
    }
}

#[tokio::test]
async fn a_suspended_installation_shows_nothing() {
    let stage = Stage::start().await;
    let state = stage.control("GET", "/state", Value::Null).await;
    for installation in state["installations"].as_array().expect("installations") {
        stage.control("PATCH", &format!("/installations/{}", installation["id"]), json!({ "suspended": true })).await;
    }
    assert!(stage.github.resources(&stage.caller.call()).await.expect("resources").is_empty());
}

#[tokio::test]
async fn a_configuration_that_makes_no_sense_is_refused() {
    let stage = Stage::start().await;
    for wrong in [
        json!({ "repositories": ["octo-dev/hello-world"] }),
        json!({ "repositories": "all" }),
        json!({ "history_days": 0 }),
        json!({ "branches": [] }),
    ] {
        let config = wrong.as_object().expect("an object").clone();
        assert!(stage.github.check_config(config).is_err(), "{wrong}");
    }
}
