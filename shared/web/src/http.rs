//! The HTTP client for other parties' servers.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};

/// Longest that a server may take to answer; a request of ours has 29 seconds.
const ANSWER_SECONDS_MAX: Duration = Duration::from_secs(10);
const CONNECT_SECONDS_MAX: Duration = Duration::from_secs(5);

static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(build);

/// One client for all requests of the process, built when the first one is sent.
/// It follows no redirects.
pub fn client() -> &'static reqwest::Client {
    &CLIENT
}

fn build() -> reqwest::Client {
    builder()
        .timeout(ANSWER_SECONDS_MAX)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client without files or system settings")
}

/// What every client begins with. Its roots are static: reading the system's
/// costs a cold start milliseconds.
pub fn builder() -> reqwest::ClientBuilder {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring speaks the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(CONNECT_SECONDS_MAX)
        .user_agent(concat!("agent-ops/", env!("CARGO_PKG_VERSION")))
}
