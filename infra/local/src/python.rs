//! A virtual environment for the checks that only Python has: SAM's own
//! translator and linter.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::project::{Profile, Project};
use crate::steps;
use crate::tools::on_path;

/// The packages of a requirements file, installed beside what cargo builds.
pub struct Python {
    folder: PathBuf,
}

impl Python {
    /// Installs what `requirements` pins as the environment of this name, unless that is what is installed.
    pub fn install(project: &Project, name: &str, requirements: &Path) -> Result<Self> {
        let python = Self { folder: project.binaries(Profile::Dev).with_file_name(name) };
        let wanted = fs::read(requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
        if fs::read(python.stamp()).is_ok_and(|installed| installed == wanted) {
            return Ok(python);
        }
        ensure!(on_path("python3"), "python3 is not on PATH: install Python 3.10 or newer");
        steps::run(name, "virtual environment", || {
            // Afresh: an upgrade in place would leave what is no longer pinned.
            if python.folder.exists() {
                fs::remove_dir_all(&python.folder)?;
            }
            steps::command(Command::new("python3").args(["-m", "venv"]).arg(&python.folder))
        })?;
        steps::run(name, "packages", || {
            let mut pip = python.command();
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
            steps::command(pip.arg(requirements))
        })?;
        fs::write(python.stamp(), wanted)?;
        Ok(python)
    }

    /// Python with these packages.
    pub fn command(&self) -> Command {
        Command::new(self.folder.join("bin/python"))
    }

    /// A program that came with them.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    fn stamp(&self) -> PathBuf {
        self.folder.join("requirements.txt")
    }
}
