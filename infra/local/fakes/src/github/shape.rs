//! Bodies of the API's answers.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::data::{Comment, Data, Installation, Issue, Pull, Repo, User};

/// The addresses that bodies are full of.
#[derive(Clone, Copy)]
pub(super) struct Urls<'a> {
    pub(super) api: &'a str,
    pub(super) site: &'a str,
}

/// The version of the API that was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Version {
    /// 2022-11-28, the default.
    Old,
    /// 2026-03-10, the first one with breaking changes.
    New,
}

impl Version {
    pub(super) fn of(header: Option<&str>) -> Option<Self> {
        match header {
            None | Some("2022-11-28") => Some(Self::Old),
            Some("2026-03-10") => Some(Self::New),
            Some(_) => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Old => "2022-11-28",
            Self::New => "2026-03-10",
        }
    }
}

/// `2026-11-23T22:00:00Z`
pub(super) fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

pub(super) fn user(user: &User, urls: &Urls) -> Value {
    json!({
        "login": user.login,
        "id": user.id,
        "node_id": format!("U_{}", user.id),
        "avatar_url": format!("{}/avatars/{}", urls.site, user.id),
        "html_url": format!("{}/{}", urls.site, user.login),
        "type": "User",
        "name": user.name,
    })
}

fn user_by_id(data: &Data, id: u64, urls: &Urls) -> Value {
    data.users.get(&id).map_or(Value::Null, |found| user(found, urls))
}

pub(super) fn repo(data: &Data, repo: &Repo, urls: &Urls) -> Value {
    let full_name = data.full_name(repo);
    json!({
        "id": repo.id,
        "node_id": format!("R_{}", repo.id),
        "name": repo.name,
        "full_name": full_name,
        "owner": user_by_id(data, repo.owner, urls),
        "private": repo.private,
        "visibility": if repo.private { "private" } else { "public" },
        "archived": repo.archived,
        "description": repo.description,
        "has_issues": repo.has_issues,
        "topics": [],
        "default_branch": "main",
        "open_issues_count": repo.issues.values().filter(|issue| issue.open).count(),
        "html_url": format!("{}/{full_name}", urls.site),
        "url": format!("{}/repos/{full_name}", urls.api),
        "created_at": time(repo.created_s),
        "updated_at": time(repo.updated_s),
        "pushed_at": time(repo.updated_s),
    })
}

pub(super) fn issue(data: &Data, repo: &Repo, issue: &Issue, version: Version, urls: &Urls) -> Value {
    let full_name = data.full_name(repo);
    let (api, site, number) = (urls.api, urls.site, issue.number);
    let mut body = json!({
        "id": issue.id,
        "node_id": format!("I_{}", issue.id),
        "number": number,
        "title": issue.title,
        "body": issue.body,
        "user": user_by_id(data, issue.author, urls),
        "labels": labels(issue),
        "assignees": people(data, &issue.assignees, urls),
        "state": state(issue),
        "state_reason": if issue.open { Value::Null } else { "completed".into() },
        "locked": false,
        "comments": issue.comments.len(),
        "url": format!("{api}/repos/{full_name}/issues/{number}"),
        "repository_url": format!("{api}/repos/{full_name}"),
        "html_url": page(site, &full_name, issue),
        "created_at": time(issue.created_s),
        "updated_at": time(issue.updated_s),
        "closed_at": issue.closed_s.map(time),
    });
    if let Some(pull) = &issue.pull {
        body["pull_request"] = json!({
            "url": format!("{api}/repos/{full_name}/pulls/{number}"),
            "html_url": page(site, &full_name, issue),
            "merged_at": pull.merged_s.map(time),
        });
        body["draft"] = pull.draft.into();
    }
    with_assignee(body, version)
}

pub(super) fn pull(data: &Data, repo: &Repo, issue: &Issue, pull: &Pull, version: Version, urls: &Urls) -> Value {
    let full_name = data.full_name(repo);
    let number = issue.number;
    let mut body = json!({
        "id": issue.id + 1_000_000_000,
        "node_id": format!("PR_{}", issue.id),
        "number": number,
        "title": issue.title,
        "body": issue.body,
        "user": user_by_id(data, issue.author, urls),
        "labels": labels(issue),
        "assignees": people(data, &issue.assignees, urls),
        "requested_reviewers": people(data, &pull.reviewers, urls),
        "state": state(issue),
        "draft": pull.draft,
        "head": { "ref": pull.head, "label": format!("{}:{}", data.login(repo.owner), pull.head) },
        "base": { "ref": pull.base, "label": format!("{}:{}", data.login(repo.owner), pull.base) },
        "url": format!("{}/repos/{full_name}/pulls/{number}", urls.api),
        "html_url": page(urls.site, &full_name, issue),
        "created_at": time(issue.created_s),
        "updated_at": time(issue.updated_s),
        "closed_at": issue.closed_s.map(time),
        "merged_at": pull.merged_s.map(time),
    });
    if version == Version::Old {
        body["merge_commit_sha"] = pull.merged_s.map(|at| format!("{at:040x}")).into();
    }
    with_assignee(body, version)
}

/// A pull request on its own tells what its list does not.
pub(super) fn whole_pull(data: &Data, repo: &Repo, issue: &Issue, it: &Pull, version: Version, urls: &Urls) -> Value {
    let mut body = pull(data, repo, issue, it, version, urls);
    body["merged"] = it.merged_s.is_some().into();
    body["mergeable"] = if issue.open { true.into() } else { Value::Null };
    body["comments"] = issue.comments.len().into();
    body["commits"] = 1.into();
    body
}

pub(super) fn comment(data: &Data, repo: &Repo, issue: &Issue, comment: &Comment, urls: &Urls) -> Value {
    let page = page(urls.site, &data.full_name(repo), issue);
    json!({
        "id": comment.id,
        "html_url": format!("{page}#issuecomment-{}", comment.id),
        "node_id": format!("IC_{}", comment.id),
        "body": comment.body,
        "user": user_by_id(data, comment.author, urls),
        "created_at": time(comment.at_s),
        "updated_at": time(comment.at_s),
    })
}

pub(super) fn installation(data: &Data, installation: &Installation, urls: &Urls) -> Value {
    json!({
        "id": installation.id,
        "app_id": super::APP_ID,
        "app_slug": "agent-ops",
        "client_id": super::CLIENT_ID,
        "account": user_by_id(data, installation.account, urls),
        "target_type": "User",
        "repository_selection": if installation.repos.is_some() { "selected" } else { "all" },
        "permissions": installation.permissions,
        "suspended_at": installation.suspended.then(|| time(0)),
    })
}

/// Version 2026-03-10 no longer has the first assignee apart.
fn with_assignee(mut body: Value, version: Version) -> Value {
    if version == Version::Old {
        body["assignee"] = body["assignees"].get(0).cloned().unwrap_or(Value::Null);
    }
    body
}

fn state(issue: &Issue) -> &'static str {
    if issue.open { "open" } else { "closed" }
}

fn labels(issue: &Issue) -> Vec<Value> {
    let label = |name: &String| json!({ "name": name, "color": "ededed", "description": null });
    issue.labels.iter().map(label).collect()
}

fn people(data: &Data, ids: &[u64], urls: &Urls) -> Vec<Value> {
    ids.iter().map(|id| user_by_id(data, *id, urls)).collect()
}

fn page(site: &str, full_name: &str, issue: &Issue) -> String {
    let kind = if issue.pull.is_some() { "pull" } else { "issues" };
    format!("{site}/{full_name}/{kind}/{}", issue.number)
}
