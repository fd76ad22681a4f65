//! The demo model, which answers when no key leads to a real one.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::process;
use crate::project::Home;

/// It needs milliseconds; a machine under load gets more.
const START_LIMIT: Duration = Duration::from_secs(10);

pub(super) struct DemoModel {
    url: String,
    _process: Child,
}

impl DemoModel {
    /// Starts it on a free port, which its one line on stdout names.
    pub(super) async fn start(binaries: &Path, home: &Home) -> Result<Self> {
        let program = binaries.join("demo-model");
        let log = std::fs::File::create(home.path("logs/demo-model.log"))?;
        let mut command = Command::new(&program);
        command.args(["--port", "0"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        process::contain(&mut command, Signal::KILL);
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let stdout = child.stdout.take().expect("stdout is a pipe");
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(START_LIMIT, lines.next_line()).await.context("the demo model did not start")??;
        let line = line.context("the demo model ended at its start; see logs/demo-model.log")?;
        let url = line.strip_prefix("listening on ").context("the demo model did not say where it listens")?;
        Ok(Self { url: url.to_owned(), _process: child })
    }

    /// As `MODEL_BASE_URL` wants it.
    pub(super) fn base_url(&self) -> String {
        format!("{}/v1", self.url)
    }
}
