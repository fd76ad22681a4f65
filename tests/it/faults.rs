//! A short fault run; `cargo local faults` makes long ones.

use anyhow::{Result, ensure};
use tests::faults::{Plan, run};

#[tokio::test]
async fn whatever_is_cut_no_event_is_lost_and_no_prompt_is_answered_twice() -> Result<()> {
    let summary = run(Plan { turns: 12, sessions: 2, seed: 4 }, |_| {}).await?;
    ensure!(summary.violations.is_empty(), "{summary}");
    assert_eq!(summary.turns(), 12, "{summary}");
    assert!(summary.cuts() > 0, "nothing was cut: {summary}");
    Ok(())
}
