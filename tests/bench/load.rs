//! Many sessions at once and many viewers: what arrives, how late, and what each one takes.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use tests::{Stack, Task};

use crate::Plan;
use crate::alternate::{median, percentile};
use crate::cost_prices::Bill;
use crate::hop::{Crowd, Shape};
use crate::machine;
use crate::opencode::Watched;
use crate::report::{Report, Row};
use crate::sandboxes::{self, Asleep};

/// Between two batches of a session: a watched turn's steady pace.
const PACE: Duration = Duration::from_millis(250);
/// Of each shape.
const TIME: Duration = Duration::from_secs(10);
/// Viewers of a watched session.
const WATCHED: usize = 50;

/// What one shape came to.
struct Loaded {
    shape: Shape,
    /// Delays of all deliveries, in milliseconds.
    delays: Vec<f64>,
    seconds: f64,
    /// Frames that the runners had to send again.
    repeats: usize,
    bill: Bill,
    /// Processor time of the socket's function for each batch, in milliseconds.
    cpu: f64,
    /// Resident MB of the stack's processes, by program, sandboxes apart.
    memory: BTreeMap<String, f64>,
}

pub(crate) async fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    let asleep = Asleep::start().await?;
    let shapes = |viewers, crowds: &[usize]| -> Vec<Shape> {
        crowds.iter().map(|sessions| Shape { sessions: *sessions, viewers }).collect()
    };
    for shapes in [shapes(1, &[1, 10, plan.crowd]), shapes(WATCHED, &[1, 4, plan.crowd.div_ceil(5)])] {
        let mut alone: Option<Loaded> = None;
        for shape in shapes {
            // Connections are open and functions warm before anything counts.
            run(&asleep.stack, shape, Duration::from_secs(2)).await?;
            let loaded = run(&asleep.stack, shape, TIME).await?;
            report.row(loaded.row(alone.as_ref()));
            alone.get_or_insert(loaded);
        }
    }
    sandbox(report).await
}

async fn run(stack: &Stack, shape: Shape, time: Duration) -> Result<Loaded> {
    let mut crowd = Crowd::gather(stack, shape).await?;
    let spent =
        || Ok::<_, anyhow::Error>(by_program(stack, machine::cpu_ms)?.remove("agent-socket").unwrap_or_default());
    let before = Bill::read(&stack.stats().await?);
    let spent_before = spent()?;
    let began = std::time::Instant::now();
    let delays = crowd.talk(PACE, time).await?;
    let seconds = began.elapsed().as_secs_f64();
    let repeats = crowd.repeats();
    let bill = Bill::read(&stack.stats().await?).since(before);
    let batches = delays.len() as f64 / shape.viewers as f64;
    let cpu = (spent()? - spent_before) / batches;
    let memory = by_program(stack, machine::resident_mb)?;
    crowd.leave(stack).await?;
    Ok(Loaded { shape, delays, seconds, repeats, bill, cpu, memory })
}

/// What the stack's processes take, summed by program.
fn by_program(stack: &Stack, taken: impl Fn(u32) -> f64) -> Result<BTreeMap<String, f64>> {
    let mut all = BTreeMap::new();
    for process in stack.processes()? {
        // The sandboxes of this stack only sleep.
        if !process.command.contains("sleep 86400") {
            *all.entry(program(&process.command)).or_default() += taken(process.pid);
        }
    }
    Ok(all)
}

fn program(command: &str) -> String {
    let program = command.split(' ').next().unwrap_or_default();
    program.rsplit('/').next().unwrap_or_default().to_owned()
}

impl Loaded {
    fn row(&self, alone: Option<&Self>) -> Row {
        let Shape { sessions, viewers } = self.shape;
        let p50 = median(self.delays.iter().copied());
        let p95 = percentile(self.delays.iter().copied(), 0.95);
        let rate = self.delays.len() as f64 / self.seconds;
        let offered = sessions as f64 * viewers as f64 / PACE.as_secs_f64();
        let minutes = sessions as f64 * self.seconds / 60.0;
        let memory = self.memory.iter().map(|(program, mb)| {
            let before = alone.and_then(|alone| alone.memory.get(program));
            let more = sessions.saturating_sub(1).max(1) as f64;
            match before {
                Some(before) => format!("{program} {mb:.0} MB ({:+.2} per session more)", (mb - before) / more),
                None => format!("{program} {mb:.0} MB"),
            }
        });
        let note = format!(
            "p95 {p95:.2} ms; {rate:.0} deliveries a second of {offered:.0} offered, {} frames sent again; \
             agent-socket took {:.2} ms of a processor a batch; per session and minute {:.0} write units, \
             {:.0} read units, {:.0} socket messages; {}",
            self.repeats,
            self.cpu,
            self.bill.write_units / minutes,
            self.bill.read_units / minutes,
            self.bill.socket_messages / minutes,
            memory.collect::<Vec<_>>().join(", "),
        );
        let row = Row::new(format!("{sessions} sessions x {viewers} viewers, 4 batches a second, p50"), p50, "ms");
        match alone.map(|alone| median(alone.delays.iter().copied())) {
            Some(before) => row.against("1 session", before, "ms").ratio(p50 / before).note(note),
            None => row.note(note),
        }
    }
}

/// What a real sandbox takes besides.
async fn sandbox(report: &mut Report) -> Result<()> {
    let stack = sandboxes::real().await?;
    let session = Watched::start(&stack).await?;
    let mut memory: BTreeMap<String, f64> = BTreeMap::new();
    for task in Task::all_of(stack.home(), &session.session)? {
        for process in task.processes()? {
            *memory.entry(program(&process.command)).or_default() += machine::resident_mb(process.pid);
        }
    }
    session.end(&stack).await?;
    let each: Vec<String> = memory.iter().map(|(program, mb)| format!("{program} {mb:.0} MB")).collect();
    let row = Row::new("a real sandbox after its first turn, resident", memory.values().sum(), "MB");
    report.row(row.note(each.join(", ")));
    Ok(())
}
