//! The browser that the walks through the client are taken in: this machine's own
//! Chromium. Playwright would download one of its own, which not every network allows.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::tools::on_path;
use crate::{steps, ui};

/// By preference.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Where macOS keeps it.
const APPLICATION: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// Where Chromium is. It is installed where nobody is surprised by that: in a container
/// whose packages are ours to choose. `None`: there is none.
pub fn find_or_install() -> Result<Option<PathBuf>> {
    if let Some(given) = env::var_os("CHROMIUM").map(PathBuf::from) {
        ensure!(given.is_file(), "CHROMIUM is {}, where nothing is", given.display());
        return Ok(Some(given));
    }
    if let Some(found) = find() {
        return Ok(Some(found));
    }
    if !may_install() {
        return Ok(None);
    }
    match steps::run("chromium", "apt-get install", install) {
        Ok(()) => Ok(find()),
        Err(error) => {
            ui::note(format_args!("{error:#}"));
            Ok(None)
        }
    }
}

fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let in_folder = |folder: PathBuf| NAMES.iter().map(move |name| folder.join(name)).find(|file| file.is_file());
    let application = Path::new(APPLICATION);
    env::split_paths(&path).find_map(in_folder).or_else(|| application.is_file().then(|| application.to_owned()))
}

/// As root there is nobody whose machine it would be.
fn may_install() -> bool {
    rustix::process::geteuid().is_root() && on_path("apt-get")
}

fn install() -> Result<()> {
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        steps::command(apt.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet=2").args(arguments))
    };
    apt(&["update"])?;
    apt(&["install", "--yes", "--no-install-recommends", "chromium", "fonts-liberation"])
}
