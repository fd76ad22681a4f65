//! What must hold of a session whatever was done to it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::life::{Accepted, Remains, is_taken_back};
use crate::{Record, assert_numbered};

/// Everything that does not hold, in words.
pub(super) fn check(remains: &Remains) -> Vec<String> {
    let numbered = assert_numbered(&remains.stored, 0, remains.stored.head()).context("the stored log");
    let viewers = [("the SSE viewer", &remains.follower.record), ("the socket viewer", &remains.socket.record)];
    let told = viewers.map(|(name, record)| same(record, &remains.stored).context(name));
    let turns = remains.accepted.iter().map(|accepted| {
        turn(accepted, &remains.stored, &remains.history).with_context(|| format!("turn {}", accepted.turn))
    });
    let checked = std::iter::once(numbered).chain(told).chain(turns).chain([nothing_else(remains)]);
    checked.filter_map(Result::err).map(|error| format!("{error:#}")).collect()
}

/// Byte by byte.
fn same(seen: &Record, stored: &Record) -> Result<()> {
    ensure!(seen.0.len() == stored.0.len(), "it has {} events of {}", seen.0.len(), stored.0.len());
    for (seen, stored) in seen.0.iter().zip(&stored.0) {
        ensure!(seen.raw == stored.raw, "it has {}, stored is {}", seen.raw, stored.raw);
    }
    Ok(())
}

/// The prompt is there once, and so is its answer, unless it was taken back; both say how it ended.
fn turn(accepted: &Accepted, log: &Record, history: &[Value]) -> Result<()> {
    let of_turn = |role: &str| -> Vec<&Value> {
        let is = |message: &&Value| message["turn"] == accepted.turn && message["role"] == role;
        history.iter().filter(is).collect()
    };
    let [prompt] = of_turn("user")[..] else { anyhow::bail!("there are {} prompts", of_turn("user").len()) };
    ensure!(prompt["id"] == *accepted.message_id, "the prompt is another: {prompt}");
    ensure!(prompt["content"] == *accepted.script.prompt, "the prompt has other words: {prompt}");
    if is_taken_back(log, accepted) || (prompt["status"] == "cancelled" && of_turn("assistant").is_empty()) {
        ensure!(prompt["status"] == "cancelled", "it left the queue and is {}", prompt["status"]);
        ensure!(of_turn("assistant").is_empty(), "it was taken back and answered");
        return Ok(());
    }
    let [answer] = of_turn("assistant")[..] else { anyhow::bail!("there are {} answers", of_turn("assistant").len()) };
    ensure!(answer["id"] == *accepted.answer_id, "the answer has another id than was promised: {answer}");
    ensure!(
        prompt["status"] == answer["status"],
        "its prompt is {}, its answer {}",
        prompt["status"],
        answer["status"]
    );
    log.assert_tells_turn(accepted.turn, answer)?;
    ended_once(accepted.turn, log, answer)?;
    match answer["status"].as_str() {
        Some("completed") => {
            ensure!(answer["content"] == *accepted.script.answer, "it is completed with {}", answer["content"]);
        }
        Some("failed") => {
            let error = &answer["error"];
            let said = |member: &str| error[member].as_str().is_some_and(|text| !text.is_empty());
            ensure!(said("code") && said("message"), "it failed without a reason: {error}");
        }
        Some("cancelled") => {}
        other => anyhow::bail!("its answer is {other:?}"),
    }
    Ok(())
}

/// The log has one beginning and one end of the turn, and the answer as it is stored.
fn ended_once(turn: u64, log: &Record, answer: &Value) -> Result<()> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut completed = None;
    for seen in log.0.iter().filter(|seen| seen.turn() == Some(turn)) {
        *counts.entry(if seen.ends_turn() { "end" } else { &seen.name }).or_default() += 1;
        ensure!(!counts.contains_key("end") || seen.ends_turn(), "behind its end came {}", seen.raw);
        if seen.name == "message.completed" {
            completed = Some(&seen.value["message"]);
        }
    }
    for name in ["message.created", "turn.started", "message.completed", "end"] {
        ensure!(counts.get(name) == Some(&1), "{name} is in the log {} times", counts.get(name).unwrap_or(&0));
    }
    ensure!(completed == Some(answer), "the log says {completed:?}, stored is {answer}");
    Ok(())
}

/// No prompt and no answer but those that were accepted.
fn nothing_else(remains: &Remains) -> Result<()> {
    let known = |message: &Value| remains.accepted.iter().any(|accepted| message["turn"] == accepted.turn);
    let stranger = remains.history.iter().find(|message| !known(message));
    ensure!(stranger.is_none(), "nobody sent {stranger:?}");
    Ok(())
}
