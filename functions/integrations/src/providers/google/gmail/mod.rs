//! Gmail: messages and threads of one mailbox.

mod act;
mod batch;
mod config;
mod fold;
mod map;
mod push;
mod sync;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::integration::Config;
use domain::sync::Quota;
use domain::{Entity, Service};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{FAMILY, Google, api, asked_scopes, may_act, oauth};
use crate::providers::{
    About, Answer, Authorization, Call, Choice, Code, Credentials, Deed, Failure, Grant, Page, Provider, Resource,
    Settings, Subscription, Verdict, WebhookRequest,
};

/// As people call it.
const NAME: &str = "Gmail";
/// Reads all, changes nothing.
const SCOPE: &str = "https://www.googleapis.com/auth/gmail.readonly";
/// The one resource of an account.
const MAILBOX: &str = "mailbox";

/// Units a minute and user, for projects made since May 2026.
const UNITS_PER_MINUTE: u32 = 6_000;

pub struct Gmail {
    google: Arc<Google>,
    about: About,
    url: String,
    push: push::Push,
}

impl Gmail {
    pub fn new(google: Arc<Google>, settings: &Settings) -> Self {
        let about = About {
            service: Service::new("gmail"),
            name: NAME.into(),
            description: "Reads sender, subject, date and labels of your mail, and the beginning of its text.".into(),
            kinds: vec![map::MESSAGE, map::THREAD],
            scopes: oauth::IDENTITY.into_iter().chain([SCOPE]).map(str::to_owned).collect(),
            config_schema: config::schema(),
        };
        let url = settings.url("GMAIL_URL", "https://gmail.googleapis.com");
        Self { google, about, url, push: push::Push::new(settings) }
    }

    /// A GET on the mailbox.
    fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.google.http.get(format!("{}/gmail/v1/users/me/{path}", self.url))
    }
}

impl Provider for Gmail {
    fn about(&self) -> &About {
        &self.about
    }

    fn configured(&self) -> bool {
        self.google.configured()
    }

    fn authorize_url(&self, authorization: &Authorization<'_>) -> Result<String, Failure> {
        self.google.authorize_url(authorization, &asked_scopes(&self.about, authorization, act::SCOPE))
    }

    fn exchange<'a>(&'a self, code: &'a Code<'a>) -> Answer<'a, Grant> {
        Box::pin(self.google.exchange(code, SCOPE))
    }

    fn refresh<'a>(&'a self, credentials: &'a Credentials) -> Answer<'a, Credentials> {
        Box::pin(self.google.refresh(credentials, web::now()))
    }

    fn revoke<'a>(&'a self, credentials: &'a Credentials) -> Answer<'a, ()> {
        Box::pin(self.google.revoke(credentials))
    }

    fn family(&self) -> &str {
        FAMILY
    }

    fn choices<'a>(&'a self, call: &'a Call<'a>) -> Answer<'a, BTreeMap<String, Vec<Choice>>> {
        Box::pin(async move {
            let labels: Labels =
                api::json(call, self.get("labels")).await.map_err(|trouble| trouble.failure(NAME, call.now))?;
            let choice = |label: Label| Choice { id: label.id, name: label.name };
            Ok([("labels".to_owned(), labels.labels.into_iter().map(choice).collect())].into())
        })
    }

    fn check_config(&self, config: Config) -> Result<Config, String> {
        config::Chosen::read(&config).map(config::Chosen::into_config)
    }

    fn resources<'a>(&'a self, call: &'a Call<'a>) -> Answer<'a, Vec<Resource>> {
        Box::pin(async move {
            let chosen = config::Chosen::read(call.config).map_err(Failure::permanent)?;
            Ok(vec![Resource {
                key: MAILBOX.into(),
                name: call.account.name.clone(),
                params: json!(chosen),
                routes: vec![push::route(&call.account.name)],
            }])
        })
    }

    fn sync_page<'a>(
        &'a self,
        call: &'a Call<'a>,
        resource: &'a Resource,
        state: Option<&'a Value>,
    ) -> Answer<'a, Page> {
        Box::pin(sync::page(self, call, resource, state))
    }

    fn look<'a>(&'a self, call: &'a Call<'a>, entity: &'a Entity, _raw: &'a Value) -> Answer<'a, Value> {
        Box::pin(async move {
            let things = if entity.kind == map::THREAD { "threads" } else { "messages" };
            let request = self.get(&format!("{things}/{}", entity.external_id)).query(&[("format", "full")]);
            let found: Value = api::json(call, request).await.map_err(|trouble| trouble.failure(NAME, call.now))?;
            Ok(text::readable(&found))
        })
    }

    fn action_scope(&self) -> Option<&str> {
        Some(act::SCOPE)
    }

    fn act<'a>(&'a self, call: &'a Call<'a>, deed: Deed<'a>) -> Answer<'a, Value> {
        Box::pin(async move {
            may_act(call, act::SCOPE)?;
            act::act(self, call, deed.action).await
        })
    }

    fn quota(&self) -> Quota {
        Quota { units_per_minute: UNITS_PER_MINUTE, burst: UNITS_PER_MINUTE }
    }

    fn page_units(&self, full: bool) -> u32 {
        match full {
            true => sync::LIST_UNITS + batch::SIZE as u32 * batch::MESSAGE_UNITS,
            // News are few; each message is told of one by one.
            false => sync::HISTORY_UNITS + 5 * batch::MESSAGE_UNITS,
        }
    }

    fn webhook<'a>(&'a self, request: &'a WebhookRequest<'a>) -> Verdict<'a> {
        Box::pin(self.push.verify(&self.google, request))
    }

    fn subscribe<'a>(
        &'a self,
        call: &'a Call<'a>,
        _resource: &'a Resource,
        current: Option<&'a Subscription>,
    ) -> Answer<'a, Option<Subscription>> {
        Box::pin(push::watch(self, call, current))
    }

    // `unsubscribe` stays empty: a mailbox has one watch for all of our users who hold it, so
    // that stopping the old one would stop the renewed one, and another tenant's. It ends with
    // the grant, or by itself within a week, and what it tells until then concerns nobody.
}

#[derive(Deserialize)]
struct Labels {
    #[serde(default)]
    labels: Vec<Label>,
}

#[derive(Deserialize)]
struct Label {
    id: String,
    name: String,
}
