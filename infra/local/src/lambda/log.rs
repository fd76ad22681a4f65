//! A function's output, in one bounded file.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};

/// At this size a log begins anew.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The processes write to the file themselves, so that output costs the stack nothing.
pub(super) struct Log(File);

impl Log {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        file.set_len(0)?;
        Ok(Self(file))
    }

    pub(super) fn stdio(&self) -> std::io::Result<Stdio> {
        Ok(Stdio::from(self.0.try_clone()?))
    }

    /// Adds the platform's own line.
    pub(super) fn note(&self, line: &str) {
        // A full disk must not fail an invocation.
        let _ = writeln!(&self.0, "{line}");
    }

    pub(super) fn bound(&self) {
        if self.0.metadata().is_ok_and(|metadata| metadata.len() > LIMIT) {
            let _ = self.0.set_len(0);
        }
    }
}
