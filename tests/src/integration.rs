//! An account at one of the fakes, connected as a browser connects it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::{Api, PATIENCE, processes};

/// For a service to be read.
const USUAL: Duration = PATIENCE.saturating_mul(4);

/// A connected account.
pub struct Integration {
    pub id: String,
    api: Api,
}

impl Integration {
    /// Leaves for the service, consents there at once and comes back. `choice` goes to the
    /// fake's consent page, such as `login=octocat`.
    pub async fn connect(api: &Api, service: &str, choice: &str) -> Result<Self> {
        Self::connected(api, &Self::come_back(api, service, &format!("auto=allow&{choice}")).await?)
    }

    /// The same for an integration that there is, whose grant was lost; the product names the account.
    pub async fn connect_again(api: &Api, service: &str, id: &str) -> Result<Self> {
        let start = format!("/api/integrations/{service}/auth?integration_id={id}");
        Self::connected(api, &leave_by(api, &start, "auto=allow", Until::Client).await?)
    }

    /// One that there is.
    pub fn of(api: &Api, id: &str) -> Self {
        Self { id: id.to_owned(), api: api.clone() }
    }

    fn connected(api: &Api, location: &str) -> Result<Self> {
        let (_, id) = location.split_once("connected=").with_context(|| format!("not connected: {location}"))?;
        Ok(Self::of(api, id))
    }

    /// Where the browser ends after it went to the service and chose there.
    pub async fn come_back(api: &Api, service: &str, choice: &str) -> Result<String> {
        leave_by(api, &format!("/api/integrations/{service}/auth"), choice, Until::Client).await
    }

    /// The address of ours that the service sends the browser back to, which does not go there.
    pub async fn way_back(api: &Api, service: &str, choice: &str) -> Result<String> {
        leave_by(api, &format!("/api/integrations/{service}/auth"), choice, Until::Callback).await
    }

    pub async fn view(&self) -> Result<Value> {
        self.api.get(&format!("/api/integrations/{}", self.id)).await?.expect(200)
    }

    /// Presses the button, and waits until everything was read since.
    pub async fn sync(&self) -> Result<Value> {
        let pressed = Timestamp::now();
        self.api.post(&format!("/api/integrations/{}/sync", self.id), &json!({})).await?.expect(202)?;
        self.synced_since(pressed).await
    }

    /// Waits until every resource was read to its end by a run that began after `since`.
    pub async fn synced_since(&self, since: Timestamp) -> Result<Value> {
        self.until(|view| {
            let resources = view["resources"].as_array().filter(|resources| !resources.is_empty());
            let is_done = |resource: &Value| {
                let started: Option<Timestamp> = resource["run"]["started_at"].as_str().and_then(|at| at.parse().ok());
                resource["run"]["status"] == "completed" && started.is_some_and(|at| at >= since)
            };
            resources.is_some_and(|resources| resources.iter().all(is_done))
        })
        .await
    }

    /// Waits until the integration looks like that.
    pub async fn until(&self, done: impl FnMut(&Value) -> bool) -> Result<Value> {
        self.until_within(USUAL, done).await
    }

    /// The same for what takes longer than usual.
    pub async fn until_within(&self, patience: Duration, done: impl FnMut(&Value) -> bool) -> Result<Value> {
        self.wait(patience, done, async || Ok(false)).await
    }

    /// Waits until the integration looks like that, or something else is so.
    pub async fn until_or(
        &self,
        done: impl FnMut(&Value) -> bool,
        otherwise: impl AsyncFn() -> Result<bool>,
    ) -> Result<Value> {
        self.wait(USUAL, done, otherwise).await
    }

    async fn wait(
        &self,
        patience: Duration,
        mut done: impl FnMut(&Value) -> bool,
        otherwise: impl AsyncFn() -> Result<bool>,
    ) -> Result<Value> {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            if otherwise().await? {
                return Ok(Value::Null);
            }
            let view = self.api.get(&format!("/api/integrations/{}", self.id)).await?;
            // A stack that is hurt answers when it can.
            let view = if view.status == 200 { view.body } else { Value::Null };
            if done(&view) {
                return Ok(view);
            }
            ensure!(tokio::time::Instant::now() < deadline, "it did not come to that: {view:#}");
            processes::pause().await;
        }
    }

    /// Every entity that a query finds, over all pages.
    pub async fn entities(&self, query: &str) -> Result<Vec<Value>> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.api.get(&format!("/api/entities?limit=100&{query}{cursor}")).await?.expect(200)?;
            all.extend(page["entities"].as_array().context("no list")?.iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(all),
            }
        }
    }
}

/// How far the browser goes.
#[derive(Clone, Copy, PartialEq)]
enum Until {
    /// To a page of the client's.
    Client,
    /// Not even to our callback.
    Callback,
}

/// Leaves for a service, chooses there, and follows it back; where the browser ends.
async fn leave_by(api: &Api, start: &str, choice: &str, until: Until) -> Result<String> {
    let start = api.get(start).await?;
    let cookie = start.headers.get(SET_COOKIE).context("no cookie")?.to_str()?.to_owned();
    let cookie = cookie.split(';').next().unwrap_or_default();
    let url = start.expect(200)?["url"].as_str().context("no url")?.to_owned();
    let browser = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build()?;
    let mut url = format!("{url}&{choice}");
    // Over the service's pages and the callback, to a page of the client's.
    for _ in 0..4 {
        if until == Until::Callback && url.starts_with(api.origin()) {
            return Ok(url);
        }
        let answer = browser.get(&url).header(COOKIE, cookie).send().await?;
        let location = answer.headers().get(LOCATION).context("the browser was not sent on")?.to_str()?.to_owned();
        if location.starts_with('/') {
            return Ok(location);
        }
        url = location;
    }
    anyhow::bail!("the browser goes in circles")
}
