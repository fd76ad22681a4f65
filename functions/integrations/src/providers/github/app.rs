//! The GitHub App as itself: its JWT, tokens of its installations, and webhooks that were lost.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use serde::Deserialize;
use serde_json::json;

use super::api::{Api, send};
use crate::providers::{AccessToken, Failure, Settings};

/// GitHub's clock may be behind ours.
const SKEW_SECONDS: i64 = 60;
/// GitHub takes ten minutes at most.
const JWT_SECONDS: i64 = 540;
/// GitHub repeats deliveries of the past three days; an hour less, so that none is too old.
const REDELIVERY: SignedDuration = SignedDuration::from_hours(71);
/// Pages of 100 deliveries that a sweep looks at.
const PAGES_MAX: usize = 20;
/// Attempts that a delivery gets; whatever fails that often is left to the hourly synchronisation.
const ATTEMPTS_MAX: u32 = 5;

pub(super) struct App {
    api: Api,
    id: String,
    key: Result<KeyPair, Failure>,
}

/// A token of an installation, good for an hour.
#[derive(Debug)]
pub struct InstallationToken {
    pub token: AccessToken,
    pub expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Delivery {
    id: u64,
    guid: String,
    delivered_at: Timestamp,
    status_code: u16,
}

/// What became of an event, over all attempts.
#[derive(Default)]
struct Attempts {
    latest: u64,
    tried: u32,
    arrived: bool,
}

impl App {
    pub(super) fn new(settings: &Settings, api: Api) -> Option<Self> {
        let (id, pem) = (settings.get("GITHUB_APP_ID")?, settings.get("GITHUB_APP_PRIVATE_KEY")?);
        let unreadable = || Failure::bug("GITHUB_APP_PRIVATE_KEY is not an RSA key in PEM form.");
        Some(Self { api, id: id.to_owned(), key: key(pem).ok_or_else(unreadable) })
    }

    /// A token for some repositories of an installation and for no more than is named.
    pub(super) async fn installation_token(
        &self,
        installation: u64,
        repositories: &[u64],
        permissions: &BTreeMap<&str, &str>,
        now: Timestamp,
    ) -> Result<InstallationToken, Failure> {
        #[derive(Deserialize)]
        struct Minted {
            token: String,
            expires_at: Timestamp,
        }
        let url = self.api.url(&format!("/app/installations/{installation}/access_tokens"));
        let body = json!({ "repository_ids": repositories, "permissions": permissions });
        let request = self.api.request(Method::POST, &url).bearer_auth(self.jwt(now)?).json(&body);
        let minted: Minted = send(request, now).await?.json()?;
        Ok(InstallationToken { token: AccessToken::new(minted.token), expires_at: minted.expires_at })
    }

    /// The installation that covers a repository.
    pub(super) async fn installation_of(&self, full_name: &str, now: Timestamp) -> Result<u64, Failure> {
        #[derive(Deserialize)]
        struct Installation {
            id: u64,
        }
        let url = self.api.url(&format!("/repos/{full_name}/installation"));
        let installation: Installation = self.api.get(&url, &self.jwt(now)?, None, now).await?.json()?;
        Ok(installation.id)
    }

    /// Asks for webhooks again that never arrived: GitHub does not repeat them by itself.
    pub(super) async fn redeliver_lost(&self, now: Timestamp) -> Result<(), Failure> {
        let oldest = now - REDELIVERY;
        let mut events: BTreeMap<String, Attempts> = BTreeMap::new();
        let mut url = Some(self.api.url("/app/hook/deliveries?per_page=100"));
        for _ in 0..PAGES_MAX {
            let Some(at) = url else { break };
            let reply = self.api.get(&at, &self.jwt(now)?, None, now).await?;
            let page: Vec<Delivery> = reply.json()?;
            // Newest first.
            let over = page.last().is_some_and(|delivery| delivery.delivered_at < oldest);
            for delivery in page.into_iter().filter(|delivery| delivery.delivered_at >= oldest) {
                let event = events.entry(delivery.guid).or_default();
                event.latest = event.latest.max(delivery.id);
                event.tried += 1;
                event.arrived |= (200..300).contains(&delivery.status_code);
            }
            url = reply.link("next").filter(|_| !over);
        }
        for event in events.values().filter(|event| !event.arrived && event.tried < ATTEMPTS_MAX) {
            let url = self.api.url(&format!("/app/hook/deliveries/{}/attempts", event.latest));
            send(self.api.request(Method::POST, &url).bearer_auth(self.jwt(now)?), now).await?;
        }
        Ok(())
    }

    /// Says who we are, for some minutes.
    fn jwt(&self, now: Timestamp) -> Result<String, Failure> {
        let key = self.key.as_ref().map_err(|failure| Failure::new(failure.class, failure.message.clone()))?;
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let issued_s = now.as_second() - SKEW_SECONDS;
        let claims = json!({ "iss": self.id, "iat": issued_s, "exp": issued_s + JWT_SECONDS });
        let signed = format!("{}.{}", part(json!({ "alg": "RS256", "typ": "JWT" })), part(claims));
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| Failure::bug("The App's key does not sign."))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Reads a key as GitHub gives it (PKCS#1) or as other tools rewrite it (PKCS#8). A secret's
/// line ends may have become `\n`.
fn key(pem: &str) -> Option<KeyPair> {
    let pem = pem.replace("\\n", "\n");
    let base64: String = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(base64).ok()?;
    KeyPair::from_der(&der).or_else(|_| KeyPair::from_pkcs8(&der)).ok()
}
