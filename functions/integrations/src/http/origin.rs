//! Where browsers and services reach us.

use axum::http::{HeaderMap, header};

use crate::Deps;
use domain::Service;

impl Deps {
    /// The origin that the caller's browser is on. On a laptop that is whatever name it
    /// has for this machine, for cookies belong to names; else `PUBLIC_URL`, or where
    /// the request came in.
    pub(crate) fn origin(&self, headers: &HeaderMap) -> String {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        match &self.public_url {
            _ if is_loopback(host) => format!("http://{host}"),
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("https://{host}"),
        }
    }

    /// Where a service's webhooks come in; relative when nobody said where we are.
    pub(crate) fn webhook_url(&self, service: &Service) -> String {
        let origin = self.public_url.as_deref().unwrap_or_default().trim_end_matches('/');
        format!("{origin}/webhooks/{service}")
    }
}

fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}
