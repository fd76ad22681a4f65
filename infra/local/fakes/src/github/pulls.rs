//! Pull requests.

use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::Value;

use super::changes::{self, IssueEdit};
use super::data::{Issue, Pull};
use super::guard::Asker;
use super::hub::Hub;
use super::issues::Listing;
use super::page::Paging;
use super::refusal::Refusal;
use super::repos::{self, Place, find};
use super::shape;

/// `GET …/pulls`, which knows no `since`.
pub(super) async fn list(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
    uri: Uri,
    Query(mut listing): Query<Listing>,
    Query(paging): Query<Paging>,
    place: Place,
) -> Result<Response, Refusal> {
    listing.forget_since();
    hub.look(|data, urls| {
        let repo = find(data, &asker, &place, &uri, urls)?;
        let pulls: Vec<(&Issue, &Pull)> =
            listing.of(repo).into_iter().filter_map(|issue| Some((issue, issue.pull.as_ref()?))).collect();
        let url = format!("{}/repositories/{}/pulls?{}", urls.api, repo.id, listing.query());
        Ok(paging.answer(pulls, &url, |(issue, pull)| shape::pull(data, repo, issue, pull, asker.version, urls)))
    })
}

/// `GET …/pulls/{number}`
pub(super) async fn get(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
    uri: Uri,
    place: Place,
) -> Result<Json<Value>, Refusal> {
    hub.look(|data, urls| {
        let repo = find(data, &asker, &place, &uri, urls)?;
        let issue = repos::issue(data, repo, &place, urls)?;
        let pull = issue.pull.as_ref().ok_or_else(Refusal::not_found)?;
        Ok(Json(shape::whole_pull(data, repo, issue, pull, asker.version, urls)))
    })
}

/// A pull request to be opened.
#[derive(Deserialize)]
pub(super) struct NewPull {
    title: String,
    body: Option<String>,
    head: String,
    base: String,
    #[serde(default)]
    draft: bool,
}

/// `POST …/pulls`
pub(super) async fn create(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
    uri: Uri,
    place: Place,
    Json(new): Json<NewPull>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    hub.change(|data, now_s, urls, events| {
        let repo = find(data, &asker, &place, &uri, urls)?;
        if !asker.opens.writes(data, repo, "pull_requests") {
            return Err(Refusal::new(403, "Resource not accessible by integration"));
        }
        let same = |issue: &Issue| issue.open && issue.pull.as_ref().is_some_and(|it| it.head == new.head);
        if repo.issues.values().any(same) {
            return Err(Refusal::unprocessable("Validation Failed: A pull request already exists for this head."));
        }
        let (repo_id, author) = (repo.id, asker.opens.user().unwrap_or_default());
        let pull = Pull { head: new.head, base: new.base, draft: new.draft, merged_s: None, reviewers: Vec::new() };
        let edit = IssueEdit { title: Some(new.title), body: new.body, ..IssueEdit::default() };
        let number = changes::open(data, repo_id, author, Some(pull), edit, now_s, urls, events);
        let repo = data.repos.get(&repo_id).ok_or_else(Refusal::not_found)?;
        let issue = number.and_then(|number| repo.issues.get(&number)).ok_or_else(Refusal::not_found)?;
        let pull = issue.pull.as_ref().ok_or_else(Refusal::not_found)?;
        Ok((StatusCode::CREATED, Json(shape::whole_pull(data, repo, issue, pull, asker.version, urls))))
    })
}
