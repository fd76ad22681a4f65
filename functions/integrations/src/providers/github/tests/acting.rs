//! What is done for an account, and how GitHub refuses it.

use domain::integration::ErrorClass;
use domain::{Action, Repository};
use serde_json::{Value, json};

use super::{Stage, id};
use crate::providers::{Deed, Failure, Provider, Resource};

async fn act(stage: &Stage, action: Action) -> Result<Value, Failure> {
    stage.github.act(&stage.caller.call(), Deed { action: &action, id: "00" }).await
}

fn named(name: &str) -> Repository {
    Repository::parse(&format!("octo-dev/{name}")).unwrap()
}

fn comment(repository: &str, number: u64) -> Action {
    Action::CommentOnIssue { repository: named(repository), number, body: "Seen **here**".into() }
}

fn pull_request(repository: &str, head: &str) -> Action {
    Action::OpenPullRequest {
        repository: named(repository),
        title: "Mend it".into(),
        body: "As agreed".into(),
        head: head.into(),
        base: "main".into(),
        draft: true,
    }
}

async fn issue(stage: &Stage, repo: &Resource, number: u64) -> Value {
    let all = stage.control("GET", "/state", Value::Null).await;
    let repos = all["repos"].as_array().unwrap();
    let issues = repos.iter().find(|it| it["id"] == id(repo)).unwrap()["issues"].as_array().unwrap().clone();
    issues.into_iter().find(|issue| issue["number"] == number).unwrap_or_default()
}

#[tokio::test]
async fn a_comment_is_on_the_issue_and_is_read_by_the_next_run() {
    let stage = Stage::start().await;
    let repo = stage.repo("talk", 2, 0).await;
    let mut stored = stage.synced(&repo).await;
    let made = act(&stage, comment("talk", 2)).await.unwrap();
    assert!(made["url"].as_str().is_some_and(|url| url.contains("/talk/issues/2#issuecomment-")), "{made}");
    assert_eq!(issue(&stage, &repo, 2).await["comments"], 1);
    stage.sync(&mut stored, &repo).await.expect("a run");
    stage.assert_same(&stored, &repo).await;
}

#[tokio::test]
async fn a_pull_request_is_opened_once_for_a_branch() {
    let stage = Stage::start().await;
    let repo = stage.repo("change", 0, 0).await;
    let made = act(&stage, pull_request("change", "mend")).await.unwrap();
    let pull = issue(&stage, &repo, made["number"].as_u64().unwrap()).await;
    assert_eq!((&pull["title"], &pull["draft"]), (&json!("Mend it"), &json!(true)));
    let again = act(&stage, pull_request("change", "mend")).await.unwrap_err();
    assert_eq!(again.class, ErrorClass::Permanent);
    assert!(again.message.contains("already exists"), "{again}");
}

#[tokio::test]
async fn a_refusal_says_what_was_missing() {
    let stage = Stage::start().await;
    stage.repo("closed", 1, 0).await;
    let missing = act(&stage, comment("closed", 9)).await.unwrap_err();
    assert_eq!(missing.class, ErrorClass::Permanent);
    let path = "*/closed/issues/1/comments";
    for (status, said, class, told) in [
        (403, "Resource not accessible by integration", ErrorClass::Permanent, "Issues and Pull requests"),
        (422, "Validation Failed", ErrorClass::Permanent, "Validation Failed"),
        (502, "", ErrorClass::Retry, "GitHub"),
    ] {
        stage.fault(path, 1, json!({ "status": status, "body": { "message": said } })).await;
        let failure = act(&stage, comment("closed", 1)).await.unwrap_err();
        assert_eq!(failure.class, class, "{status}");
        assert!(failure.message.contains(told), "{failure}");
    }
}
