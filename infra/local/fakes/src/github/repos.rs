//! Repositories by name or number, as every route below them finds theirs.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::http::Uri;
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::data::{Data, Issue, Repo};
use super::guard::Asker;
use super::hub::Hub;
use super::refusal::Refusal;
use super::shape::{self, Urls};

/// Variables of a path: `owner` and `repo`, or `id`; and what follows.
pub(super) type Place = Path<HashMap<String, String>>;

/// The repository of this path; one that was renamed is somewhere else.
pub(super) fn find<'a>(
    data: &'a Data,
    asker: &Asker,
    Path(place): &Place,
    uri: &Uri,
    urls: &Urls,
) -> Result<&'a Repo, Refusal> {
    let repo = match (place.get("owner"), place.get("repo")) {
        (Some(owner), Some(name)) => {
            let full_name = format!("{owner}/{name}");
            match (data.repo_named(&full_name), data.former_names.get(&full_name.to_lowercase())) {
                (Some(repo), _) => Some(repo),
                (None, Some(id)) => {
                    // The router has taken away what it matched.
                    let rest = uri.path().trim_end_matches('/');
                    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
                    return Err(Refusal::moved(format!("{}/repositories/{id}{rest}{query}", urls.api)));
                }
                (None, None) => None,
            }
        }
        _ => place.get("id").and_then(|id| data.repos.get(&id.parse().ok()?)),
    };
    match repo.filter(|repo| asker.opens.shows(data, repo)) {
        None => Err(Refusal::not_found()),
        Some(repo) if repo.blocked => Err(Refusal::new(451, "Repository access blocked")),
        Some(repo) => Ok(repo),
    }
}

/// The number in the path.
pub(super) fn number(Path(place): &Place) -> Result<u64, Refusal> {
    place.get("number").and_then(|number| number.parse().ok()).ok_or_else(Refusal::not_found)
}

/// The issue or pull request in the path; one that was deleted is 410, one that moved is somewhere else.
pub(super) fn issue<'a>(data: &'a Data, repo: &'a Repo, place: &Place, urls: &Urls) -> Result<&'a Issue, Refusal> {
    let number = number(place)?;
    if let Some((repo, number)) = repo.transferred.get(&number) {
        let full_name = data.repos.get(repo).map(|repo| data.full_name(repo)).ok_or_else(Refusal::not_found)?;
        return Err(Refusal::moved(format!("{}/repos/{full_name}/issues/{number}", urls.api)));
    }
    if repo.deleted.contains(&number) {
        return Err(Refusal::new(410, "This issue was deleted"));
    }
    repo.issues.get(&number).ok_or_else(Refusal::not_found)
}

/// `GET /repos/{owner}/{repo}` and `GET /repositories/{id}`
pub(super) async fn get(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
    uri: Uri,
    place: Place,
) -> Result<Json<Value>, Refusal> {
    hub.look(|data, urls| {
        let repo = find(data, &asker, &place, &uri, urls)?;
        let mut body = shape::repo(data, repo, urls);
        let push = asker.opens.writes(data, repo, "contents");
        body["permissions"] = json!({ "admin": false, "push": push, "pull": true });
        Ok(Json(body))
    })
}
