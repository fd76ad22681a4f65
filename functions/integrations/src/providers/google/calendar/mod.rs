//! Google Calendar: the events of every calendar that the user chose.

mod act;
mod channel;
mod config;
mod list;
mod map;
mod sync;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::integration::Config;
use domain::sync::Quota;
use domain::{Entity, Service};
use reqwest::Url;
use serde_json::{Value, json};

use super::{FAMILY, Google, api, asked_scopes, may_act, oauth};
use crate::providers::{
    About, Answer, Authorization, Call, Choice, Code, Credentials, Deed, Failure, Grant, Page, Provider, Resource,
    Settings, Subscription, Verdict, WebhookRequest,
};

/// As people call it.
const NAME: &str = "Google Calendar";
/// Reads all, changes nothing.
const SCOPE: &str = "https://www.googleapis.com/auth/calendar.readonly";

/// Calls a minute and user, for projects made since May 2026.
const CALLS_PER_MINUTE: u32 = 600;

pub struct Calendar {
    google: Arc<Google>,
    about: About,
    url: String,
}

impl Calendar {
    pub fn new(google: Arc<Google>, settings: &Settings) -> Self {
        let about = About {
            service: Service::new("calendar"),
            name: NAME.into(),
            description: "Reads the events of your calendars: title, time, place, people and description.".into(),
            kinds: vec![map::EVENT],
            scopes: oauth::IDENTITY.into_iter().chain([SCOPE]).map(str::to_owned).collect(),
            config_schema: config::schema(),
        };
        let url = settings.url("GOOGLE_CALENDAR_URL", "https://www.googleapis.com/calendar/v3");
        Self { google, about, url }
    }

    /// An address made of these parts, each encoded: a calendar's id holds `#` and `@`.
    fn address(&self, parts: &[&str]) -> Result<Url, Failure> {
        let mut url = Url::parse(&self.url)
            .map_err(|error| Failure::bug("Google Calendar's address is not valid").caused_by(error))?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        Ok(url)
    }
}

impl Provider for Calendar {
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
            let calendars = list::calendars(self, call).await?;
            let choices = calendars.into_iter().map(|entry| Choice { id: entry.id, name: entry.summary });
            Ok([("calendars".to_owned(), choices.collect())].into())
        })
    }

    fn check_config(&self, config: Config) -> Result<Config, String> {
        config::Chosen::read(&config).map(config::Chosen::into_config)
    }

    fn resources<'a>(&'a self, call: &'a Call<'a>) -> Answer<'a, Vec<Resource>> {
        Box::pin(async move {
            let chosen = config::Chosen::read(call.config).map_err(Failure::permanent)?;
            let params = json!(chosen.window(call.now));
            let calendars = list::calendars(self, call).await?.into_iter().filter(|entry| chosen.wants(entry));
            let resource = |entry: list::Entry| Resource {
                key: format!("{}{}", sync::KEY_PREFIX, entry.id),
                name: entry.summary,
                params: params.clone(),
                routes: Vec::new(),
            };
            Ok(calendars.map(resource).collect())
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
            let calendar = entity.resource.strip_prefix(sync::KEY_PREFIX).unwrap_or(&entity.resource);
            let url = self.address(&["calendars", calendar, "events", &entity.external_id])?;
            let event = api::json(call, self.google.http.get(url)).await;
            event.map_err(|trouble| trouble.failure(NAME, call.now))
        })
    }

    fn action_scope(&self) -> Option<&str> {
        Some(act::SCOPE)
    }

    fn act<'a>(&'a self, call: &'a Call<'a>, deed: Deed<'a>) -> Answer<'a, Value> {
        Box::pin(async move {
            may_act(call, act::SCOPE)?;
            act::act(self, call, deed).await
        })
    }

    fn quota(&self) -> Quota {
        Quota { units_per_minute: CALLS_PER_MINUTE, burst: CALLS_PER_MINUTE }
    }

    fn webhook<'a>(&'a self, request: &'a WebhookRequest<'a>) -> Verdict<'a> {
        Box::pin(async { channel::verify(request.headers) })
    }

    fn subscribe<'a>(
        &'a self,
        call: &'a Call<'a>,
        resource: &'a Resource,
        current: Option<&'a Subscription>,
    ) -> Answer<'a, Option<Subscription>> {
        Box::pin(channel::open(self, call, resource, current))
    }

    fn unsubscribe<'a>(&'a self, call: &'a Call<'a>, subscription: &'a Subscription) -> Answer<'a, ()> {
        Box::pin(channel::close(self, call, subscription))
    }
}
