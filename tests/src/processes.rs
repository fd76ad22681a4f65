//! Processes of this machine, as `/proc` shows them.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::Instant;

use crate::PATIENCE;

/// The local ECS marks every process of a container with the container's folder.
const MARK: &str = "LOCAL_CONTAINER=";

/// A process, told apart from a later one with the same id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Process {
    pub pid: u32,
    /// Its command line.
    pub command: String,
    /// Ticks since the machine's start.
    started: u64,
    parent: u32,
}

impl Process {
    /// The process of this id, unless it is gone or a zombie.
    fn find(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name stands in parentheses and may hold anything.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let state = fields.next()?;
        let parent = fields.next()?.parse().ok()?;
        let started = fields.nth(17)?.parse().ok()?;
        let command = String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/cmdline")).ok()?).replace('\0', " ");
        (!matches!(state, "Z" | "X")).then_some(Self { pid, command, started, parent })
    }

    /// Whether it still runs.
    pub fn alive(&self) -> bool {
        Self::find(self.pid).is_some_and(|now| now.started == self.started)
    }

    /// A variable of its environment.
    pub fn variable(&self, name: &str) -> Result<String> {
        let environment = fs::read(format!("/proc/{}/environ", self.pid))?;
        let environment = String::from_utf8_lossy(&environment);
        let found = environment.split('\0').find_map(|it| it.strip_prefix(name)?.strip_prefix('='));
        found.map(str::to_owned).with_context(|| format!("{name} is not set"))
    }

    /// Sends it a signal by name: `INT`, `TERM`, `KILL`, `STOP`, `CONT`.
    pub fn signal(&self, name: &str) -> Result<()> {
        signal(self.pid, name)
    }

    fn is_of(&self, folder: &Path) -> bool {
        let environment = fs::read(format!("/proc/{}/environ", self.pid)).unwrap_or_default();
        let mark = format!("{MARK}{}", folder.display());
        environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(mark.as_bytes()))
    }
}

/// Sends a process a signal by name.
pub(crate) fn signal(pid: u32, name: &str) -> Result<()> {
    let signal = match name {
        "INT" => Signal::INT,
        "TERM" => Signal::TERM,
        "KILL" => Signal::KILL,
        "STOP" => Signal::STOP,
        "CONT" => Signal::CONT,
        other => bail!("no signal is called {other}"),
    };
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("not the id of a process")?;
    kill_process(pid, signal).context("the process could not be signalled")
}

/// Processes of the containers whose folders are under this one.
pub(crate) fn under(folder: &Path) -> Result<Vec<Process>> {
    Ok(all()?.into_iter().filter(|process| process.is_of(folder)).collect())
}

/// A process, all its descendants, and the processes of containers under `folder`.
pub(crate) fn family(root: u32, folder: &Path) -> Result<Vec<Process>> {
    let all = all()?;
    let mut members: HashSet<u32> = HashSet::from([root]);
    members.extend(all.iter().filter(|process| process.is_of(folder)).map(|process| process.pid));
    loop {
        let children = all.iter().filter(|process| members.contains(&process.parent)).map(|process| process.pid);
        let before = members.len();
        members.extend(children.collect::<Vec<_>>());
        if members.len() == before {
            return Ok(all.into_iter().filter(|process| members.contains(&process.pid)).collect());
        }
    }
}

/// Waits until none of them runs.
pub async fn wait_until_gone(processes: &[Process]) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left: Vec<&Process> = processes.iter().filter(|process| process.alive()).collect();
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("still running: {left:?}");
        }
        pause().await;
    }
}

/// Between two looks at what cannot be awaited.
pub async fn pause() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

fn all() -> Result<Vec<Process>> {
    let entries = fs::read_dir("/proc").context("these tests look at processes in /proc, which Linux has")?;
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    Ok(pids.filter_map(Process::find).collect())
}
