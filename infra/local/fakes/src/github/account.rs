//! `/user` and what is below it.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::data::{Data, Installation, Repo, User};
use super::guard::Asker;
use super::hub::Hub;
use super::page::Paging;
use super::refusal::Refusal;
use super::shape;
use super::tokens::Opens;

fn me<'a>(data: &'a Data, asker: &Asker) -> Result<&'a User, Refusal> {
    let user = asker.opens.user().and_then(|user| data.users.get(&user));
    user.ok_or_else(|| Refusal::new(403, "Resource not accessible by integration"))
}

/// `GET /user`
pub(super) async fn user(State(hub): State<Hub>, Extension(asker): Extension<Asker>) -> Result<Json<Value>, Refusal> {
    hub.look(|data, urls| {
        let user = me(data, &asker)?;
        let mut body = shape::user(user, urls);
        body["email"] = user.emails.first().filter(|email| email.verified).map(|email| email.email.as_str()).into();
        Ok(Json(body))
    })
}

/// `GET /user/emails`
pub(super) async fn emails(State(hub): State<Hub>, Extension(asker): Extension<Asker>) -> Result<Json<Value>, Refusal> {
    hub.look(|data, _| {
        let user = me(data, &asker)?;
        let allowed = match &asker.opens {
            Opens::OauthUser { scopes, .. } => scopes.iter().any(|scope| scope == "user:email" || scope == "user"),
            _ => true,
        };
        if !allowed {
            // As GitHub tells whoever lacks a scope.
            return Err(Refusal::not_found());
        }
        let email = |(at, it): (usize, &super::data::Email)| json!({ "email": it.email, "verified": it.verified, "primary": at == 0, "visibility": null });
        Ok(Json(user.emails.iter().enumerate().map(email).collect()))
    })
}

/// `GET /user/repos`
pub(super) async fn repos(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
    Query(paging): Query<Paging>,
) -> Result<Response, Refusal> {
    hub.look(|data, urls| {
        let user = me(data, &asker)?;
        let mut repos: Vec<&Repo> = data
            .repos
            .values()
            .filter(|repo| repo.members.contains(&user.id) && asker.opens.shows(data, repo))
            .collect();
        repos.sort_by_key(|repo| std::cmp::Reverse(repo.updated_s));
        let url = format!("{}/user/repos?sort=pushed", urls.api);
        Ok(paging.answer(repos, &url, |repo| shape::repo(data, repo, urls)))
    })
}

/// `GET /user/installations`
pub(super) async fn installations(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
) -> Result<Json<Value>, Refusal> {
    hub.look(|data, urls| {
        let user = me(data, &asker)?;
        if !matches!(asker.opens, Opens::AppUser { .. }) {
            return Err(Refusal::new(403, "You must authenticate with an access token authorized to a GitHub App"));
        }
        let seen = |installation: &&Installation| sees(data, user, installation);
        let found: Vec<Value> =
            data.installations.values().filter(seen).map(|it| shape::installation(data, it, urls)).collect();
        Ok(Json(json!({ "total_count": found.len(), "installations": found })))
    })
}

/// Whether any of the installation's repositories is the user's to see.
fn sees(data: &Data, user: &User, installation: &Installation) -> bool {
    let of_user = |repo: &Repo| data.covers(installation, repo) && repo.members.contains(&user.id);
    installation.account == user.id || data.repos.values().any(of_user)
}

/// `GET /user/installations/{id}/repositories`
pub(super) async fn installation_repos(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
    Path(id): Path<u64>,
    Query(paging): Query<Paging>,
) -> Result<Response, Refusal> {
    hub.look(|data, urls| {
        let user = me(data, &asker)?;
        let installation =
            data.installations.get(&id).filter(|it| sees(data, user, it)).ok_or_else(Refusal::not_found)?;
        if installation.suspended {
            return Err(Refusal::new(403, "This installation has been suspended"));
        }
        let of_user = |repo: &&Repo| data.covers(installation, repo) && repo.members.contains(&user.id);
        let repos: Vec<&Repo> = data.repos.values().filter(of_user).collect();
        let url = format!("{}/user/installations/{id}/repositories", urls.api);
        Ok(counted(&paging, repos, &url, data, urls))
    })
}

/// `GET /installation/repositories`
pub(super) async fn own_installation_repos(
    State(hub): State<Hub>,
    Extension(asker): Extension<Asker>,
    Query(paging): Query<Paging>,
) -> Result<Response, Refusal> {
    hub.look(|data, urls| {
        if !matches!(asker.opens, Opens::Installation { .. }) {
            return Err(Refusal::new(403, "Resource not accessible by integration"));
        }
        let repos: Vec<&Repo> = data.repos.values().filter(|repo| asker.opens.shows(data, repo)).collect();
        Ok(counted(&paging, repos, &format!("{}/installation/repositories", urls.api), data, urls))
    })
}

/// A page in the envelope that these two lists have.
fn counted(paging: &Paging, repos: Vec<&Repo>, url: &str, data: &Data, urls: &shape::Urls) -> Response {
    let (links, page) = paging.page(repos.clone(), url);
    let page: Vec<Value> = page.into_iter().map(|repo| shape::repo(data, repo, urls)).collect();
    let body = Json(json!({ "total_count": repos.len(), "repositories": page }));
    (links, body).into_response()
}
