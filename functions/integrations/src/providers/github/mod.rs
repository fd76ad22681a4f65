//! GitHub: repositories, issues and pull requests.
//!
//! With a GitHub App (`GITHUB_APP_ID`) the user sees what the App is installed in, tokens
//! expire and rotate, and webhooks come. With an OAuth app alone its token opens all that
//! the user can see, for good, and the hourly synchronisation is all there is.

mod act;
mod api;
mod app;
mod choose;
mod classify;
mod draft;
mod git;
mod numbers;
mod oauth;
mod state;
mod sync;
mod webhook;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::integration::Config;
use domain::sync::Quota;
use domain::{Entity, Kind, Repository, Service};
use jiff::Timestamp;
use serde_json::{Value, json};
use wire::runner::GitAccess;

use super::{
    About, Answer, Authorization, Call, Choice, Code, Credentials, Deed, Failure, Grant, Page, Provider, Resource,
    Settings, Verdict, WebhookRequest,
};
use api::Api;
use app::App;
pub use app::InstallationToken;
use oauth::Client;

const REPOSITORY: Kind = Kind::new("repository");
const ISSUE: Kind = Kind::new("issue");
const PULL_REQUEST: Kind = Kind::new("pull_request");

/// Calls a minute in the long run: 90 % of the 5,000 an hour that all apps of a user share.
const CALLS_PER_MINUTE: u32 = 75;
/// Calls at once: the secondary limit is 900 a minute.
const CALLS_BURST: u32 = 800;

pub struct Github {
    about: About,
    api: Api,
    /// Where git's calls go.
    site: String,
    client: Option<Client>,
    app: Option<App>,
    webhook_secrets: Vec<String>,
}

impl Github {
    pub fn new(settings: &Settings) -> Self {
        let api = Api::new(settings);
        let app = App::new(settings, api.clone());
        let secrets = settings.get("GITHUB_WEBHOOK_SECRET").unwrap_or_default();
        Self {
            about: about(app.is_some()),
            site: settings.url("GITHUB_BASE_URL", "https://github.com"),
            client: Client::new(settings, api.clone(), app.is_some()),
            webhook_secrets: secrets.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect(),
            api,
            app,
        }
    }

    /// A token for some repositories of an App's installation, and for no more than is named.
    pub async fn installation_token(
        &self,
        installation: u64,
        repositories: &[u64],
        permissions: &BTreeMap<&str, &str>,
        now: Timestamp,
    ) -> Result<InstallationToken, Failure> {
        let app = self.app.as_ref().ok_or_else(|| Failure::bug("This deployment has no GitHub App."))?;
        app.installation_token(installation, repositories, permissions, now).await
    }

    fn client(&self) -> Result<&Client, Failure> {
        self.client.as_ref().ok_or_else(|| Failure::bug("GitHub is not set up in this deployment."))
    }
}

fn about(is_app: bool) -> About {
    About {
        service: Service::new("github"),
        name: "GitHub".into(),
        description: "Reads repositories with their issues and pull requests.".into(),
        kinds: vec![REPOSITORY, ISSUE, PULL_REQUEST],
        // An App has permissions instead.
        scopes: if is_app { Vec::new() } else { vec![oauth::SCOPE.into()] },
        config_schema: json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "repositories": {
                    "type": "array",
                    "items": { "type": "string" },
                    "title": "Repositories",
                    "description": "Those that are read; absent: all of them",
                },
                "history_days": {
                    "type": "integer",
                    "minimum": 1,
                    "title": "Days back",
                    "description": "Issues and pull requests without a change for longer are left out. Empty: none is",
                },
            },
        }),
    }
}

impl Provider for Github {
    fn about(&self) -> &About {
        &self.about
    }

    fn configured(&self) -> bool {
        self.client.is_some()
    }

    fn authorize_url(&self, authorization: &Authorization<'_>) -> Result<String, Failure> {
        Ok(self.client()?.authorize_url(authorization))
    }

    fn exchange<'a>(&'a self, code: &'a Code<'a>) -> Answer<'a, Grant> {
        Box::pin(async { self.client()?.exchange(code).await })
    }

    fn refresh<'a>(&'a self, credentials: &'a Credentials) -> Answer<'a, Credentials> {
        Box::pin(async { self.client()?.refresh(credentials, Timestamp::now()).await })
    }

    fn revoke<'a>(&'a self, credentials: &'a Credentials) -> Answer<'a, ()> {
        Box::pin(async { self.client()?.revoke(credentials).await })
    }

    fn choices<'a>(&'a self, call: &'a Call<'a>) -> Answer<'a, BTreeMap<String, Vec<Choice>>> {
        Box::pin(async { choose::choices(&self.api, call, self.app.is_some()).await })
    }

    fn check_config(&self, config: Config) -> Result<Config, String> {
        choose::check(config)
    }

    fn resources<'a>(&'a self, call: &'a Call<'a>) -> Answer<'a, Vec<Resource>> {
        Box::pin(async { choose::resources(&self.api, call, self.app.is_some()).await })
    }

    fn sync_page<'a>(
        &'a self,
        call: &'a Call<'a>,
        resource: &'a Resource,
        state: Option<&'a Value>,
    ) -> Answer<'a, Page> {
        Box::pin(sync::page(&self.api, call, resource, state))
    }

    fn look<'a>(&'a self, call: &'a Call<'a>, _entity: &'a Entity, raw: &'a Value) -> Answer<'a, Value> {
        Box::pin(async {
            let url = raw["url"].as_str().ok_or_else(|| Failure::resync("GitHub did not say where it is."))?;
            let token = call.credentials.access_token.reveal();
            self.api.get(url, token, None, call.now).await.map_err(Failure::from)?.json()
        })
    }

    fn act<'a>(&'a self, call: &'a Call<'a>, deed: Deed<'a>) -> Answer<'a, Value> {
        Box::pin(act::act(&self.api, call, deed.action))
    }

    fn has_repositories(&self) -> bool {
        true
    }

    fn open_repository<'a>(&'a self, call: &'a Call<'a>, repository: &'a Repository) -> Answer<'a, GitAccess> {
        Box::pin(git::access(&self.api, self.app.as_ref(), &self.site, call, repository))
    }

    fn quota(&self) -> Quota {
        Quota { units_per_minute: CALLS_PER_MINUTE, burst: CALLS_BURST }
    }

    fn webhook<'a>(&'a self, request: &'a WebhookRequest<'a>) -> Verdict<'a> {
        Box::pin(async { webhook::read(&self.webhook_secrets, request) })
    }

    fn maintain(&self, now: Timestamp) -> Answer<'_, ()> {
        Box::pin(async move {
            match &self.app {
                Some(app) => app.redeliver_lost(now).await,
                None => Ok(()),
            }
        })
    }
}
