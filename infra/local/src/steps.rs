//! Steps that a user waits for: each says what it is and how long it took.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::ui;

/// Runs a step and reports it when it is done; a failure names the step.
pub fn run<T>(name: &str, detail: &str, step: impl FnOnce() -> Result<T>) -> Result<T> {
    let began = Instant::now();
    let outcome = step().with_context(|| format!("{name} failed"))?;
    ui::step(name, detail, began.elapsed());
    Ok(outcome)
}

/// Runs a program that shows its own progress; its stdout goes to stderr with the rest.
pub fn command(command: &mut Command) -> Result<()> {
    shown(command.stdin(Stdio::null()).stdout(std::io::stderr()))
}

/// Runs a program on our own terminal; its failure is ours.
pub fn shown(command: &mut Command) -> Result<()> {
    // Without its folder: cargo's would fill the line.
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().display().to_string();
    let status = command.status().with_context(|| format!("cannot start {program}"))?;
    if !status.success() {
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        bail!("`{program} {}` ended with {status}", arguments.join(" "));
    }
    Ok(())
}
