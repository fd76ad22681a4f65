//! Each failure of the API, injected, and the state it ends in.

use domain::integration::ErrorClass;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Stage, Stored, class, id};

#[tokio::test]
async fn a_lost_or_deleted_repository_is_gone_and_no_longer_listed() {
    let stage = Stage::start().await;
    for (name, edit) in [("closed-to-us", json!({ "members": ["mona-lisa"] })), ("blocked", json!({ "blocked": true }))]
    {
        let repo = stage.repo(name, 2, 1).await;
        let mut stored = stage.synced(&repo).await;
        stage.edit_repo(&repo, edit).await;
        assert_eq!(class(stage.sync(&mut stored, &repo).await), ErrorClass::Gone, "{name}");
    }
    let repo = stage.repo("deleted", 1, 0).await;
    let mut stored = stage.synced(&repo).await;
    stage.control("DELETE", &format!("/repos/{}", id(&repo)), Value::Null).await;
    assert_eq!(class(stage.sync(&mut stored, &repo).await), ErrorClass::Gone);
}

#[tokio::test]
async fn issues_that_are_switched_off_disappear_and_come_back() {
    let stage = Stage::start().await;
    let repo = stage.repo("switch", 230, 3).await;
    let mut stored = stage.synced(&repo).await;
    stage.edit_repo(&repo, json!({ "has_issues": false })).await;
    stage.sync(&mut stored, &repo).await.expect("pull requests go on");
    let kinds = |kind: &str| stored.entities.keys().filter(|(known, _)| known == kind).count();
    assert_eq!((kinds("issue"), kinds("pull_request")), (0, 3));
    let pull = stored.entities.keys().find(|(kind, _)| kind == "pull_request").expect("one").1.clone();
    stage.change(&repo, pull.parse().expect("a number"), json!({ "title": "Still read" })).await;
    stage.sync(&mut stored, &repo).await.expect("a run");
    assert_eq!(stored.entities[&("pull_request".to_owned(), pull)].0.title, "Still read");
    stage.edit_repo(&repo, json!({ "has_issues": true })).await;
    stage.sync(&mut stored, &repo).await.expect("a run");
    stage.assert_same(&stored, &repo).await;
}

#[tokio::test]
async fn trouble_at_github_is_met_with_smaller_pages() {
    let stage = Stage::start().await;
    let repo = stage.repo("trouble", 60, 0).await;
    for status in [502, 503, 504] {
        stage.fault(&format!("*/{}/issues*", id(&repo)), 2, json!({ "status": status, "body": "<html>" })).await;
        let stored = stage.synced(&repo).await;
        stage.assert_same(&stored, &repo).await;
    }
    let calls = stage.fakes.control("GET", "/calls?provider=github&path=per_page=25", Value::Null).await;
    assert!(!calls.as_array().expect("calls").is_empty());
    // What stays broken is left to a later run, which goes on where this one was.
    stage.fault(&format!("*/{}/issues*", id(&repo)), 50, json!({ "status": 500 })).await;
    let mut stored = Stored::default();
    assert_eq!(class(stage.sync(&mut stored, &repo).await), ErrorClass::Retry);
    stage.fakes.control("DELETE", "/faults", Value::Null).await;
    stage.sync(&mut stored, &repo).await.expect("a run");
    stage.assert_same(&stored, &repo).await;
}

#[tokio::test]
async fn limits_are_obeyed_in_githubs_order() {
    let stage = Stage::start().await;
    let repo = stage.repo("limited", 3, 0).await;
    let mut stored = stage.synced(&repo).await;
    let before = Timestamp::now().as_second();
    stage.control("PATCH", "/settings", json!({ "points_per_minute": 0 })).await;
    let ErrorClass::WaitUntil(at) = class(stage.sync(&mut stored, &repo).await) else { panic!("a wait") };
    assert!((before + 1..=before + 70).contains(&at.as_second()), "{at}");
    stage.control("PATCH", "/settings", json!({ "says_retry_after": false })).await;
    assert_eq!(class(stage.sync(&mut stored, &repo).await), ErrorClass::Retry);
    stage.control("PATCH", "/settings", json!({ "points_per_minute": 900 })).await;
    stage.control("POST", "/users/octo-dev/spend", json!({ "calls": 5_000 })).await;
    let ErrorClass::WaitUntil(at) = class(stage.sync(&mut stored, &repo).await) else { panic!("a wait") };
    assert!((before + 3_000..=before + 3_700).contains(&at.as_second()), "{at}");
    let too_many = json!({ "status": 429, "headers": { "retry-after": "5" }, "body": { "message": "slow down" } });
    stage.control("PATCH", "/settings", json!({ "calls_per_hour": 90_000 })).await;
    stage.fault(&format!("*/{}*", id(&repo)), 1, too_many).await;
    assert!(matches!(class(stage.sync(&mut stored, &repo).await), ErrorClass::WaitUntil(_)));
    stage.sync(&mut stored, &repo).await.expect("the limit is over");
    stage.assert_same(&stored, &repo).await;
}

#[tokio::test]
async fn an_answer_that_is_cut_short_or_leads_elsewhere_is_not_believed() {
    let stage = Stage::start().await;
    let repo = stage.repo("odd", 3, 0).await;
    let mut stored = stage.synced(&repo).await;
    stage.change(&repo, 1, json!({ "title": "Changed" })).await;
    stage.fault(&format!("*/{}/issues*", id(&repo)), 1, json!({ "status": 200, "body": "[{\"number\": 1" })).await;
    assert_eq!(class(stage.sync(&mut stored, &repo).await), ErrorClass::Retry);
    let link = "<http://evil.example/steal>; rel=\"next\"";
    let issue = stage.control("GET", "/state", Value::Null).await;
    let issue = issue["repos"].as_array().expect("repositories").iter().find(|it| it["id"] == id(&repo)).expect("ours")
        ["issues"][0]
        .clone();
    // A page whose items are all of the second that was asked for is followed by its link.
    let mut old = issue.clone();
    old["updated_at"] = "2001-01-01T00:00:00Z".into();
    stage
        .fault(
            &format!("*/{}/issues*", id(&repo)),
            1,
            json!({ "status": 200, "headers": { "link": link }, "body": [old] }),
        )
        .await;
    assert_eq!(class(stage.sync(&mut stored, &repo).await), ErrorClass::Bug);
}

#[tokio::test]
async fn state_of_another_version_is_read_again_from_scratch() {
    let stage = Stage::start().await;
    let repo = stage.repo("older", 1, 0).await;
    let mut stored = Stored::default();
    stored.state = Some(json!({ "page": 3 }));
    assert_eq!(class(stage.sync(&mut stored, &repo).await), ErrorClass::Resync);
}
