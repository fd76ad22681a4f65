//! All fakes behind one address.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::github::{self, Github};
use crate::google::{self, Google};
use crate::{Options, World, control};

/// What a person finds who follows the address that `cargo local up` prints.
const INDEX: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Local GitHub and Google</title>
<style>body { font: 16px/1.4 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }</style>
<h1>Local GitHub and Google</h1>
<p>Stand-ins for the services. What you change on their pages is told to Agent Ops as they would tell it.</p>
<ul>
  <li><a href="/github">GitHub</a>: repositories, issues, pull requests</li>
  <li><a href="/google">Google</a>: mail and calendars</li>
</ul>
"#;

/// How often changes are saved.
const SAVE_PERIOD: Duration = Duration::from_secs(1);

/// The file of the state's folder that holds the port.
const PORT_FILE: &str = "port";

/// Every fake, with what they share.
pub struct Fakes {
    world: Arc<World>,
    github: Github,
    google: Google,
}

/// Listens on the port that is asked for, or on the last one of this state: what was synced
/// holds links to it.
pub async fn listen(options: &Options) -> Result<TcpListener> {
    let kept = options.state.as_ref().map(|state| state.join(PORT_FILE));
    let last = kept.as_ref().and_then(|file| fs::read_to_string(file).ok()?.parse().ok());
    let wanted = if options.port == 0 { last.unwrap_or(0) } else { options.port };
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).await {
        Err(_) if options.port == 0 => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await,
        bound => bound,
    };
    let listener = listener.with_context(|| format!("port {wanted} is taken"))?;
    if let (Some(file), Some(state)) = (kept, &options.state) {
        fs::create_dir_all(state).with_context(|| format!("cannot create {}", state.display()))?;
        fs::write(file, listener.local_addr()?.port().to_string())?;
    }
    Ok(listener)
}

impl Fakes {
    /// Opens the state of the last time, or seeds it.
    pub fn open(options: &Options, address: SocketAddr) -> Result<Self> {
        let world = Arc::new(World::new(format!("http://{address}"), options.product.clone())?);
        let file = |name: &str| options.state.as_ref().map(|state| state.join(name));
        Ok(Self {
            github: Github::open(world.clone(), file("github.json"))?,
            google: Google::open(world.clone(), file("google.json"))?,
            world,
        })
    }

    /// Where the fakes answer, and per provider the values of the secret and the parameters of the
    /// template that lead the product there.
    pub fn introduction(&self) -> Value {
        let url = &self.world.url;
        json!({ "url": url, "providers": {
            "github": {
                "settings": {
                    "GITHUB_CLIENT_ID": github::CLIENT_ID,
                    "GITHUB_CLIENT_SECRET": github::CLIENT_SECRET,
                    "GITHUB_APP_ID": github::APP_ID.to_string(),
                    "GITHUB_APP_PRIVATE_KEY": github::APP_KEY,
                    "GITHUB_WEBHOOK_SECRET": github::WEBHOOK_SECRET,
                },
                "parameters": {
                    "GithubBaseUrl": format!("{url}/github"),
                    "GithubApiUrl": format!("{url}/github/api"),
                },
            },
            "google": {
                "settings": {
                    "GOOGLE_CLIENT_ID": google::CLIENT_ID,
                    "GOOGLE_CLIENT_SECRET": google::CLIENT_SECRET,
                },
                "parameters": {
                    "GoogleAccountsUrl": format!("{url}/google/accounts"),
                    "GoogleOauthUrl": format!("{url}/google/oauth"),
                    "GoogleCertsUrl": format!("{url}/google/certs"),
                    "GmailUrl": format!("{url}/google/gmail"),
                    "GoogleCalendarUrl": format!("{url}/google/calendar/v3"),
                    "GmailTopic": google::TOPIC,
                    "GmailPushSubscription": google::SUBSCRIPTION,
                    "GmailPushAccount": google::PUSH_ACCOUNT,
                    "GmailPushAudience": google::PUSH_AUDIENCE,
                },
            },
        } })
    }

    /// `/github`, `/google` and `/control`; at the root the way to their pages.
    pub fn router(&self) -> Router {
        let watched = |provider, router| control::watched(self.world.clone(), provider, router);
        Router::new()
            .route("/", get(async || Html(INDEX)))
            .nest("/github", watched("github", self.github.router()))
            .nest("/google", watched("google", self.google.router()))
            .nest("/control/github", self.github.control())
            .nest("/control/google", self.google.control())
            .merge(control::router(self.world.clone()))
    }

    /// Answers until the process ends, and saves as it goes.
    pub async fn serve(&self, listener: TcpListener) -> Result<()> {
        let mut period = tokio::time::interval(SAVE_PERIOD);
        let served = axum::serve(listener, self.router()).into_future();
        tokio::pin!(served);
        loop {
            tokio::select! {
                ended = &mut served => return Ok(ended?),
                _ = period.tick() => self.save()?,
            }
        }
    }

    /// Writes what changed.
    pub fn save(&self) -> Result<()> {
        self.github.save()?;
        self.google.save()
    }
}
