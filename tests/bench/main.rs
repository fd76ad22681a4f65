//! Benchmarks: what the goals of speed and cost speak of, measured on the real binaries.
//!
//! Each comparison has both of its sides in one run, alternating, and reports
//! medians; nothing asserts a wall-clock time, for machines differ.

mod alternate;
mod burst;
mod cost;
mod cost_prices;
mod first_delta;
mod functions;
mod growth;
mod hop;
mod load;
mod machine;
mod memory;
mod node;
mod opencode;
mod report;
mod request;
mod runner;
mod runtime;
mod sandboxes;
mod sync;
mod viewer;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use report::Report;

/// Measures the release binaries and prints one table.
#[derive(Parser)]
#[command(name = "cargo local bench", bin_name = "cargo local bench")]
struct Arguments {
    /// Only this section; may be repeated.
    #[arg(long, value_enum)]
    only: Vec<Section>,
    /// Rounds of each comparison, three at least for a median to mean something.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Sessions of the crowded comparison of the first delta; each is an OpenCode of half a gigabyte.
    #[arg(long, default_value_t = 10)]
    sessions: usize,
    /// Sessions at once in the load, with a viewer each; a fifth of them with 50.
    #[arg(long, default_value_t = 50)]
    crowd: usize,
    /// Seconds of the turn whose cost is counted.
    #[arg(long, default_value_t = 60)]
    turn_seconds: u64,
    /// Entities of the smaller account that is synchronised.
    #[arg(long, default_value_t = 10_000)]
    entities: usize,
    /// Writes the table to this file as JSON, too.
    #[arg(long, value_name = "FILE")]
    json: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Section {
    /// Start, first and warm invocation, memory, size and throughput of functions, against Node.
    Functions,
    /// From a runner's batch to a viewer, with 1 and 50 viewers.
    Hop,
    /// The first delta of a real turn, against a direct reader of OpenCode.
    FirstDelta,
    /// Sessions at once, with 1 and 50 viewers each.
    Load,
    /// 5,000 chunks at once, whole and in order.
    Burst,
    /// What a one-minute turn would be billed.
    Cost,
    /// Whether transactions slow the table down.
    Growth,
    /// Reading a service: entities a second, units, memory, and searches over what was read.
    Sync,
    /// What the idle stack takes.
    Memory,
}

impl Section {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// How long and how wide to measure.
struct Plan {
    rounds: usize,
    sessions: usize,
    crowd: usize,
    turn_seconds: u64,
    entities: usize,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(run(&arguments))
}

async fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { rounds, sessions, crowd, turn_seconds, entities, .. } = *arguments;
    let plan = Plan {
        rounds: rounds.max(1),
        sessions: sessions.max(1),
        crowd: crowd.max(1),
        turn_seconds: turn_seconds.max(1),
        entities: entities.max(100),
    };
    let mut report = Report::new();
    for section in Section::value_variants() {
        if !arguments.only.is_empty() && !arguments.only.contains(section) {
            continue;
        }
        report.begin(&section.name());
        // One section that cannot be measured must not hide the others.
        if let Err(error) = measure(*section, &plan, &mut report).await {
            report.failed(&error);
        }
    }
    report.print()?;
    if let Some(file) = &arguments.json {
        report.write_json(file)?;
    }
    if report.is_incomplete() {
        std::process::exit(1);
    }
    Ok(())
}

async fn measure(section: Section, plan: &Plan, report: &mut Report) -> Result<()> {
    match section {
        Section::Functions => functions::measure(plan, report).await,
        Section::Hop => hop::measure(plan, report).await,
        Section::Load => load::measure(plan, report).await,
        Section::FirstDelta => first_delta::measure(plan, report).await,
        Section::Burst => burst::measure(plan, report).await,
        Section::Cost => cost::measure(plan, report).await,
        Section::Growth => growth::measure(plan, report).await,
        Section::Sync => sync::measure(plan, report).await,
        Section::Memory => memory::measure(report).await,
    }
}
