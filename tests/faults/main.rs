//! `cargo local faults`: turns under faults, as many as wanted, and what came of them.

use std::io::Write;

use anyhow::Result;
use clap::Parser;
use tests::faults::{Plan, run};

/// Cuts every leg of real turns, at random, and checks that nothing is lost or doubled.
#[derive(Parser)]
#[command(name = "cargo local faults", bin_name = "cargo local faults")]
struct Arguments {
    /// Turns of all sessions together.
    #[arg(long, default_value_t = 200)]
    turns: usize,
    /// Sessions; three run at once.
    #[arg(long, default_value_t = 6)]
    sessions: usize,
    /// Decides what is cut, and when.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> Result<()> {
    let Arguments { turns, sessions, seed } = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let began = std::time::Instant::now();
    let summary = runtime.block_on(run(Plan { turns, sessions: sessions.max(1), seed }, |suffered| {
        let _ = writeln!(std::io::stderr(), "turn {suffered} of {turns}, {} s", began.elapsed().as_secs());
    }))?;
    write!(std::io::stdout().lock(), "{summary}")?;
    if !summary.violations.is_empty() {
        std::process::exit(1);
    }
    Ok(())
}
