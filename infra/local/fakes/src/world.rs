//! What every fake shares: the time, the product, the switches and the log of calls.

use std::time::Duration;

use anyhow::Result;

use crate::Clock;
use crate::control::{Calls, Faults};

/// Given up on a webhook after this long, as GitHub does.
const WEBHOOK_PATIENCE: Duration = Duration::from_secs(10);

/// The surroundings of a fake.
#[derive(Debug)]
pub struct World {
    /// Where the fakes answer: `http://127.0.0.1:…`.
    pub url: String,
    /// The product's origin, if there is one.
    pub product: Option<String>,
    /// The time here.
    pub clock: Clock,
    /// What goes wrong.
    pub faults: Faults,
    /// What was asked.
    pub calls: Calls,
    /// For webhooks.
    pub http: reqwest::Client,
}

impl World {
    /// A world where nothing has happened yet.
    pub fn new(url: String, product: Option<String>) -> Result<Self> {
        // The client wants to know who would do TLS, though the product is reached without.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder().no_proxy().timeout(WEBHOOK_PATIENCE).build()?;
        Ok(Self { url, product, clock: Clock::default(), faults: Faults::default(), calls: Calls::default(), http })
    }

    /// Whether a sign-in may come back to this address: the product's own, by either name of this machine.
    pub fn is_products(&self, redirect_uri: &str) -> bool {
        let Some(product) = &self.product else { return true };
        let at = |origin: &str| redirect_uri.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/'));
        at(product) || at(&product.replacen("127.0.0.1", "localhost", 1))
    }
}
