//! Google: accounts, Gmail and Calendar.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use serde::{Deserialize, Serialize};

use crate::{Kept, World};

/// Client id that the local stack gives the product.
pub const CLIENT_ID: &str = "fake-google-client";
/// Known to everybody, and good at the fake only.
pub const CLIENT_SECRET: &str = "GOCSPX-fake-google-client-secret";

/// The fake.
pub struct Google {
    data: Arc<Kept<Data>>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Data {}

impl Google {
    /// The data of the last time, or the seeded account.
    pub fn open(_world: Arc<World>, file: Option<PathBuf>) -> Result<Self> {
        Ok(Self { data: Arc::new(Kept::open(file, Data::default)?) })
    }

    /// What Google answers, under `/google`: `/accounts`, `/oauth`, `/certs`, `/gmail`, `/calendar/v3`.
    pub fn router(&self) -> Router {
        Router::new()
    }

    /// What is done to it, under `/control/google`.
    pub fn control(&self) -> Router {
        Router::new()
    }

    /// Writes what changed.
    pub fn save(&self) -> Result<()> {
        self.data.save()
    }
}
