//! The model gateway: the only way from the agent's container to a model.
//!
//! OpenCode calls it on loopback with a dummy key. The gateway puts the real key in, forwards
//! only what a model call needs, merges a stream's small deltas so that OpenCode wakes less
//! often, and counts tokens. It also hands the supervisor its setup (`GET /sandbox`).

mod provider;

use std::net::SocketAddr;

pub use provider::{ApiKey, Dialect, Provider, Providers};

use crate::sandbox::SandboxSetup;

/// Tokens of finished model calls, as the providers counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenCount {
    /// Calls that were forwarded, answered or not.
    pub calls: u64,
    pub input_tokens: u64,
    pub output_tokens: u64,
}

/// The gateway as the relay holds it; cheap to clone.
#[derive(Clone)]
pub struct Gateway {}

impl Gateway {
    /// A gateway to `providers`.
    pub fn new(_providers: Providers) -> Self {
        Self {}
    }

    /// Binds `127.0.0.1:port` (0: any free port), serves from then on in a task of its own, and
    /// returns the address.
    pub async fn listen(&self, _port: u16) -> std::io::Result<SocketAddr> {
        Err(std::io::ErrorKind::Unsupported.into())
    }

    /// Answers the supervisor from now on.
    pub fn set_sandbox(&self, _setup: SandboxSetup) {}

    /// The tokens since the last call of this: call it when a turn starts and when it ends.
    pub fn take_tokens(&self) -> TokenCount {
        TokenCount::default()
    }
}
