//! What `cargo local` runs: builds the real tool, visibly, and becomes it.
//!
//! `cargo run` would build it with the features of that one package, and cargo
//! would compile half the dependencies again for the functions. Built with the
//! workspace's features, everything is compiled once. So this needs nothing.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// Beginnings of the variables in which `cargo run` describes this package:
/// build scripts that look at theirs would run again.
const OWN_PACKAGE: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];

fn main() -> ExitCode {
    let failed = match build() {
        Ok(true) => tool().map_or_else(|error| error, |tool| without_ours(Command::new(tool)).args(arguments()).exec()),
        // Cargo has said why.
        Ok(false) => return ExitCode::FAILURE,
        Err(error) => error,
    };
    let _ = writeln!(io::stderr(), "error: cannot start the tool: {failed}");
    ExitCode::FAILURE
}

fn build() -> io::Result<bool> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = without_ours(Command::new(cargo));
    // Nothing to say when nothing is to be done.
    let status = build.args(["build", "--workspace", "--bin", "local"]).status()?;
    Ok(status.success())
}

/// Beside this program: cargo puts both into one folder.
fn tool() -> io::Result<PathBuf> {
    Ok(env::current_exe()?.with_file_name("local"))
}

fn without_ours(mut command: Command) -> Command {
    let ours = |name: &OsString| OWN_PACKAGE.iter().any(|prefix| name.to_string_lossy().starts_with(prefix));
    env::vars_os().map(|(name, _)| name).filter(ours).for_each(|name| {
        command.env_remove(name);
    });
    command
}

fn arguments() -> impl Iterator<Item = OsString> {
    env::args_os().skip(1)
}
