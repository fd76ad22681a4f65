//! GitHub: sign-in, REST API and webhooks.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use serde::{Deserialize, Serialize};

use crate::{Kept, World};

/// Client id of the GitHub App that the local stack gives the product.
pub const CLIENT_ID: &str = "fake-github-app";
/// Known to everybody, and good at the fake only, like all of these.
pub const CLIENT_SECRET: &str = "fake-github-app-secret";
/// The App's number.
pub const APP_ID: u64 = 424_242;
/// The App's private key.
pub const APP_KEY: &str = include_str!("app.pem");
/// What webhooks are signed with.
pub const WEBHOOK_SECRET: &str = "fake-github-webhook-secret";

/// The fake.
pub struct Github {
    data: Arc<Kept<Data>>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Data {}

impl Github {
    /// The data of the last time, or the seeded account.
    pub fn open(_world: Arc<World>, file: Option<PathBuf>) -> Result<Self> {
        Ok(Self { data: Arc::new(Kept::open(file, Data::default)?) })
    }

    /// What GitHub answers, under `/github`: the site, and the API under `/api`.
    pub fn router(&self) -> Router {
        Router::new()
    }

    /// What is done to it, under `/control/github`.
    pub fn control(&self) -> Router {
        Router::new()
    }

    /// Writes what changed.
    pub fn save(&self) -> Result<()> {
        self.data.save()
    }
}
