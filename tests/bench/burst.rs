//! 5,000 chunks as fast as the model can: whole, in order, and how much later than a direct reader.

use anyhow::{Result, ensure};

use crate::Plan;
use crate::alternate::{median, ms};
use crate::opencode::{Turn, Watched};
use crate::report::{Report, Row};
use crate::sandboxes;

const CHUNKS: usize = 5_000;

pub(crate) async fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    let stack = sandboxes::real().await?;
    let mut session = Watched::start(&stack).await?;
    let expected: String = (0..CHUNKS).map(|number| format!("w{number} ")).collect();
    let (mut ours, mut direct, mut ratios, mut batches) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let turn = session.turn(&stack, &format!("[[text n={CHUNKS} delay=0]]")).await?;
        check(&turn, &expected)?;
        let (viewer, reader) = (ms(turn.viewer_last()? - turn.sent), ms(turn.direct_last - turn.sent));
        ours.push(viewer);
        direct.push(reader);
        ratios.push(viewer / reader);
        batches.push(turn.events.iter().filter(|came| came.event.is_text()).count() as f64);
    }
    session.end(&stack).await?;
    let row = Row::new(format!("{CHUNKS} chunks: message to last text"), median(ours), "ms");
    let note =
        format!("in {:.0} deltas; numbers without gap or repeat, text equal to what was stored", median(batches));
    report.row(
        row.against("direct", median(direct), "ms").ratio(median(ratios)).promise("whole, in order", true).note(note),
    );
    Ok(())
}

/// Fails unless the turn is whole and in order.
fn check(turn: &Turn, expected: &str) -> Result<()> {
    ensure!(turn.text() == expected, "the text is not whole: {} of {} bytes", turn.text().len(), expected.len());
    let gapless = turn.events.windows(2).all(|pair| pair[1].event.seq == pair[0].event.seq + 1);
    ensure!(gapless, "the numbers have a gap or a repeat");
    let stored = turn.events.iter().find(|came| came.event.name == "message.completed");
    // A large answer travels as a pointer, whose text the end-to-end tests compare.
    if let Some(content) = stored.and_then(|came| came.event.message["content"].as_str()) {
        ensure!(content == expected, "the stored text is another one");
    }
    Ok(())
}
