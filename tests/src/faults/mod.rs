//! The fault run: real turns while each leg is cut, over and over, and two viewers watch.
//!
//! A seed decides every session's prompts, what is cut and after which event, and the weather
//! of the whole stack. Time is the machine's own, so that two runs of a seed cut the same legs
//! in the same order, though not in the same microsecond.

mod check;
mod cut;
mod life;
mod patience;
mod script;
mod story;
mod summary;
mod watch;
mod weather;

use std::cell::Cell;

use anyhow::{Context, Result};
use futures_util::future::join_all;

use crate::{Options, Stack};
use life::Life;
pub use summary::Summary;
use weather::Weather;

/// How long a run is, and what decides it.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Of all sessions together.
    pub turns: usize,
    /// Three sandboxes run at once; further sessions wait for a place.
    pub sessions: usize,
    pub seed: u64,
}

/// Runs turns under faults on a stack of its own, and tells what happened; `progress` is told of
/// each turn that was suffered, with how many they are.
pub async fn run(plan: Plan, progress: impl Fn(usize)) -> Result<Summary> {
    let mut stack = Stack::start_with(Options::default()).await?;
    let began = std::time::Instant::now();
    let weather = Weather::begin(&stack, plan.seed)?;
    let suffered = Cell::new(0);
    let progress = || {
        suffered.set(suffered.get() + 1);
        progress(suffered.get());
    };
    let lives = (0..plan.sessions).map(|index| Life::lead(&stack, plan, index, &progress));
    let ended = join_all(lives).await;
    let storms = weather.end().await?;
    let mut summary = Summary::new(plan, began.elapsed(), storms);
    for life in ended {
        summary.add(life);
    }
    summary.strikes(&stack.stats().await.context("the stack does not answer any more")?["faults"]);
    if !summary.violations.is_empty() {
        summary.logs = Some(stack.keep());
    }
    stack.stop().await?;
    Ok(summary)
}
