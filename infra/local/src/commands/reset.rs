//! `cargo local reset`

use std::fs;
use std::io::{BufRead, Write};

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::ui;

/// What is not state: the lock that is held meanwhile, and installed tools.
const KEPT: [&str; 2] = ["lock", "tools"];

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let home = project.home();
    let _lock = home.take()?;
    let folder = home.folder();
    let question = format!("Delete every session, file and log in {}? [y/N] ", folder.display());
    if !arguments.yes && !confirmed(&question)? {
        bail!("nothing was deleted");
    }
    for entry in fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        if KEPT.iter().any(|kept| entry.file_name() == *kept) {
            continue;
        }
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.with_context(|| format!("cannot delete {}", path.display()))?;
    }
    ui::say("The local state is empty.");
    Ok(())
}

fn confirmed(question: &str) -> Result<bool> {
    let mut terminal = std::io::stderr();
    write!(terminal, "{question}")?;
    terminal.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
