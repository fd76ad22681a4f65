//! The command line of `cargo local`: one file per command.

mod audit;
mod bench;
mod deps;
mod faults;
mod openapi;
mod reset;
mod roles;
mod stack;
mod test;
mod up;

use anyhow::Result;
use clap::{Parser, Subcommand};

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::project::Project;

/// Builds, runs and checks the project on this machine.
#[derive(Parser)]
#[command(name = "cargo local", bin_name = "cargo local", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and run it until Ctrl-C.
    Up(up::Arguments),
    /// Run every check and test, and sum up.
    Test(test::Arguments),
    /// Build for release and run the benchmarks; arguments go to them.
    Bench(bench::Arguments),
    /// Cut every leg of real turns at random, and check that nothing is lost; arguments go to the run.
    Faults(faults::Arguments),
    /// Delete the local state: sessions, files, logs.
    Reset(reset::Arguments),
    /// Write the HTTP surface to shared/wire/openapi.json.
    Openapi(openapi::Arguments),
    /// Install what the stack needs beside our own binaries: OpenCode, ripgrep.
    Deps,
    /// Check that an exported audit log is whole and unchanged.
    Audit(audit::Arguments),
    /// Run the stack for a program: one line of JSON when it is ready, until stdin closes.
    Stack(stack::Arguments),
}

/// Runs the command that the arguments ask for.
pub fn run() -> Result<()> {
    let arguments = Arguments::parse();
    let project = Project::find()?;
    match arguments.command {
        Command::Up(arguments) => up::run(&project, &arguments),
        Command::Test(arguments) => test::run(&project, &arguments),
        Command::Bench(arguments) => bench::run(&project, &arguments),
        Command::Faults(arguments) => faults::run(&project, &arguments),
        Command::Reset(arguments) => reset::run(&project, &arguments),
        Command::Openapi(arguments) => openapi::run(&project, &arguments),
        Command::Deps => deps::run(&project),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Stack(arguments) => stack::run(&project, arguments),
    }
}

/// Two workers: a stack shares its machine with what it serves.
fn runtime() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

/// The signals by which a user or a program ends us.
struct Interrupts([Signal; 3]);

impl Interrupts {
    /// From here on they no longer end the process by themselves.
    fn listen() -> Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hang_up] = kinds.map(signal);
        Ok(Self([interrupt?, terminate?, hang_up?]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hang_up] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
