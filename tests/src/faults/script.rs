//! What the dice say of a session: its prompts, and what is cut when.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::Plan;
use super::cut::Cut;

/// One turn.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) prompt: String,
    /// The text that the agent answers with, when it comes to its end.
    pub(super) answer: String,
    pub(super) cut: Cut,
    pub(super) moment: Moment,
    /// Between the moment and the cut.
    pub(super) pause_ms: u64,
    /// Whether the next prompt is sent before this turn is over.
    pub(super) hurried: bool,
    /// Whether the request is made twice at once.
    pub(super) doubled: bool,
}

/// When in a turn its cut is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// The prompt was accepted.
    Accepted,
    /// The turn is in hand.
    Begun,
    /// That many of its events came.
    Events(usize),
    /// It is over.
    Over,
}

/// The turns of one session of the run.
pub(super) fn scripts(plan: Plan, index: usize) -> Vec<Script> {
    let mut dice = dice(plan.seed, index);
    // The first sessions get what does not divide.
    let turns = plan.turns / plan.sessions + usize::from(index < plan.turns % plan.sessions);
    (0..turns).map(|turn| script(&mut dice, turn)).collect()
}

/// Dice of a part of a run that no other part throws.
pub(super) fn dice(seed: u64, part: usize) -> StdRng {
    StdRng::seed_from_u64(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(part as u64))
}

fn script(dice: &mut StdRng, turn: usize) -> Script {
    let words = dice.random_range(5..120);
    let delay = dice.random_range(5..30);
    let mut prompt = format!("[[text n={words} delay={delay}]]");
    match dice.random_range(0..4) {
        0 => prompt.insert_str(0, "[[think n=8 delay=10]]"),
        1 => prompt.insert_str(0, &tool(turn)),
        2 => prompt.insert_str(0, &format!("[[think n=4 delay=5]]{}", tool(turn))),
        _ => {}
    }
    Script {
        prompt,
        answer: (0..words).map(|word| format!("w{word} ")).collect(),
        cut: cut(dice),
        moment: moment(dice),
        pause_ms: dice.random_range(0..250),
        hurried: dice.random_bool(0.25),
        doubled: dice.random_bool(0.25),
    }
}

fn tool(turn: usize) -> String {
    let command = serde_json::json!({ "command": format!("echo {turn} >> log.txt; sleep 0.2"), "description": "d" });
    format!("[[tool bash {command}]]")
}

fn cut(dice: &mut StdRng) -> Cut {
    // A lost sandbox costs seconds of a CPU, so the other legs are cut more often.
    let hat = [
        (Cut::Nothing, 4),
        (Cut::Opencode, 4),
        (Cut::Runner, 3),
        (Cut::Task, 2),
        (Cut::StopTask, 2),
        (Cut::Abort, 3),
        (Cut::FollowerOnce, 4),
        (Cut::SocketOnce, 4),
        (Cut::CancelQueued, 2),
    ];
    hat.choose_weighted(dice, |(_, weight)| *weight).map_or(Cut::Nothing, |(cut, _)| *cut)
}

fn moment(dice: &mut StdRng) -> Moment {
    match dice.random_range(0..10) {
        0 => Moment::Accepted,
        1 | 2 => Moment::Begun,
        3 => Moment::Over,
        _ => Moment::Events(dice.random_range(1..12)),
    }
}
