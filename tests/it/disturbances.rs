//! What AWS may do at any time: messages lost, doubled, late and out of order,
//! and functions that die in the midst of their work. Each test hurts a stack of
//! its own.

use anyhow::{Result, bail};
use serde_json::json;
use tests::{Session, Stack, assert_numbered};

const PROMPT: &str = r#"[[think n=5 delay=20]][[tool bash {"command":"ls","description":"d"}]][[text n=200 delay=15]]"#;

/// What the socket had to put right.
struct Struck {
    repeats: bool,
    losses: bool,
}

/// Runs a turn under a disturbance, watched by both ways; then all must be there once.
async fn survives(disturbance: serde_json::Value) -> Result<Struck> {
    let stack = Stack::start().await?;
    let session = Session::create(&stack).await?;
    let (mut sse, mut socket) = (session.follow(0).await?, session.socket(0).await?);
    socket.frame("subscribed").await?;
    stack.fault(disturbance.clone()).await?;
    session.send(PROMPT).await?;
    tokio::select! {
        seen = sse.until_type("turn.completed") => drop(seen?),
        seen = socket.until(|_| false) => drop(seen?),
    }
    stack.fault(json!({})).await?;

    // What was lost at the very end nobody can miss: a client learns of it when it subscribes anew.
    let head = session.head().await?;
    let last = socket.head();
    socket.send(&json!({ "action": "subscribe", "after": last })).await?;
    if last < head {
        socket.until(|seen| seen.seq == head).await?;
    }
    assert_numbered(&sse.record, 0, sse.record.head())?;
    assert_numbered(&socket.record, 0, socket.record.head())?;
    let stored = session.answer(1).await?;
    for record in [&sse.record, &socket.record] {
        record.assert_tells(&stored)?;
        assert_eq!(record.of("turn.started").count(), 1, "{disturbance}: {}", record.names());
        assert_eq!(record.of("message.completed").count(), 1, "{disturbance}: {}", record.names());
    }
    let words: String = (0..200).map(|n| format!("w{n} ")).collect();
    assert_eq!(stored["content"], words);
    assert_eq!(session.history().await?.len(), 2);
    Ok(Struck { repeats: socket.repeats > 0, losses: socket.gaps > 0 || last < sse.record.head() })
}

#[tokio::test]
async fn messages_doubled_late_and_out_of_order_change_nothing() -> Result<()> {
    let weather = json!({ "duplicate": 0.3, "delay": 0.5, "delay_ms": 200, "seed": 7 });
    let struck = survives(json!({ "inbound": weather, "outbound": weather })).await?;
    assert!(struck.repeats, "the weather was fair");
    Ok(())
}

#[tokio::test]
async fn lost_messages_are_sent_again() -> Result<()> {
    // A lost acknowledgement holds the next batch back, so that there are few messages to lose.
    for seed in 11..15 {
        let weather = json!({ "drop": 0.2, "seed": seed });
        if survives(json!({ "inbound": weather, "outbound": weather })).await?.losses {
            return Ok(());
        }
    }
    bail!("the weather was fair")
}

#[tokio::test]
async fn functions_that_die_midway_lose_and_double_nothing() -> Result<()> {
    survives(json!({ "kill": { "AgentSocketFunction": { "times": 6, "skip": 2, "after_ms": 3 } } })).await?;
    survives(json!({ "kill": { "AgentSocketFunction": { "times": 6, "skip": 2 } } })).await?;
    Ok(())
}
