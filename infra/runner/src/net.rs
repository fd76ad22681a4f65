//! How the runner makes connections: static roots and ring, so that nothing is read from disk.

use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};

/// TLS as every client of the runner speaks it.
pub fn tls() -> ClientConfig {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring speaks the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// An HTTP client for the product's own API.
pub fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls())
        .connect_timeout(Duration::from_secs(5))
        .build()
        .expect("a client without files or system settings")
}

/// An HTTP client for a server on loopback: never through a proxy.
pub fn loopback() -> reqwest::ClientBuilder {
    reqwest::Client::builder().tls_backend_preconfigured(tls()).no_proxy().connect_timeout(Duration::from_millis(250))
}
