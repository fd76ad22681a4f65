//! Where the stack's own log goes, and how old logs leave.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::MakeWriterExt;

use crate::project::Home;

/// Logs of this many containers are kept.
const TASK_LOGS_MAX: usize = 40;

/// Makes the folder, drops the oldest logs of tasks, and sends the stack's own
/// log to `stack.log` and its warnings to stderr.
pub(super) fn prepare(home: &Home) -> Result<()> {
    let tasks = home.path("logs/tasks");
    fs::create_dir_all(&tasks).with_context(|| format!("cannot create {}", tasks.display()))?;
    prune(&tasks, TASK_LOGS_MAX)?;
    let file = File::create(home.path("logs/stack.log"))?;
    let writer = std::io::stderr.with_max_level(tracing::Level::WARN).and(file);
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,s3s=warn,s3s_fs=warn"));
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_env_filter(filter).with_writer(writer);
    // A second stack in one process, as in tests, keeps the first one's log.
    let _ = subscriber.try_init();
    Ok(())
}

fn prune(folder: &Path, keep: usize) -> Result<()> {
    let mut logs: Vec<(SystemTime, PathBuf)> = fs::read_dir(folder)?
        .flatten()
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    logs.sort_by(|a, b| b.cmp(a));
    for (_, old) in logs.into_iter().skip(keep) {
        fs::remove_file(old)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn the_newest_logs_stay() {
        let folder = testing::folder("logs-prune");
        for n in 0..5 {
            let file = File::create(folder.path().join(format!("{n}.log"))).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(n)).unwrap();
        }
        prune(folder.path(), 2).unwrap();
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
        left.sort();
        assert_eq!(left, ["3.log", "4.log"]);
    }
}
