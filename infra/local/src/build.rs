//! Builds what the stack runs: our binaries and the client.

use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::project::{Profile, Project};
use crate::steps;
use crate::template::{Deployment, Template};
use crate::tools::npm;

/// Binaries beside those of the functions.
const OTHER_BINARIES: [&str; 3] = ["runner", "demo-model", "fakes"];

/// Sources of the client, besides its `package-lock.json`.
const CLIENT_SOURCES: [&str; 6] = ["package.json", "index.html", "vite.config.ts", "tsconfig.json", "src", "public"];

/// The benchmarks, and the stack that they drive.
const BENCHMARK_BINARIES: [&str; 2] = ["bench", "local"];

/// The fault run, and the stack that it hurts.
const FAULT_BINARIES: [&str; 2] = ["faults", "local"];

/// Builds every binary that the template names, with cargo's own progress.
pub fn binaries(project: &Project, profile: Profile) -> Result<()> {
    build(project, profile, &[])
}

/// Builds for release what the benchmarks measure, and the benchmarks.
pub fn benchmarks(project: &Project) -> Result<()> {
    build(project, Profile::Release, &BENCHMARK_BINARIES)
}

/// Builds what the fault run hurts, and the run.
pub fn fault_run(project: &Project) -> Result<()> {
    build(project, Profile::Dev, &FAULT_BINARIES)
}

fn build(project: &Project, profile: Profile, also: &[&str]) -> Result<()> {
    let mut command = cargo(project);
    // The whole workspace's features, so that `up` and `test` share what they build.
    command.args(["build", "--workspace"]);
    if profile == Profile::Release {
        command.arg("--release");
    }
    let functions = function_binaries(project)?;
    let binaries = functions.iter().map(String::as_str).chain(OTHER_BINARIES);
    for binary in binaries.chain(also.iter().copied()) {
        command.args(["--bin", binary]);
    }
    steps::command(&mut command)
}

/// Cargo, in the project.
pub fn cargo(project: &Project) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(project.path(""));
    command
}

/// The functions' binaries, as the template names them.
fn function_binaries(project: &Project) -> Result<BTreeSet<String>> {
    let template = template(project)?;
    Ok(template.functions.into_values().map(|function| function.binary).collect())
}

/// The template, resolved for no particular origin.
pub fn template(project: &Project) -> Result<Template> {
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Template::load(&project.path("template.yaml"), &Deployment::at(nowhere))
}

/// Installs the client's packages and builds it, as far as anything changed; false if there is no client.
pub fn client(project: &Project) -> Result<bool> {
    let folder = project.path("client");
    if !folder.join("package.json").is_file() {
        return Ok(false);
    }
    packages(&folder)?;
    let sources: Vec<_> = CLIENT_SOURCES.iter().map(|name| folder.join(name)).collect();
    let built = folder.join("dist/index.html").is_file();
    when_changed(&folder, "build", &sources.iter().map(|path| path.as_path()).collect::<Vec<_>>(), !built, || {
        npm(&folder, &["run", "build"])
    })?;
    Ok(true)
}

/// Installs a folder's npm packages when its lock file changed.
pub fn packages(folder: &Path) -> Result<()> {
    let installed = folder.join("node_modules").is_dir();
    when_changed(folder, "packages", &[&folder.join("package-lock.json")], !installed, || {
        npm(folder, &["ci", "--no-audit", "--no-fund", "--loglevel=error"])
    })
}

/// Does the work unless the sources are those of the last time it succeeded.
fn when_changed(
    folder: &Path,
    name: &str,
    sources: &[&Path],
    missing: bool,
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let stamps = folder.join("node_modules/.agent-ops");
    let stamp = stamps.join(name);
    let fingerprint = fingerprint(sources)?;
    if !missing && fs::read_to_string(&stamp).is_ok_and(|last| last == fingerprint) {
        return Ok(());
    }
    work()?;
    fs::create_dir_all(&stamps)?;
    Ok(fs::write(stamp, fingerprint)?)
}

fn fingerprint(sources: &[&Path]) -> Result<String> {
    let mut hasher = Sha256::new();
    for source in sources {
        hash_into(&mut hasher, source)?;
    }
    Ok(hex::encode(hasher.finalize()))
}

fn hash_into(hasher: &mut Sha256, path: &Path) -> Result<()> {
    hasher.update(path.as_os_str().as_encoded_bytes());
    if path.is_dir() {
        let entries: std::io::Result<Vec<_>> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect();
        let mut entries = entries?;
        entries.sort();
        entries.iter().try_for_each(|entry| hash_into(hasher, entry))?;
    } else if path.is_file() {
        hasher.update(fs::read(path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn work_is_repeated_only_when_a_source_changed_or_the_result_is_missing() {
        let folder = testing::folder("build-changed");
        let source = folder.path().join("src");
        fs::create_dir_all(&source).unwrap();
        fs::write(source.join("a.ts"), "1").unwrap();
        let mut times = 0;
        let mut build = |missing| {
            when_changed(folder.path(), "build", &[&source], missing, || {
                times += 1;
                Ok(())
            })
            .unwrap();
            times
        };
        assert_eq!((build(false), build(false)), (1, 1));
        fs::write(source.join("a.ts"), "2").unwrap();
        assert_eq!((build(false), build(false), build(true)), (2, 2, 3));
    }
}
