//! Stacks for benchmarks: with real sandboxes, or with ones that only sleep.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tests::{Options, Stack};

use crate::functions::binaries;

/// The password of every OpenCode of a benchmark's stack.
pub(crate) const PASSWORD: &str = "bench-password";

/// A stack whose agents are real.
pub(crate) async fn real() -> Result<Stack> {
    let password = ("OPENCODE_SERVER_PASSWORD".to_owned(), PASSWORD.to_owned());
    Stack::start_with(Options { memory: true, settings: vec![password], ..Options::default() }).await
}

/// A stack whose sandboxes do nothing, so that the benchmark can be the runner itself.
pub(crate) struct Asleep {
    pub(crate) stack: Stack,
    _target: Target,
}

impl Asleep {
    pub(crate) async fn start() -> Result<Self> {
        let target = Target::create()?;
        let folder = target.0.to_str().context("the temporary folder has a UTF-8 name")?.to_owned();
        let variables = vec![("CARGO_TARGET_DIR".to_owned(), folder)];
        let options = Options { memory: true, variables, ..Options::default() };
        Ok(Self { stack: Stack::start_with(options).await?, _target: target })
    }
}

/// A target folder like cargo's, with a runner that sleeps.
struct Target(PathBuf);

impl Target {
    fn create() -> Result<Self> {
        let binaries = binaries()?;
        let target = std::env::temp_dir().join(format!("agent-ops-bench-{}", std::process::id()));
        let profile = target.join(binaries.file_name().context("binaries are in a profile's folder")?);
        let made = Self(target);
        std::fs::create_dir_all(&profile)?;
        // Every program but the runner: which of them are functions, the template knows.
        for entry in std::fs::read_dir(&binaries)? {
            let path = entry?.path();
            let name = path.file_name().context("a program has a name")?;
            if path.is_file() && name != "runner" {
                link(&path, &profile.join(name))?;
            }
        }
        let runner = profile.join("runner");
        std::fs::write(&runner, "#!/bin/sh\nexec sleep 86400\n")?;
        std::fs::set_permissions(&runner, std::fs::Permissions::from_mode(0o755))?;
        Ok(made)
    }
}

fn link(from: &Path, to: &Path) -> Result<()> {
    if !to.exists() {
        symlink(from, to).with_context(|| format!("cannot link {}", to.display()))?;
    }
    Ok(())
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
