//! What the agent's container is given: OpenCode's configuration, its environment, its password.
//!
//! The relay makes a [`SandboxSetup`] once it knows the session and hands it to the gateway;
//! the supervisor in the other container fetches it from there. It holds only what the agent
//! may know: no model key, no runner token.

mod config;
mod environment;
mod model;
mod repository;

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::Repository;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use environment::folder_variables;
pub use model::{ModelRef, UnknownModel};
pub use repository::RepositorySetup;

use crate::gateway::Providers;

/// The user name that goes with [`SandboxSetup::password`] on OpenCode's HTTP server.
pub const OPENCODE_USER: &str = "opencode";

/// Whether the agent may use a tool without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    Allow,
    Ask,
    Deny,
}

/// What a session's sandbox is made from.
#[derive(Clone)]
pub struct SandboxSpec {
    /// The session's model as `provider/model`; none: the default one.
    pub model: Option<String>,
    /// The folder that the agent works in.
    pub directory: PathBuf,
    /// The folder that outlives a restart of OpenCode (`DATA_ROOT`).
    pub data_root: PathBuf,
    /// Where OpenCode finds the model gateway, such as `http://127.0.0.1:4097`.
    pub gateway_url: String,
    /// OpenCode's tools that ask or are refused, such as `bash`; all others are allowed.
    pub permissions: BTreeMap<String, Permission>,
    /// What the folder is a clone of.
    pub repository: Option<Repository>,
    /// OpenCode's password; none: a random one.
    pub password: Option<String>,
}

/// The answer of `GET /sandbox`.
#[derive(Clone, Serialize, Deserialize)]
pub struct SandboxSetup {
    /// The model that OpenCode is set to.
    pub model: ModelRef,
    /// The content of `opencode.json`.
    pub opencode_config: Value,
    /// The password of OpenCode's HTTP server (user [`OPENCODE_USER`]).
    pub password: String,
    /// The folder that the agent works in; the supervisor makes it.
    pub directory: PathBuf,
    /// What the folder is a clone of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<RepositorySetup>,
    /// OpenCode's environment, over a bare one.
    pub env: BTreeMap<String, String>,
}

impl SandboxSetup {
    /// Makes the setup of a session; fails when its model can't be one of ours.
    pub fn new(spec: &SandboxSpec, providers: &Providers) -> Result<Self, UnknownModel> {
        let model = ModelRef::choose(spec.model.as_deref(), providers)?;
        let password = spec.password.clone().unwrap_or_else(random_password);
        Ok(Self {
            opencode_config: config::opencode_config(&model, spec, providers),
            env: environment::quiet_environment(&spec.data_root, &password),
            directory: spec.directory.clone(),
            repository: spec.repository.as_ref().map(|known| RepositorySetup::new(known, &spec.gateway_url)),
            model,
            password,
        })
    }
}

fn random_password() -> String {
    format!("{:032x}", rand::random::<u128>())
}
