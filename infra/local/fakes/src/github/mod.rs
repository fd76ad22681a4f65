//! GitHub: sign-in, REST API and webhooks.

mod account;
mod apps;
mod changes;
mod control;
mod data;
mod deliveries;
mod git;
mod guard;
mod hub;
mod issues;
mod jwt;
mod limits;
mod oauth;
mod page;
mod pulls;
mod refusal;
mod repos;
mod seed;
mod settings;
mod shape;
mod site;
mod tokens;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{delete, get, post};

use crate::{Kept, World};
use hub::Hub;

/// Client id of the GitHub App that the local stack gives the product.
pub const CLIENT_ID: &str = "fake-github-app";
/// Known to everybody, and good at the fake only, like all of these.
pub const CLIENT_SECRET: &str = "fake-github-app-secret";
/// Client id of an OAuth app, for whoever wants that instead.
pub const OAUTH_CLIENT_ID: &str = "fake-github-oauth";
/// The OAuth app's secret.
pub const OAUTH_CLIENT_SECRET: &str = "fake-github-oauth-secret";
/// The App's number.
pub const APP_ID: u64 = 424_242;
/// The App's private key.
pub const APP_KEY: &str = include_str!("app.pem");
/// What webhooks are signed with.
pub const WEBHOOK_SECRET: &str = "fake-github-webhook-secret";

/// The fake.
pub struct Github {
    hub: Hub,
}

impl Github {
    /// The data of the last time, or the seeded accounts.
    pub fn open(world: Arc<World>, file: Option<PathBuf>) -> Result<Self> {
        let repositories = Arc::new(git::Repositories::beside(file.as_deref())?);
        let data = Arc::new(Kept::open(file, || seed::seed(world.clock.now_s()))?);
        Ok(Self { hub: Hub { data, world, repositories } })
    }

    /// What GitHub answers, under `/github`: the site, and the API under `/api`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", get(site::index))
            .route("/login/oauth/authorize", get(oauth::authorize))
            .route("/login/oauth/access_token", post(oauth::access_token))
            .route("/{owner}/{repo}", get(site::repo).post(site::open))
            .route("/{owner}/{repo}/issues/{number}", get(site::issue).post(site::act))
            .route("/{owner}/{repo}/pull/{number}", get(site::issue).post(site::act))
            .route("/{owner}/{repo}/info/refs", get(git::serve))
            .route("/{owner}/{repo}/git-upload-pack", post(git::serve))
            .route("/{owner}/{repo}/git-receive-pack", post(git::serve))
            .layer(DefaultBodyLimit::disable())
            .with_state(self.hub.clone())
            .nest("/api", self.api())
    }

    fn api(&self) -> Router {
        Router::new()
            .route("/user", get(account::user))
            .route("/user/emails", get(account::emails))
            .route("/user/repos", get(account::repos))
            .route("/user/installations", get(account::installations))
            .route("/user/installations/{id}/repositories", get(account::installation_repos))
            .route("/installation/repositories", get(account::own_installation_repos))
            .route("/installation/token", delete(apps::revoke))
            .route("/app", get(apps::app))
            .route("/app/installations", get(apps::installations))
            .route("/app/installations/{id}/access_tokens", post(apps::mint))
            .route("/app/hook/deliveries", get(apps::deliveries))
            .route("/app/hook/deliveries/{id}/attempts", post(apps::redeliver))
            .route("/applications/{client_id}/token", delete(oauth::revoke_token))
            .route("/applications/{client_id}/grant", delete(oauth::revoke_grant))
            .route("/rate_limit", get(guard::rate_limit))
            .nest("/repos/{owner}/{repo}", repo_routes())
            .nest("/repositories/{id}", repo_routes())
            .fallback(|| async { refusal::Refusal::not_found() })
            .layer(middleware::from_fn_with_state(self.hub.clone(), guard::guard))
            .with_state(self.hub.clone())
    }

    /// What is done to it, under `/control/github`.
    pub fn control(&self) -> Router {
        control::router(self.hub.clone())
    }

    /// Writes what changed.
    pub fn save(&self) -> Result<()> {
        self.hub.data.save()
    }
}

/// The same by name and by number.
fn repo_routes() -> Router<Hub> {
    Router::new()
        .route("/", get(repos::get))
        .route("/installation", get(apps::of_repository))
        .route("/issues", get(issues::list).post(issues::create))
        .route("/issues/{number}", get(issues::get))
        .route("/issues/{number}/comments", get(issues::comments).post(issues::comment))
        .route("/pulls", get(pulls::list).post(pulls::create))
        .route("/pulls/{number}", get(pulls::get))
}
