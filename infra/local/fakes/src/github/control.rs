//! `/control/github`: what happens at GitHub while nobody looks.
//!
//! | | |
//! |---|---|
//! | `GET /state` | every account, repository, issue and installation, without tokens |
//! | `PATCH /settings` | see `settings.rs` |
//! | `POST /users {"login", "name"?, "email"?, "verified"?}` | an account |
//! | `POST /users/{login}/expire` | its access tokens expire now |
//! | `POST /users/{login}/revoke` | it takes back what it granted |
//! | `POST /users/{login}/spend {"calls"}` | so many calls of this hour are spent |
//! | `POST /repos {"owner", "name", …}` | a repository, with `issues` and `pulls` of a number in it |
//! | `PATCH`, `DELETE /repos/{id}` | renames, transfers, hides, blocks, deletes it |
//! | `POST /repos/{id}/issues {"title", "pull"?, …}` | an issue or a pull request |
//! | `PATCH`, `DELETE /repos/{id}/issues/{number}` | |
//! | `POST /repos/{id}/issues/{number}/transfer {"to"}` | |
//! | `POST /repos/{id}/issues/{number}/comments {"author", "body"}` | |
//! | `POST /installations {"account", "repos"?}` | installs the App |
//! | `PATCH`, `DELETE /installations/{id}` | `{"repos"?, "suspended"?}` |
//! | `GET /deliveries` | every webhook with its body and signature |
//! | `POST /deliveries/release {"order"}` | sends what is held: `kept`, `reversed`, `shuffled` |
//! | `POST /deliveries/{id}/repeat` | sends one again |

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::changes::{self, IssueEdit, RepoEdit};
use super::data::{Data, Email, Installation, Pull, Repo, User};
use super::deliveries::{self, Event, Order};
use super::hub::Hub;
use super::seed;
use super::settings::Settings;
use super::shape::{self, Version};
use super::tokens::{Client, Opens};

type Told = Result<Json<Value>, StatusCode>;

pub(super) fn router(hub: Hub) -> Router {
    Router::new()
        .route("/state", get(state))
        .route("/settings", patch(settings))
        .route("/users", post(add_user))
        .route("/users/{login}/expire", post(expire))
        .route("/users/{login}/revoke", post(revoke))
        .route("/users/{login}/spend", post(spend))
        .route("/repos", post(add_repo))
        .route("/repos/{id}", patch(edit_repo).delete(delete_repo))
        .route("/repos/{id}/issues", post(add_issue))
        .route("/repos/{id}/issues/{number}", patch(edit_issue).delete(delete_issue))
        .route("/repos/{id}/issues/{number}/transfer", post(transfer))
        .route("/repos/{id}/issues/{number}/comments", post(comment))
        .route("/installations", post(install))
        .route("/installations/{id}", patch(edit_installation).delete(uninstall))
        .route("/deliveries", get(deliveries))
        .route("/deliveries/release", post(release))
        .route("/deliveries/{id}/repeat", post(repeat))
        .with_state(hub)
}

fn done(found: bool) -> StatusCode {
    if found { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

fn told(value: Option<Value>) -> Told {
    value.map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn state(State(hub): State<Hub>) -> Json<Value> {
    hub.look(|data, urls| {
        let repo = |repo: &Repo| {
            let mut body = shape::repo(data, repo, urls);
            let issues = repo.issues.values().map(|issue| shape::issue(data, repo, issue, Version::New, urls));
            body["issues"] = issues.collect();
            body["members"] = repo.members.iter().map(|id| Value::from(data.login(*id))).collect();
            body
        };
        Json(json!({
            "users": data.users.values().map(|user| shape::user(user, urls)).collect::<Vec<_>>(),
            "repos": data.repos.values().map(repo).collect::<Vec<_>>(),
            "installations": data.installations.values().map(|it| shape::installation(data, it, urls)).collect::<Vec<_>>(),
            "tokens": data.tokens.len(),
        }))
    })
}

/// What is absent stays.
async fn settings(State(hub): State<Hub>, Json(wanted): Json<serde_json::Map<String, Value>>) -> StatusCode {
    hub.data.change(|data| {
        let Ok(Value::Object(mut now)) = serde_json::to_value(&data.settings) else { return StatusCode::NOT_FOUND };
        now.extend(wanted);
        match serde_json::from_value::<Settings>(Value::Object(now)) {
            Ok(settings) => {
                data.settings = settings;
                StatusCode::NO_CONTENT
            }
            Err(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewUser {
    login: String,
    name: Option<String>,
    email: Option<String>,
    #[serde(default = "yes")]
    verified: bool,
}

fn yes() -> bool {
    true
}

async fn add_user(State(hub): State<Hub>, Json(new): Json<NewUser>) -> Json<Value> {
    hub.change(|data, _, urls, _| {
        let id = data.mint();
        let email = new.email.unwrap_or_else(|| format!("{}@example.com", new.login));
        let emails = vec![Email { email, verified: new.verified }];
        let user = User { id, name: new.name.unwrap_or_else(|| new.login.clone()), login: new.login, emails };
        let body = shape::user(&user, urls);
        data.users.insert(id, user);
        Json(body)
    })
}

async fn expire(State(hub): State<Hub>, Path(login): Path<String>) -> StatusCode {
    hub.change(|data, now_s, _, _| {
        let Some(user) = data.user_named(&login).map(|user| user.id) else { return StatusCode::NOT_FOUND };
        let of_user = data.tokens.values_mut().filter(|token| token.opens.user() == Some(user));
        of_user.for_each(|token| token.until_s = Some(now_s));
        StatusCode::NO_CONTENT
    })
}

async fn revoke(State(hub): State<Hub>, Path(login): Path<String>) -> StatusCode {
    hub.change(|data, _, urls, events| {
        let Some(user) = data.user_named(&login).cloned() else { return StatusCode::NOT_FOUND };
        data.revoke_grant(user.id, Client::App);
        data.revoke_grant(user.id, Client::Oauth);
        let about = json!({ "sender": shape::user(&user, urls) });
        let name = "github_app_authorization";
        events.push(Event { name, action: Some("revoked"), repo: None, installation: None, about });
        StatusCode::NO_CONTENT
    })
}

#[derive(Deserialize)]
struct Spend {
    calls: u64,
}

async fn spend(State(hub): State<Hub>, Path(login): Path<String>, Json(spent): Json<Spend>) -> StatusCode {
    hub.change(|data, now_s, _, _| {
        let Some(user) = data.user_named(&login).map(|user| user.id) else { return StatusCode::NOT_FOUND };
        let who = format!("user:{user}");
        let mut rate = data.rate(&who, now_s);
        rate.used += spent.calls;
        data.rates.insert(who, rate);
        StatusCode::NO_CONTENT
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRepo {
    owner: String,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default = "yes")]
    private: bool,
    /// How many to fill it with.
    #[serde(default)]
    issues: u64,
    #[serde(default)]
    pulls: u64,
}

async fn add_repo(State(hub): State<Hub>, Json(new): Json<NewRepo>) -> Told {
    told(hub.change(|data, now_s, urls, events| {
        let owner = data.user_named(&new.owner)?.id;
        let id = data.mint();
        let repo =
            Repo { description: new.description, private: new.private, ..Repo::new(id, owner, &new.name, now_s) };
        data.repos.insert(id, repo);
        seed::fill(data, id, new.issues, new.pulls, now_s);
        let repo = data.repos.get(&id)?;
        if let Some(installation) = data.installation_of(repo) {
            let about = json!({ "repositories_added": [shape::repo(data, repo, urls)] });
            events.push(of_installation("installation_repositories", "added", installation, data, about, urls));
        }
        Some(shape::repo(data, repo, urls))
    }))
}

async fn edit_repo(State(hub): State<Hub>, Path(id): Path<u64>, Json(edit): Json<RepoEdit>) -> StatusCode {
    hub.change(|data, now_s, _, events| done(changes::edit_repo(data, id, edit, now_s, events)))
}

async fn delete_repo(State(hub): State<Hub>, Path(id): Path<u64>) -> StatusCode {
    hub.change(|data, _, urls, events| done(changes::delete_repo(data, id, urls, events)))
}

#[derive(Deserialize)]
struct NewIssue {
    /// Login of its author; none: the repository's owner.
    author: Option<String>,
    /// A pull request.
    #[serde(default)]
    pull: bool,
    #[serde(flatten)]
    edit: Map,
}

type Map = serde_json::Map<String, Value>;

async fn add_issue(State(hub): State<Hub>, Path(id): Path<u64>, Json(new): Json<NewIssue>) -> Told {
    let edit: IssueEdit =
        serde_json::from_value(Value::Object(new.edit)).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    told(hub.change(|data, now_s, urls, events| {
        let owner = data.repos.get(&id)?.owner;
        let author = new.author.and_then(|login| Some(data.user_named(&login)?.id)).unwrap_or(owner);
        let pull = new.pull.then(|| Pull {
            head: format!("change-{}", data.last_id),
            base: "main".into(),
            draft: edit.draft.unwrap_or(false),
            merged_s: None,
            reviewers: Vec::new(),
        });
        let number = changes::open(data, id, author, pull, edit, now_s, urls, events)?;
        let repo = data.repos.get(&id)?;
        Some(shape::issue(data, repo, repo.issues.get(&number)?, Version::New, urls))
    }))
}

async fn edit_issue(State(hub): State<Hub>, Path(at): Path<(u64, u64)>, Json(edit): Json<IssueEdit>) -> StatusCode {
    hub.change(|data, now_s, urls, events| done(changes::edit(data, at, edit, now_s, urls, events)))
}

async fn delete_issue(State(hub): State<Hub>, Path(at): Path<(u64, u64)>) -> StatusCode {
    hub.change(|data, _, urls, events| done(changes::delete(data, at, urls, events)))
}

#[derive(Deserialize)]
struct Transfer {
    /// Id of the repository.
    to: u64,
}

async fn transfer(State(hub): State<Hub>, Path(at): Path<(u64, u64)>, Json(order): Json<Transfer>) -> Told {
    told(hub.change(|data, now_s, urls, events| {
        changes::transfer(data, at, order.to, now_s, urls, events).map(|number| json!({ "number": number }))
    }))
}

#[derive(Deserialize)]
struct NewComment {
    author: String,
    body: String,
}

async fn comment(State(hub): State<Hub>, Path(at): Path<(u64, u64)>, Json(new): Json<NewComment>) -> Told {
    told(hub.change(|data, now_s, urls, events| {
        let author = data.user_named(&new.author)?.id;
        changes::comment(data, at, author, new.body, now_s, urls, events)
    }))
}

#[derive(Deserialize)]
struct Install {
    /// Login of the account.
    account: String,
    repos: Option<BTreeSet<u64>>,
}

async fn install(State(hub): State<Hub>, Json(order): Json<Install>) -> Told {
    told(hub.change(|data, _, urls, events| {
        let account = data.user_named(&order.account)?.id;
        let id = data.mint();
        let permissions = seed::permissions();
        let installation = Installation { id, account, repos: order.repos, permissions, suspended: false };
        events.push(of_installation("installation", "created", &installation, data, json!({}), urls));
        let body = shape::installation(data, &installation, urls);
        data.installations.insert(id, installation);
        Some(body)
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InstallationEdit {
    repos: Option<BTreeSet<u64>>,
    suspended: Option<bool>,
}

async fn edit_installation(
    State(hub): State<Hub>,
    Path(id): Path<u64>,
    Json(edit): Json<InstallationEdit>,
) -> StatusCode {
    hub.change(|data, _, urls, events| {
        let Some(installation) = data.installations.get_mut(&id) else { return StatusCode::NOT_FOUND };
        let action = match (edit.suspended, &edit.repos) {
            (Some(true), _) => "suspend",
            (Some(false), _) => "unsuspend",
            _ => "new_permissions_accepted",
        };
        installation.suspended = edit.suspended.unwrap_or(installation.suspended);
        let before = installation.repos.clone();
        let chosen = edit.repos.is_some();
        if chosen {
            installation.repos = edit.repos;
        }
        let installation = installation.clone();
        if chosen {
            let shrunk =
                before.is_none_or(|before| installation.repos.as_ref().is_some_and(|now| !now.is_superset(&before)));
            let action = if shrunk { "removed" } else { "added" };
            events.push(of_installation("installation_repositories", action, &installation, data, json!({}), urls));
        } else {
            events.push(of_installation("installation", action, &installation, data, json!({}), urls));
        }
        // An App that was put away can show nothing.
        if installation.suspended {
            data.tokens.retain(
                |_, token| !matches!(&token.opens, Opens::Installation { installation, .. } if *installation == id),
            );
        }
        StatusCode::NO_CONTENT
    })
}

async fn uninstall(State(hub): State<Hub>, Path(id): Path<u64>) -> StatusCode {
    hub.change(|data, _, urls, events| {
        let Some(installation) = data.installations.remove(&id) else { return StatusCode::NOT_FOUND };
        events.push(of_installation("installation", "deleted", &installation, data, json!({}), urls));
        StatusCode::NO_CONTENT
    })
}

fn of_installation(
    name: &'static str,
    action: &'static str,
    installation: &Installation,
    data: &Data,
    mut about: Value,
    urls: &shape::Urls,
) -> Event {
    about["installation"] = shape::installation(data, installation, urls);
    Event { name, action: Some(action), repo: None, installation: Some(installation.id), about }
}

async fn deliveries(State(hub): State<Hub>) -> Json<Value> {
    let delivery = |delivery: &deliveries::Delivery| {
        let mut body = serde_json::to_value(delivery).unwrap_or_default();
        body["signature"] = deliveries::signature(delivery.payload.as_bytes()).into();
        body
    };
    Json(hub.data.read(|data| data.deliveries.iter().map(delivery).collect()))
}

#[derive(Deserialize)]
struct Release {
    #[serde(default)]
    order: Order,
}

async fn release(State(hub): State<Hub>, Json(release): Json<Release>) -> StatusCode {
    hub.release(release.order);
    StatusCode::NO_CONTENT
}

async fn repeat(State(hub): State<Hub>, Path(id): Path<u64>) -> StatusCode {
    done(hub.redeliver(id))
}
