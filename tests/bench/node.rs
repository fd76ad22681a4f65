//! The other side of `functions`: the same work in Node.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// What is copied to where it is built; the lock file last, as the stamp of a finished build.
const SOURCES: [&str; 4] = ["package.json", "package-lock.json", "handler.mjs", "runtime.mjs"];

const BUNDLE: &str = "bundle.mjs";

/// Installs and bundles the Node function, unless that was done; gives the bundle.
pub(crate) fn bundle(target: &Path) -> Result<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/node");
    let folder = target.join("bench-node");
    let bundle = folder.join(BUNDLE);
    let same = |name: &str| fs::read(source.join(name)).ok() == fs::read(folder.join(name)).ok();
    if bundle.is_file() && SOURCES.iter().all(|name| same(name)) {
        return Ok(bundle);
    }
    fs::create_dir_all(&folder)?;
    for name in SOURCES {
        fs::copy(source.join(name), folder.join(name)).with_context(|| format!("cannot copy {name}"))?;
    }
    npm(&folder, &["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
    npm(&folder, &["run", "--silent", "bundle"])?;
    Ok(bundle)
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<()> {
    let status = Command::new("npm").args(arguments).current_dir(folder).stdout(Stdio::null()).status();
    ensure!(status.context("npm is not on PATH")?.success(), "npm {} failed", arguments.join(" "));
    Ok(())
}
