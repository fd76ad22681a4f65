//! What the relay mode reads from its environment, once.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use domain::limits::ANSWER_SECONDS_MAX;
use domain::{Epoch, SessionId, Workspace};

use crate::gateway::Providers;
use crate::relay::LinkConfig;

/// The relay's settings.
pub struct Config {
    /// `SESSION_ID`, `EPOCH`, `RUNNER_TOKEN`, `SOCKET_URL`, `API_URL`.
    pub link: LinkConfig,
    /// `OPENCODE_URL`: where OpenCode will listen.
    pub opencode_url: String,
    /// `GATEWAY_PORT`: where OpenCode finds the model gateway.
    pub gateway_port: u16,
    /// `WORKSPACE_ROOT`: the folder that stands for `/workspace`.
    pub workspace_root: PathBuf,
    /// `DATA_ROOT`: the folder that outlives a restart of OpenCode.
    pub data_root: PathBuf,
    /// `OPENCODE_SERVER_PASSWORD`: one for all sessions; without it each gets a random one.
    pub password: Option<String>,
    /// `ANSWER_SECONDS`: how long a permission or question waits; a bound of its own without it.
    pub answer_wait: Duration,
    /// The model providers and their keys.
    pub providers: Providers,
}

impl Config {
    /// Reads the environment; an absent variable is named.
    pub fn from_env() -> Result<Self> {
        Ok(Self {
            link: LinkConfig {
                session: parsed::<SessionId>("SESSION_ID")?,
                epoch: parsed::<Epoch>("EPOCH")?,
                token: required("RUNNER_TOKEN")?,
                socket_url: required("SOCKET_URL")?,
                api_url: required("API_URL")?,
            },
            opencode_url: required("OPENCODE_URL")?,
            gateway_port: parsed("GATEWAY_PORT")?,
            workspace_root: required("WORKSPACE_ROOT")?.into(),
            data_root: required("DATA_ROOT")?.into(),
            password: optional("OPENCODE_SERVER_PASSWORD"),
            answer_wait: answer_wait()?,
            providers: Providers::from_env(),
        })
    }

    /// The folder of a session's workspace in this sandbox.
    pub fn directory(&self, workspace: &Workspace) -> PathBuf {
        let path = String::from(workspace.clone());
        let below = path.strip_prefix(Workspace::ROOT).unwrap_or_default();
        self.workspace_root.join(below.trim_start_matches('/'))
    }
}

fn answer_wait() -> Result<Duration> {
    let seconds = optional("ANSWER_SECONDS").map(|_| parsed("ANSWER_SECONDS")).transpose()?;
    Ok(Duration::from_secs(seconds.unwrap_or(ANSWER_SECONDS_MAX)))
}

fn optional(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn required(name: &str) -> Result<String> {
    optional(name).with_context(|| format!("{name} is not set"))
}

fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(name: &str) -> Result<T> {
    required(name)?.parse().with_context(|| format!("{name} is malformed"))
}
