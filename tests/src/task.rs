//! A session's sandbox as it lies on this machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::time::Instant;

use crate::processes::{Process, pause, under};
use crate::{PATIENCE, wait_until_gone};

/// A task of the local ECS.
#[derive(Debug, Clone)]
pub struct Task {
    pub id: String,
    folder: PathBuf,
}

impl Task {
    /// The tasks that were started for a session, oldest first.
    pub fn all_of(home: &Path, session: &str) -> Result<Vec<Self>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(home.join("tasks"))?.flatten() {
            let file = entry.path();
            if file.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            // A record may be replaced while it is read.
            let record: Value = serde_json::from_slice(&std::fs::read(&file).unwrap_or_default()).unwrap_or_default();
            if record["started_by"] == session {
                let at = record["created_at"].as_str().unwrap_or_default().to_owned();
                found.push((at, Self::in_folder(file.with_extension(""))?));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found.into_iter().map(|(_, task)| task).collect())
    }

    fn in_folder(folder: PathBuf) -> Result<Self> {
        let id = folder.file_name().and_then(|name| name.to_str()).context("a task has an id")?.to_owned();
        Ok(Self { id, folder })
    }

    /// The folder that is `/workspace` in the sandbox.
    pub fn workspace(&self) -> PathBuf {
        self.folder.join("workspace")
    }

    /// All of its processes.
    pub fn processes(&self) -> Result<Vec<Process>> {
        under(&self.folder)
    }

    /// The runner.
    pub fn runner(&self) -> Result<Process> {
        self.process("runner relay")
    }

    /// The OpenCode server.
    pub fn opencode(&self) -> Result<Process> {
        self.process("opencode serve")
    }

    fn process(&self, words: &str) -> Result<Process> {
        let processes = self.processes()?;
        let found = processes.iter().find(|process| process.command.contains(words)).cloned();
        found.with_context(|| format!("no {words} among {processes:?}"))
    }

    /// Waits until another OpenCode than `former` runs.
    pub async fn opencode_after(&self, former: &Process) -> Result<Process> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.opencode() {
                Ok(process) if process != *former => return Ok(process),
                _ if Instant::now() > deadline => bail!("OpenCode was not started again"),
                _ => pause().await,
            }
        }
    }

    /// Waits until the task has no process left.
    pub async fn ended(&self) -> Result<()> {
        wait_until_gone(&self.processes()?).await
    }
}
