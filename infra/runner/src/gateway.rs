//! The gateway: the only way from the agent's container to a model, and to our own API.
//!
//! OpenCode calls it on loopback with a dummy key. The gateway puts the real key in, forwards
//! only what a model call needs, merges a stream's small deltas so that OpenCode wakes less
//! often, and counts tokens. Calls of our own tools (`/mcp`) get the session's token. It also hands
//! the supervisor its setup (`GET /sandbox`).

mod answer;
mod call;
mod delta;
mod forward;
mod git;
mod mcp;
mod merge;
mod provider;
mod refusal;
mod scrub;
mod sse;
mod tokens;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::serve::ListenerExt;
use domain::Repository;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::error;

pub use provider::{ApiKey, Dialect, Provider, Providers};
pub use tokens::TokenCount;

use crate::net;
use crate::relay::LinkConfig;
use crate::sandbox::SandboxSetup;
use crate::turn::Asker;
use tokens::Tally;

/// How long `GET /sandbox` waits for the setup before it says to come again.
const SETUP_WAIT: Duration = Duration::from_secs(1);

/// The gateway as the relay holds it; cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
}

struct Shared {
    providers: Providers,
    /// Where our own API is, and the session's token; none: it is out of reach.
    link: Option<LinkConfig>,
    client: reqwest::Client,
    tally: Arc<Tally>,
    sandbox: watch::Sender<Option<SandboxSetup>>,
    /// The session's repository, once the session is known.
    git: OnceLock<git::Git>,
    /// Asks the user, once there are turns to ask in.
    asker: OnceLock<Asker>,
    /// Why the repository is out of reach, in words for the user.
    trouble: watch::Sender<Option<String>>,
}

impl Gateway {
    /// A gateway to `providers`, and by `link` to our own API.
    pub fn new(providers: Providers, link: Option<LinkConfig>) -> Self {
        let (client, tally, sandbox) = (net::http(), Arc::default(), watch::Sender::new(None));
        let (git, asker, trouble) = (OnceLock::new(), OnceLock::new(), watch::Sender::new(None));
        Self { shared: Arc::new(Shared { providers, link, client, tally, sandbox, git, asker, trouble }) }
    }

    /// Lets git reach this repository, once and for all.
    pub fn open_repository(&self, repository: Repository) {
        let _ = self.shared.git.set(git::Git::new(repository));
    }

    /// Lets our own tools ask the user, once and for all.
    pub fn ask_with(&self, asker: Asker) {
        let _ = self.shared.asker.set(asker);
    }

    /// Tells when the repository is out of reach.
    pub fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.shared.trouble.subscribe()
    }

    /// Binds `127.0.0.1:port` (0: any free port), serves from then on in a task of its own, and
    /// returns the address.
    pub async fn listen(&self, port: u16) -> std::io::Result<SocketAddr> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let router = self.router();
        tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                error!(%error, "the model gateway ended");
            }
        });
        Ok(address)
    }

    /// Answers the supervisor from now on.
    pub fn set_sandbox(&self, setup: SandboxSetup) {
        self.shared.sandbox.send_replace(Some(setup));
    }

    /// The tokens since the last call of this: call it when a turn starts and when it ends.
    pub fn take_tokens(&self) -> TokenCount {
        self.shared.tally.take()
    }

    fn router(&self) -> Router {
        let router = Router::new().route("/sandbox", get(sandbox)).route("/mcp", any(mcp::forward));
        let router = router.route("/git/{owner}/{name}/{*service}", any(git::forward));
        router.fallback(forward::forward).with_state(self.shared.clone())
    }
}

/// Waits a moment, so that the supervisor hears of the setup as soon as there is one.
async fn sandbox(State(shared): State<Arc<Shared>>) -> Response {
    let mut setups = shared.sandbox.subscribe();
    let setup = timeout(SETUP_WAIT, setups.wait_for(Option::is_some)).await;
    match setup.ok().and_then(Result::ok).as_deref() {
        Some(setup) => axum::Json(setup).into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, "the session is not known yet; ask again").into_response(),
    }
}

#[cfg(test)]
mod tests;
