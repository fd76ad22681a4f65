//! The process of OpenCode: how it starts, and how it ends in good order.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::fd::AsFd;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal as SignalStream, SignalKind, signal};
use tokio::time::timeout;
use tracing::{info, warn};

use super::{SuperviseConfig, orphans};
use crate::net;
use crate::sandbox::{OPENCODE_USER, SandboxSetup};

/// What the agent's tools do not see of the container's own environment: the platform's variables,
/// and those that would configure OpenCode past its setup.
const WITHHELD: [&str; 3] = ["AWS_", "ECS_", "OPENCODE_"];
/// `POST /global/dispose` ends turns and saves their text; it takes 50 ms.
const DISPOSE_WAIT: Duration = Duration::from_secs(3);
/// After SIGTERM OpenCode exits at once; ECS allows 30 s for everything.
const EXIT_WAIT: Duration = Duration::from_secs(3);

/// A running OpenCode.
pub(super) struct Opencode {
    child: Child,
    pid: Pid,
    /// Wakes when any child ends, adopted ones too.
    child_ended: SignalStream,
    dispose_url: String,
    password: String,
}

impl Opencode {
    pub(super) fn start(config: &SuperviseConfig, setup: &SandboxSetup) -> Result<Self> {
        let child_ended = signal(SignalKind::child())?;
        let port = config.opencode_port.to_string();
        let child = Command::new(&config.opencode_bin)
            .args(["serve", "--hostname", "127.0.0.1", "--port", port.as_str()])
            .current_dir(&setup.directory)
            .env_clear()
            .envs(env::vars_os().filter(|(name, _)| !is_withheld(name)))
            .envs(&setup.env)
            .stdin(Stdio::null())
            .stdout(to_stderr()?)
            .spawn()
            .with_context(|| format!("{} can't be started", config.opencode_bin.display()))?;
        let pid =
            child.id().and_then(|id| Pid::from_raw(id.cast_signed())).context("opencode ended before it began")?;
        info!(pid = pid.as_raw_nonzero(), port, "opencode started");
        let dispose_url = format!("http://127.0.0.1:{port}/global/dispose");
        Ok(Self { child, pid, child_ended, dispose_url, password: setup.password.clone() })
    }

    /// Waits for the end, and takes in processes that the agent left behind and that have ended.
    pub(super) async fn ended(&mut self) -> io::Result<ExitStatus> {
        loop {
            tokio::select! {
                status = self.child.wait() => return status,
                _ = self.child_ended.recv() => orphans::reap(self.pid),
            }
        }
    }

    /// Ends turns, then the process, then what is left of its tools.
    pub(super) async fn stop(mut self) -> Result<()> {
        if let Err(error) = self.dispose().await {
            warn!(error = %error.without_url(), "opencode was not disposed of in good order");
        }
        let _already_gone = kill_process(self.pid, Signal::TERM);
        if timeout(EXIT_WAIT, self.ended()).await.is_err() {
            let _already_gone = kill_process(self.pid, Signal::KILL);
            self.child.wait().await?;
        }
        orphans::end_all().await;
        info!("opencode stopped");
        Ok(())
    }

    async fn dispose(&self) -> reqwest::Result<()> {
        let client = net::loopback().timeout(DISPOSE_WAIT).build()?;
        let request = client.post(&self.dispose_url).basic_auth(OPENCODE_USER, Some(&self.password));
        request.send().await?.error_for_status().map(drop)
    }
}

fn is_withheld(name: &OsStr) -> bool {
    WITHHELD.iter().any(|start| name.as_encoded_bytes().starts_with(start.as_bytes()))
}

/// OpenCode's few lines of output belong to the log.
fn to_stderr() -> io::Result<Stdio> {
    Ok(io::stderr().as_fd().try_clone_to_owned()?.into())
}
