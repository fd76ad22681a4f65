//! Folders for the state of stacks.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};

/// A folder for one stack. It goes away with the value, or, when a run was
/// killed or kept its stack to the end, with the next run.
pub(crate) struct Home {
    path: PathBuf,
    kept: bool,
}

impl Home {
    pub(crate) fn create() -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let all = std::env::temp_dir().join("agent-ops-tests");
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        if count == 0 {
            remove_abandoned(&all);
        }
        let folder = all.join(format!("{}-{count}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self { path: folder, kept: false })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves the folder where it is, for the next run to remove.
    pub(crate) fn keep(&mut self) {
        self.kept = true;
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Whoever wants to look at what a failed test left behind has the time to.
        if !self.kept && !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Removes the folders of runs that are over.
fn remove_abandoned(all: &Path) {
    for folder in fs::read_dir(all).into_iter().flatten().flatten() {
        let name = folder.file_name();
        let process = name.to_str().and_then(|name| name.split('-').next());
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            let _ = fs::remove_dir_all(folder.path());
        }
    }
}
