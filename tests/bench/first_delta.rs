//! The first delta of a real turn: when a viewer has it, against a direct reader of OpenCode.

use anyhow::Result;
use futures_util::future::try_join_all;
use tests::Stack;

use crate::Plan;
use crate::alternate::{median, percentile};
use crate::opencode::{Turn, Watched};
use crate::report::{Report, Row, progress};
use crate::sandboxes;

const PROMPT: &str = "[[text n=100 delay=20 stamp=1]]";

/// Turns of one session per round.
const TURNS: usize = 3;

pub(crate) async fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    let stack = sandboxes::real().await?;
    let mut sessions = vec![Watched::start(&stack).await?];
    let mut alone = Vec::new();
    for _ in 0..plan.rounds * TURNS {
        alone.push(sessions[0].turn(&stack, PROMPT).await?);
    }
    report.row(row("1 session", &alone)?);
    // One after another: each start wants a processor for itself.
    while sessions.len() < plan.sessions {
        sessions.push(Watched::start(&stack).await?);
        progress(format_args!("   {} of {} agents run", sessions.len(), plan.sessions));
    }
    let crowded = crowd(plan, &stack, &mut sessions).await?;
    report.row(row(&format!("{} sessions at once", sessions.len()), &crowded)?);
    for session in sessions {
        session.end(&stack).await?;
    }
    Ok(())
}

async fn crowd(plan: &Plan, stack: &Stack, sessions: &mut [Watched]) -> Result<Vec<Turn>> {
    let mut turns = Vec::new();
    for _ in 0..plan.rounds {
        turns.extend(try_join_all(sessions.iter_mut().map(|session| session.turn(stack, PROMPT))).await?);
    }
    Ok(turns)
}

fn row(what: &str, turns: &[Turn]) -> Result<Row> {
    let (mut later, mut ours, mut direct) = (Vec::new(), Vec::new(), Vec::new());
    for turn in turns {
        let since = |at: std::time::Instant| (at - turn.sent).as_secs_f64() * 1e3;
        let (viewer, reader) = (since(turn.viewer_first()?), since(turn.direct_first));
        later.push(viewer - reader);
        ours.push(viewer);
        direct.push(reader);
    }
    let (p50, p95) = (median(later.iter().copied()), percentile(later, 0.95));
    let row = Row::new(format!("{what}: later than a direct reader"), p50, "ms");
    let note = format!(
        "from the message to the first delta: viewer {:.0} ms, direct reader {:.0} ms; p95 of the difference {p95:.1} ms, {} turns",
        median(ours),
        median(direct),
        turns.len(),
    );
    Ok(row.at_most(p50, 5.0, "ms").note(note))
}
