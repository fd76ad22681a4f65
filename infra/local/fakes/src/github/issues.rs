//! Issues, among which GitHub counts pull requests.

use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::{Extension, Json};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::changes::{self, IssueEdit};
use super::data::{Issue, Repo};
use super::guard::Asker;
use super::hub::Hub;
use super::page::Paging;
use super::refusal::Refusal;
use super::repos::{self, Place, find};
use super::shape;

/// Which issues, and in which order.
#[derive(Debug, Deserialize)]
pub(super) struct Listing {
    #[serde(default = "open")]
    state: String,
    #[serde(default = "created")]
    sort: String,
    #[serde(default = "descending")]
    direction: String,
    /// Changed then or later.
    since: Option<Timestamp>,
}

fn open() -> String {
    "open".into()
}

fn created() -> String {
    "created".into()
}

fn descending() -> String {
    "desc".into()
}

impl Listing {
    /// The issues that are wanted, in order.
    pub(super) fn of<'a>(&self, repo: &'a Repo) -> Vec<&'a Issue> {
        let since_s = self.since.map_or(i64::MIN, |since| since.as_second());
        let in_state = |issue: &&Issue| match self.state.as_str() {
            "all" => true,
            "closed" => !issue.open,
            _ => issue.open,
        };
        let mut found: Vec<&Issue> =
            repo.issues.values().filter(in_state).filter(|issue| issue.updated_s >= since_s).collect();
        found.sort_by_key(|issue| match self.sort.as_str() {
            "updated" => (issue.updated_s, issue.number),
            "comments" => (issue.comments.len() as i64, issue.number),
            _ => (issue.created_s, issue.number),
        });
        if self.direction != "asc" {
            found.reverse();
        }
        found
    }

    /// Some lists know no `since`.
    pub(super) fn forget_since(&mut self) {
        self.since = None;
    }

    /// The query, as links repeat it.
    pub(super) fn query(&self) -> String {
        let since = self.since.map_or_else(String::new, |since| format!("&since={since}"));
        format!("state={}&sort={}&direction={}{since}", self.state, self.sort, self.direction)
    }
}

/// `GET …/issues`
pub(super) async fn list(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
    uri: Uri,
    Query(listing): Query<Listing>,
    Query(paging): Query<Paging>,
    place: Place,
) -> Result<Response, Refusal> {
    hub.look(|data, urls| {
        let repo = find(data, &asker, &place, &uri, urls)?;
        if !repo.has_issues {
            return Err(Refusal::new(410, "Issues are disabled for this repo"));
        }
        let url = format!("{}/repositories/{}/issues?{}", urls.api, repo.id, listing.query());
        let shape = |issue: &Issue| shape::issue(data, repo, issue, asker.version, urls);
        Ok(paging.answer(listing.of(repo), &url, shape))
    })
}

/// `GET …/issues/{number}`
pub(super) async fn get(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
    uri: Uri,
    place: Place,
) -> Result<Json<Value>, Refusal> {
    hub.look(|data, urls| {
        let repo = find(data, &asker, &place, &uri, urls)?;
        let issue = repos::issue(data, repo, &place, urls)?;
        Ok(Json(shape::issue(data, repo, issue, asker.version, urls)))
    })
}

/// What a new comment says.
#[derive(Deserialize)]
pub(super) struct NewComment {
    body: String,
}

/// `POST …/issues/{number}/comments`
pub(super) async fn comment(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
    uri: Uri,
    place: Place,
    Json(new): Json<NewComment>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    hub.change(|data, now_s, urls, events| {
        let repo = find(data, &asker, &place, &uri, urls)?;
        if !asker.opens.writes(data, repo, "issues") {
            return Err(Refusal::new(403, "Resource not accessible by integration"));
        }
        let (repo_id, number) = (repo.id, repos::issue(data, repo, &place, urls)?.number);
        let author = asker.opens.user().unwrap_or_default();
        let comment = changes::comment(data, (repo_id, number), author, new.body, now_s, urls, events);
        Ok((StatusCode::CREATED, Json(comment.ok_or_else(Refusal::not_found)?)))
    })
}

/// `GET …/issues/{number}/comments`
pub(super) async fn comments(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
    uri: Uri,
    Query(paging): Query<Paging>,
    place: Place,
) -> Result<Response, Refusal> {
    hub.look(|data, urls| {
        let repo = find(data, &asker, &place, &uri, urls)?;
        let issue = repos::issue(data, repo, &place, urls)?;
        let url = format!("{}/repositories/{}/issues/{}/comments", urls.api, repo.id, issue.number);
        Ok(paging
            .answer(issue.comments.iter().collect(), &url, |comment| shape::comment(data, repo, issue, comment, urls)))
    })
}

/// `POST …/issues`
pub(super) async fn create(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
    uri: Uri,
    place: Place,
    Json(new): Json<IssueEdit>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    hub.change(|data, now_s, urls, events| {
        let repo = find(data, &asker, &place, &uri, urls)?;
        if !asker.opens.writes(data, repo, "issues") {
            return Err(Refusal::new(403, "Resource not accessible by integration"));
        }
        if new.title.is_none() {
            return Err(Refusal::unprocessable("Validation Failed"));
        }
        let (repo_id, author) = (repo.id, asker.opens.user().unwrap_or_default());
        let number = changes::open(data, repo_id, author, None, new, now_s, urls, events);
        let repo = data.repos.get(&repo_id).ok_or_else(Refusal::not_found)?;
        let issue = number.and_then(|number| repo.issues.get(&number)).ok_or_else(Refusal::not_found)?;
        Ok((StatusCode::CREATED, Json(shape::issue(data, repo, issue, asker.version, urls))))
    })
}
