//! The session's repository, cloned before the agent starts, into a workspace that is still empty.

use std::env;
use std::fs;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::process::Command;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::limits::{CLONE_ATTEMPTS, CLONE_PAUSE};
use crate::sandbox::{RepositorySetup, SandboxSetup};

/// Clones the repository, if there is one and nothing was restored. Should it fail, the agent
/// starts without: the gateway has told the user why.
pub(super) async fn clone(setup: &SandboxSetup) {
    let Some(repository) = &setup.repository else { return };
    let is_empty = fs::read_dir(&setup.directory).is_ok_and(|mut inside| inside.next().is_none());
    if !is_empty {
        return;
    }
    for attempt in 1..=CLONE_ATTEMPTS {
        match once(setup, repository).await {
            Ok(()) => return info!(repository.url, "the repository is cloned"),
            Err(error) => warn!(repository.url, attempt, error = %format!("{error:#}"), "the repository is not cloned"),
        }
        sleep(CLONE_PAUSE).await;
    }
}

async fn once(setup: &SandboxSetup, repository: &RepositorySetup) -> Result<()> {
    let status = Command::new("git")
        .args(["clone", "--quiet", "--", repository.url.as_str()])
        .arg(&setup.directory)
        .env_clear()
        .envs(env::var_os("PATH").map(|path| ("PATH", path)))
        .envs(&setup.env)
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .context("git can't be started")?;
    if !status.success() {
        bail!("git ended with {status}");
    }
    Ok(())
}
