//! What tasks need of this machine beside our own binaries: OpenCode in the
//! pinned version, and ripgrep, without which OpenCode would try to download it.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::project::Project;
use crate::steps;

/// Shipped by npm with the binary in it; used when `PATH` has no ripgrep.
const RIPGREP_PACKAGE: &str = "@vscode/ripgrep";
const RIPGREP_VERSION: &str = "1.18.0";

/// Installed tools.
#[derive(Debug, Clone)]
pub struct Tools {
    opencode: PathBuf,
    /// Folder of `rg`, when it is not on `PATH`.
    ripgrep: Option<PathBuf>,
}

impl Tools {
    /// The tools that are installed, or how to install them.
    pub fn find(project: &Project) -> Result<Self> {
        let opencode = OpenCode::pinned(project)?;
        ensure!(opencode.installed(), "OpenCode {} is not installed; run `cargo local deps`", opencode.version);
        let ripgrep = match Ripgrep::at(project) {
            _ if on_path("rg") => None,
            ripgrep if ripgrep.binary().is_file() => Some(ripgrep.bin_folder()),
            _ => bail!("ripgrep is not installed; run `cargo local deps`"),
        };
        Ok(Self { opencode: opencode.binary(), ripgrep })
    }

    /// Installs what is missing.
    pub fn install(project: &Project) -> Result<Self> {
        let opencode = OpenCode::pinned(project)?;
        steps::run("opencode", &opencode.version.clone(), || opencode.install())?;
        if !on_path("rg") {
            let ripgrep = Ripgrep::at(project);
            steps::run("ripgrep", RIPGREP_VERSION, || ripgrep.install())?;
        }
        Self::find(project)
    }

    /// What the image of the `opencode` container would set.
    pub fn image_variables(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            ("OPENCODE_BIN".to_owned(), self.opencode.display().to_string()),
            ("PATH".to_owned(), self.path()),
        ])
    }

    fn path(&self) -> String {
        let path = env::var("PATH").unwrap_or_default();
        match &self.ripgrep {
            Some(folder) => format!("{}:{path}", folder.display()),
            None => path,
        }
    }
}

/// OpenCode as `infra/opencode/package.json` pins it.
struct OpenCode {
    source: PathBuf,
    target: PathBuf,
    package: String,
    version: String,
}

impl OpenCode {
    fn pinned(project: &Project) -> Result<Self> {
        let source = project.path("infra/opencode");
        let manifest = source.join("package.json");
        let text = fs::read(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
        let manifest: Value = serde_json::from_slice(&text)?;
        let package = format!("opencode-{}", platform());
        let version =
            ["optionalDependencies", "dependencies"].iter().find_map(|kind| manifest[kind][&package].as_str());
        let version = version.with_context(|| format!("infra/opencode/package.json pins no {package}"))?.to_owned();
        Ok(Self { source, target: project.tools().join("opencode"), package, version })
    }

    fn binary(&self) -> PathBuf {
        self.target.join("node_modules").join(&self.package).join("bin/opencode")
    }

    /// The stamp holds the lock file that was installed and checked.
    fn installed(&self) -> bool {
        let lock = fs::read(self.source.join("package-lock.json"));
        self.binary().is_file() && lock.is_ok_and(|lock| fs::read(self.stamp()).is_ok_and(|stamp| stamp == lock))
    }

    fn stamp(&self) -> PathBuf {
        self.target.join("installed-lock.json")
    }

    fn install(&self) -> Result<()> {
        if self.installed() {
            return Ok(());
        }
        fs::create_dir_all(&self.target)?;
        for file in ["package.json", "package-lock.json"] {
            let source = self.source.join(file);
            fs::copy(&source, self.target.join(file)).with_context(|| format!("cannot copy {}", source.display()))?;
        }
        npm(&self.target, &["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
        self.check()?;
        fs::copy(self.source.join("package-lock.json"), self.stamp())?;
        Ok(())
    }

    fn check(&self) -> Result<()> {
        // It makes folders in its home at every start.
        let home = self.target.join("home");
        let mut command = Command::new(self.binary());
        command.arg("--version").env("HOME", &home).env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME");
        command.env_remove("XDG_CACHE_HOME").env_remove("XDG_STATE_HOME").stdin(Stdio::null());
        let output = command.output().with_context(|| format!("cannot start {}", self.binary().display()))?;
        let found = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        ensure!(found == self.version, "OpenCode says that it is {found:?}; pinned is {}", self.version);
        Ok(())
    }
}

struct Ripgrep {
    target: PathBuf,
    package: String,
}

impl Ripgrep {
    fn at(project: &Project) -> Self {
        Self { target: project.tools().join("ripgrep"), package: format!("{RIPGREP_PACKAGE}-{}", platform()) }
    }

    fn bin_folder(&self) -> PathBuf {
        self.target.join("node_modules").join(&self.package).join("bin")
    }

    fn binary(&self) -> PathBuf {
        self.bin_folder().join("rg")
    }

    fn install(&self) -> Result<()> {
        if self.binary().is_file() {
            return Ok(());
        }
        fs::create_dir_all(&self.target)?;
        let package = format!("{}@{RIPGREP_VERSION}", self.package);
        let installed =
            npm(&self.target, &["install", "--prefix", ".", "--no-audit", "--no-fund", "--no-save", &package]);
        installed.context(
            "ripgrep could not be installed; install it yourself (apt-get install ripgrep, brew install ripgrep)",
        )
    }
}

/// Runs npm in a folder; what it says goes to stderr.
pub fn npm(folder: &Path, arguments: &[&str]) -> Result<()> {
    ensure!(on_path("npm"), "npm is not on PATH: install Node.js 20 or newer");
    // Its advice to update itself is no business of ours.
    let mut npm = Command::new("npm");
    steps::command(npm.args(arguments).env("NPM_CONFIG_UPDATE_NOTIFIER", "false").current_dir(folder))
}

/// Whether a program of this name can be started.
pub fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// As npm's packages name it: `linux-x64`, `darwin-arm64`.
fn platform() -> String {
    let system = if cfg!(target_os = "macos") { "darwin" } else { env::consts::OS };
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    format!("{system}-{machine}")
}
