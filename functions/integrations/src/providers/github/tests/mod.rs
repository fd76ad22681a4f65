//! The provider against GitHub's fake: whatever goes wrong, the end is what GitHub holds.

mod account;
mod acting;
mod failures;
mod fake;
mod hooks;
mod reading;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use fake::{Caller, Fakes, Stored};

use super::Github;
use crate::providers::{Authorization, Code, Failure, Grant, Provider, Resource};

/// The fake, our provider, and an account that is connected.
struct Stage {
    fakes: Fakes,
    github: Github,
    caller: Caller,
}

/// `verifier`, by S256.
const CHALLENGE: &str = "iMnq5o6zALKXGivsnlom_0F5_WYda32GHkxlV7mq7hQ";
const BACK: &str = "http://localhost:8787/api/integrations/github/callback";

async fn connect(github: &Github, fakes: &Fakes, more: &str) -> Result<Grant, Failure> {
    let asked =
        Authorization { redirect_uri: BACK, state: "s", code_challenge: CHALLENGE, actions: false, account: None };
    let back = fakes.agree(&github.authorize_url(&asked)?, more).await;
    assert_eq!(back["state"], "s");
    let now = jiff::Timestamp::now();
    github.exchange(&Code { code: &back["code"], redirect_uri: BACK, code_verifier: "verifier", now }).await
}

impl Stage {
    /// With the GitHub App.
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With an OAuth app alone.
    async fn start_oauth() -> Self {
        Self::start_with(&[
            ("GITHUB_CLIENT_ID", "fake-github-oauth"),
            ("GITHUB_CLIENT_SECRET", "fake-github-oauth-secret"),
            ("GITHUB_APP_ID", ""),
        ])
        .await
    }

    async fn start_with(more: &[(&str, &str)]) -> Self {
        let fakes = Fakes::start(more).await;
        let github = Github::new(&fakes.settings);
        let grant = connect(&github, &fakes, "&login=octo-dev").await.expect("the account is connected");
        let caller = Caller {
            credentials: grant.credentials,
            account: grant.account,
            scopes: grant.scopes,
            config: Default::default(),
        };
        Self { fakes, github, caller }
    }

    async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        self.fakes.control(method, &format!("/github{path}"), body).await
    }

    /// A repository of the account with so many issues and pull requests.
    async fn repo(&self, name: &str, issues: u64, pulls: u64) -> Resource {
        let body = json!({ "owner": "octo-dev", "name": name, "issues": issues, "pulls": pulls });
        let id = self.control("POST", "/repos", body).await["id"].clone();
        Resource { key: format!("repo:{id}"), name: name.into(), params: json!({}), routes: Vec::new() }
    }

    async fn change(&self, repo: &Resource, number: u64, edit: Value) {
        self.control("PATCH", &format!("/repos/{}/issues/{number}", id(repo)), edit).await;
    }

    async fn edit_repo(&self, repo: &Resource, edit: Value) {
        self.control("PATCH", &format!("/repos/{}", id(repo)), edit).await;
    }

    async fn delete(&self, repo: &Resource, number: u64) {
        self.control("DELETE", &format!("/repos/{}/issues/{number}", id(repo)), Value::Null).await;
    }

    /// The next calls of this path fail.
    async fn fault(&self, path: &str, times: u32, answer: Value) {
        let fault = json!({ "provider": "github", "path": path, "times": times, "answer": answer });
        self.fakes.control("POST", "/faults", fault).await;
    }

    async fn sync(&self, stored: &mut Stored, repo: &Resource) -> Result<(), Failure> {
        stored.sync(&self.github, &self.caller, repo).await
    }

    async fn synced(&self, repo: &Resource) -> Stored {
        let mut stored = Stored::default();
        self.sync(&mut stored, repo).await.expect("the repository is read");
        stored
    }

    /// What is stored is what GitHub holds, entity for entity.
    async fn assert_same(&self, stored: &Stored, repo: &Resource) {
        let all = self.control("GET", "/state", Value::Null).await;
        let all = all["repos"].as_array().expect("repositories");
        let there = all.iter().find(|it| it["id"] == id(repo)).expect("the repository is there");
        let mut wanted = BTreeMap::new();
        wanted.insert(("repository".to_owned(), id(repo).to_string()), told(there, "full_name", Value::from("active")));
        for issue in there["issues"].as_array().expect("issues") {
            let is_pull = issue.get("pull_request").is_some();
            let kind = if is_pull { "pull_request" } else { "issue" };
            let is_merged = issue["pull_request"]["merged_at"].is_string();
            let state = if is_merged { Value::from("merged") } else { issue["state"].clone() };
            wanted.insert((kind.to_owned(), issue["number"].to_string()), told(issue, "title", state));
        }
        let found = stored.entities.iter().map(|(key, (draft, _))| {
            let told = json!([draft.title, draft.state, draft.url, draft.labels]);
            (key.clone(), told)
        });
        assert_eq!(found.collect::<BTreeMap<_, _>>(), wanted);
    }
}

fn told(it: &Value, title: &str, state: Value) -> Value {
    let labels = it["labels"].as_array().cloned().unwrap_or_default();
    let labels: Vec<Value> = labels.into_iter().map(|label| label["name"].clone()).collect();
    json!([it[title], state, it["html_url"], labels])
}

fn id(repo: &Resource) -> u64 {
    repo.key.strip_prefix("repo:").and_then(|id| id.parse().ok()).expect("a repository's key")
}

/// What the failure of a run is.
fn class(failed: Result<(), Failure>) -> domain::integration::ErrorClass {
    failed.expect_err("the run fails").class
}
