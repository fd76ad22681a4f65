//! Servers beside the stack, as processes of their own: the demo model, the providers' fakes.

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
/// How long one may take to save.
const END_LIMIT: Duration = Duration::from_secs(5);

/// A server that ends with the stack.
pub(super) struct Companion {
    /// Its one line on stdout, which says where it listens.
    pub(super) line: String,
    process: Child,
}

impl Companion {
    /// Starts a binary and waits for its line; what it says on stderr is in the log of its name.
    pub(super) async fn start(binaries: &Path, name: &str, arguments: &[String], home: &Home) -> Result<Self> {
        let program = binaries.join(name);
        let log = std::fs::File::create(home.path(&format!("logs/{name}.log")))?;
        let mut command = Command::new(&program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        process::contain(&mut command, Signal::TERM);
        let mut process = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let stdout = process.stdout.take().expect("stdout is a pipe");
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(START_LIMIT, lines.next_line()).await;
        let line = line.with_context(|| format!("{name} did not start"))??;
        let line = line.with_context(|| format!("{name} ended at its start; see logs/{name}.log"))?;
        Ok(Self { line, process })
    }

    /// Lets it save what it holds, and end.
    pub(super) async fn stop(mut self) {
        if let Some(id) = self.process.id() {
            process::signal(id, Signal::TERM);
            // One that does not end is killed with this value.
            let _ = timeout(END_LIMIT, self.process.wait()).await;
        }
    }
}
