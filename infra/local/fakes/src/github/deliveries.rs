//! Webhooks of the App, and the log of their deliveries.

use axum::http::header;
use hmac::{Hmac, KeyInit, Mac};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

use super::data::{Data, Repo};
use super::hub::Hub;
use super::settings::Webhooks;
use super::{APP_ID, WEBHOOK_SECRET, shape};

/// The log keeps this many.
const DELIVERIES_MAX: usize = 5_000;

/// Something that a webhook tells of.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// `issues`
    pub(super) name: &'static str,
    /// `edited`; some events have none.
    pub(super) action: Option<&'static str>,
    pub(super) repo: Option<u64>,
    pub(super) installation: Option<u64>,
    /// What it is about, by its name in the payload.
    pub(super) about: Value,
}

/// An attempt to tell the product.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Delivery {
    pub(super) id: u64,
    /// The same for every attempt.
    pub(super) guid: String,
    pub(super) event: String,
    pub(super) action: Option<String>,
    pub(super) repository_id: Option<u64>,
    pub(super) installation_id: Option<u64>,
    pub(super) delivered_s: i64,
    pub(super) redelivery: bool,
    /// What the product said; 0: nothing yet, or it was not there.
    pub(super) status_code: u16,
    /// Waits to be released.
    pub(super) held: bool,
    /// The very bytes that are signed.
    pub(super) payload: String,
}

/// In which order held deliveries leave.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    #[default]
    Kept,
    Reversed,
    Shuffled,
}

impl Event {
    /// Something that happened in a repository.
    pub(super) fn of_repo(data: &Data, repo: &Repo, name: &'static str, action: &'static str, about: Value) -> Self {
        let installation = data.installation_of(repo).map(|installation| installation.id);
        Self { name, action: Some(action), repo: Some(repo.id), installation, about }
    }
}

impl Hub {
    /// Tells the product, as far as the App hears of it.
    pub(super) fn announce(&self, events: Vec<Event>) {
        for event in events {
            let hears = event.installation.is_some() || event.repo.is_none();
            if hears && let Some(delivery) = self.record(event) {
                self.send(delivery);
            }
        }
    }

    /// Puts the event into the log; gives it if it is to be sent.
    fn record(&self, event: Event) -> Option<Delivery> {
        let now_s = self.now_s();
        let (api, site) = (self.api_url(), self.site_url());
        self.data.change(|data| {
            let mut payload = event.about.clone();
            if let Some(action) = event.action {
                payload["action"] = action.into();
            }
            if let Some(repo) = event.repo.and_then(|repo| data.repos.get(&repo)) {
                payload["repository"] = shape::repo(data, repo, &shape::Urls { api: &api, site: &site });
            }
            if let Some(id) = event.installation.filter(|_| payload.get("installation").is_none()) {
                payload["installation"] = json!({ "id": id });
            }
            if payload.get("sender").is_none() {
                // Whoever owns it did it.
                let owner = &payload["repository"]["owner"];
                let account = &payload["installation"]["account"];
                payload["sender"] = if owner.is_object() { owner.clone() } else { account.clone() };
            }
            let delivery = Delivery {
                id: data.mint(),
                guid: guid(),
                event: event.name.to_owned(),
                action: event.action.map(str::to_owned),
                repository_id: event.repo,
                installation_id: event.installation,
                delivered_s: now_s,
                redelivery: false,
                status_code: 0,
                held: data.settings.webhooks == Webhooks::Hold,
                payload: payload.to_string(),
            };
            data.log(delivery.clone());
            (data.settings.webhooks == Webhooks::Send).then_some(delivery)
        })
    }

    /// Repeats a delivery, under the same guid.
    pub(super) fn redeliver(&self, id: u64) -> bool {
        let now_s = self.now_s();
        let again = self.data.change(|data| {
            let old = data.deliveries.iter().find(|delivery| delivery.id == id)?.clone();
            let again =
                Delivery { id: data.mint(), delivered_s: now_s, redelivery: true, status_code: 0, held: false, ..old };
            data.log(again.clone());
            Some(again)
        });
        let found = again.is_some();
        again.into_iter().for_each(|delivery| self.send(delivery));
        found
    }

    /// Sends what was held.
    pub(super) fn release(&self, order: Order) {
        let mut held = self.data.change(|data| {
            let held = data.deliveries.iter_mut().filter(|delivery| delivery.held);
            let freed = held.map(|delivery| {
                delivery.held = false;
                delivery.clone()
            });
            freed.collect::<Vec<_>>()
        });
        match order {
            Order::Kept => {}
            Order::Reversed => held.reverse(),
            Order::Shuffled => held.shuffle(&mut rand::rng()),
        }
        let hub = self.clone();
        tokio::spawn(async move {
            for delivery in held {
                hub.deliver(delivery).await;
            }
        });
    }

    fn send(&self, delivery: Delivery) {
        let hub = self.clone();
        tokio::spawn(async move { hub.deliver(delivery).await });
    }

    async fn deliver(&self, delivery: Delivery) {
        let Some(product) = &self.world.product else { return };
        let sent = self
            .world
            .http
            .post(format!("{product}/webhooks/github"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "GitHub-Hookshot/fake")
            .header("x-github-event", &delivery.event)
            .header("x-github-delivery", &delivery.guid)
            .header("x-github-hook-id", "1")
            .header("x-github-hook-installation-target-id", APP_ID)
            .header("x-github-hook-installation-target-type", "integration")
            .header("x-hub-signature-256", signature(delivery.payload.as_bytes()))
            .body(delivery.payload)
            .send()
            .await;
        let status = sent.map_or(0, |answer| answer.status().as_u16());
        self.data.change(|data| {
            if let Some(logged) = data.deliveries.iter_mut().find(|logged| logged.id == delivery.id) {
                logged.status_code = status;
            }
        });
    }
}

impl Data {
    fn log(&mut self, delivery: Delivery) {
        if self.deliveries.len() >= DELIVERIES_MAX {
            self.deliveries.remove(0);
        }
        self.deliveries.push(delivery);
    }
}

/// `sha256=<hex HMAC of the body>`
pub(super) fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

fn guid() -> String {
    let hex = hex::encode(rand::random::<[u8; 16]>());
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
