//! The REST API's habits.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Hub, text};

fn next(answer: &reqwest::Response) -> Option<String> {
    let links = answer.headers().get("link")?.to_str().ok()?;
    let link = links.split(", ").find(|link| link.ends_with("rel=\"next\""))?;
    Some(link.split(['<', '>']).nth(1)?.to_owned())
}

#[tokio::test]
async fn links_lead_through_every_page() {
    let hub = Hub::start().await;
    let token = hub.oauth_user("repo").await;
    let repo = hub.repo("large", 230, 20).await;
    let mut url = Some(format!("/repositories/{repo}/issues?state=all&sort=updated&direction=asc&per_page=100"));
    let mut seen: Vec<u64> = Vec::new();
    let mut pages = 0;
    while let Some(at) = url {
        let answer = hub.get(&at, &token).await;
        url = next(&answer);
        let items: Vec<Value> = answer.json().await.expect("a list");
        seen.extend(items.iter().filter_map(|item| item["number"].as_u64()));
        pages += 1;
    }
    assert_eq!((pages, seen), (3, (1..=250).collect()));
}

#[tokio::test]
async fn since_is_inclusive_to_the_second_and_the_pulls_do_not_know_it() {
    let hub = Hub::start().await;
    let token = hub.oauth_user("repo").await;
    let repo = hub.repo("since", 5, 5).await;
    let all = hub.json(&format!("/repositories/{repo}/issues?state=all&sort=updated&direction=asc"), &token).await;
    let since = text(&all[7]["updated_at"]);
    let changed = hub.json(&format!("/repositories/{repo}/issues?state=all&since={since}"), &token).await;
    assert_eq!(changed.as_array().map(Vec::len), Some(3));
    let pulls = hub.json(&format!("/repositories/{repo}/pulls?state=all&since={since}"), &token).await;
    assert_eq!(pulls.as_array().map(Vec::len), Some(5));
    let stubs = all.as_array().expect("a list").iter().filter(|item| item.get("pull_request").is_some());
    assert_eq!(stubs.count(), 5);
}

#[tokio::test]
async fn what_one_token_has_seen_is_304_for_it_alone_and_costs_nothing() {
    let hub = Hub::start().await;
    let (one, other) = (hub.oauth_user("repo").await, hub.oauth_user("repo").await);
    let path = "/repos/octo-dev/billing/issues";
    let first = hub.get(path, &one).await;
    let (etag, used) = (first.headers()["etag"].clone(), first.headers()["x-ratelimit-used"].clone());
    let again = |token: &str| hub.api(Method::GET, path, token).header("if-none-match", &etag).send();
    let same = again(&one).await.expect("an answer");
    assert_eq!((same.status().as_u16(), &same.headers()["x-ratelimit-used"]), (304, &used));
    assert_eq!(again(&other).await.expect("an answer").status(), 200);
    let repo = hub.json("/repos/octo-dev/billing", &one).await["id"].clone();
    hub.control(Method::PATCH, &format!("/github/repos/{repo}/issues/1"), json!({ "state": "closed" })).await;
    assert_eq!(again(&one).await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn whoever_does_not_say_who_they_are_is_refused() {
    let hub = Hub::start().await;
    let token = hub.oauth_user("repo").await;
    let mute = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/github/api/user", hub.url);
    assert_eq!(mute.get(&url).bearer_auth(&token).send().await.expect("an answer").status(), 403);
    assert_eq!(hub.get("/user", "ghp_unknown").await.status(), 401);
    let odd = hub.api(Method::GET, "/user", &token).header("x-github-api-version", "2020-01-01").send().await;
    assert_eq!(odd.expect("an answer").status(), 400);
}

#[tokio::test]
async fn the_newer_version_leaves_fields_out() {
    let hub = Hub::start().await;
    let token = hub.oauth_user("repo").await;
    let ask = async |path: &str, version: &str| -> Value {
        let request = hub.api(Method::GET, path, &token).header("x-github-api-version", version);
        request.send().await.expect("an answer").json().await.expect("JSON")
    };
    let (old, new) = ("2022-11-28", "2026-03-10");
    let issue = "/repos/octo-dev/billing/issues/1";
    assert!(ask(issue, old).await.get("assignee").is_some() && ask(issue, new).await.get("assignee").is_none());
    assert!(ask("/rate_limit", old).await.get("rate").is_some());
    let limits = ask("/rate_limit", new).await;
    assert!(limits.get("rate").is_none() && limits["resources"]["core"]["limit"] == 5_000);
}

#[tokio::test]
async fn a_renamed_repository_redirects_to_its_number() {
    let hub = Hub::start().await;
    let token = hub.oauth_user("repo").await;
    let repo = hub.repo("old-name", 1, 0).await;
    hub.control(Method::PATCH, &format!("/github/repos/{repo}"), json!({ "name": "new-name" })).await;
    let answer = hub.get("/repos/octo-dev/old-name/issues?state=all", &token).await;
    assert_eq!(answer.status(), 301);
    let location = answer.headers()["location"].to_str().expect("text").to_owned();
    assert!(location.ends_with(&format!("/repositories/{repo}/issues?state=all")), "{location}");
    assert_eq!(hub.json(&location, &token).await.as_array().map(Vec::len), Some(1));
    // The name is free again for another one.
    let second = hub.repo("old-name", 0, 0).await;
    assert_eq!(hub.json("/repos/octo-dev/old-name", &token).await["id"], second);
}

#[tokio::test]
async fn what_is_gone_says_how() {
    let hub = Hub::start().await;
    let token = hub.oauth_user("repo").await;
    let (repo, other) = (hub.repo("here", 3, 0).await, hub.repo("there", 1, 0).await);
    let at = |rest: &str| format!("/repositories/{repo}{rest}");
    hub.control(Method::DELETE, &format!("/github/repos/{repo}/issues/1"), Value::Null).await;
    let moved =
        hub.control(Method::POST, &format!("/github/repos/{repo}/issues/2/transfer"), json!({ "to": other })).await;
    assert_eq!(moved["number"], 2);
    let status = async |rest: &str| hub.get(&at(rest), &token).await.status().as_u16();
    assert_eq!((status("/issues/1").await, status("/issues/2").await, status("/issues/9").await), (410, 301, 404));
    hub.control(Method::PATCH, &format!("/github/repos/{repo}"), json!({ "has_issues": false })).await;
    assert_eq!((status("/issues").await, status("/pulls").await), (410, 200));
    hub.control(Method::PATCH, &format!("/github/repos/{repo}"), json!({ "blocked": true })).await;
    assert_eq!(status("").await, 451);
    hub.control(Method::PATCH, &format!("/github/repos/{repo}"), json!({ "blocked": false, "members": [] })).await;
    assert_eq!(status("").await, 404);
}

#[tokio::test]
async fn the_primary_limit_says_when_it_ends() {
    let hub = Hub::start().await;
    let token = hub.oauth_user("repo").await;
    hub.control(Method::POST, "/github/users/octo-dev/spend", json!({ "calls": 5_000 })).await;
    let refused = hub.get("/user", &token).await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["x-ratelimit-remaining"]),
        (403, &"0".parse().expect("text"))
    );
    assert!(refused.headers().contains_key("x-ratelimit-reset"));
    // Asking how much is left is free.
    assert_eq!(hub.get("/rate_limit", &token).await.status(), 200);
    hub.control(Method::POST, "/clock", json!({ "advance_s": 3_601 })).await;
    assert_eq!(hub.get("/user", &token).await.status(), 200);
}

#[tokio::test]
async fn the_secondary_limit_may_say_nothing() {
    let hub = Hub::start().await;
    let token = hub.oauth_user("repo").await;
    hub.control(Method::PATCH, "/github/settings", json!({ "points_per_minute": 1 })).await;
    assert_eq!(hub.get("/user", &token).await.status(), 200);
    let refused = hub.get("/user", &token).await;
    assert_eq!(refused.status(), 403);
    assert!(refused.headers().contains_key("retry-after"));
    hub.control(Method::PATCH, "/github/settings", json!({ "says_retry_after": false })).await;
    let refused = hub.get("/user", &token).await;
    assert!(!refused.headers().contains_key("retry-after"));
    assert!(refused.text().await.expect("a body").contains("secondary rate limit"));
    hub.control(Method::POST, "/clock", json!({ "advance_s": 61 })).await;
    assert_eq!(hub.get("/user", &token).await.status(), 200);
}

#[tokio::test]
async fn a_fault_hits_the_calls_it_is_for() {
    let hub = Hub::start().await;
    let token = hub.oauth_user("repo").await;
    let fault = json!({
        "provider": "github", "path": "/api/user", "skip": 1, "times": 2,
        "answer": { "status": 502, "headers": { "retry-after": "3" }, "body": "<html>" },
    });
    hub.control(Method::POST, "/faults", fault).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(hub.get("/user", &token).await.status().as_u16());
    }
    assert_eq!(statuses, [200, 502, 502, 200]);
    let calls = hub.control(Method::GET, "/calls?provider=github&path=/api/user", Value::Null).await;
    assert_eq!(calls.as_array().map(Vec::len), Some(4));
}
