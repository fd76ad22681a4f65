//! What the idle stack takes of the machine.

use anyhow::Result;
use tests::Stack;

use crate::functions::new_session;
use crate::machine;
use crate::report::{Report, Row};

/// All processes but those of sandboxes, of which there is none.
pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let stack = Stack::start().await?;
    let api = stack.api();
    for _ in 0..20 {
        let created = new_session(&api).await?;
        let id = created["id"].as_str().unwrap_or_default();
        api.get("/api/sessions").await?.expect(200)?;
        api.get(&format!("/agent/sessions/{id}/messages")).await?.expect(200)?;
    }
    let mut all: Vec<(String, f64, f64)> = Vec::new();
    for process in stack.processes()? {
        let program = process.command.split(' ').next().unwrap_or_default();
        let name = program.rsplit('/').next().unwrap_or_default().to_owned();
        all.push((name, machine::resident_mb(process.pid), machine::proportional_mb(process.pid)));
    }
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    let sum = all.iter().map(|(_, resident, _)| resident).sum();
    let shared_once: f64 = all.iter().map(|(_, _, proportional)| proportional).sum();
    let each: Vec<String> = all.iter().map(|(name, resident, _)| format!("{name} {resident:.0} MB")).collect();
    let note = format!("{}; {shared_once:.0} MB with shared pages counted once", each.join(", "));
    report.row(Row::new("idle stack, resident, sandboxes apart", sum, "MB").at_most(sum, 100.0, "MB").note(note));
    Ok(())
}
