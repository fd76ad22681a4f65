//! Processes die in the middle of a turn.

use anyhow::Result;
use serde_json::json;
use tests::{Session, Stack, Task};

#[tokio::test]
async fn a_lost_sandbox_fails_the_turn_and_the_next_message_gets_a_new_one() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    let mut viewer = session.stream("[[text n=3000 delay=20]]").await?;
    viewer.until(|seen| seen.value["delta"].as_str().is_some_and(|delta| delta.contains("w10"))).await?;
    let task = session.task()?;
    task.runner()?.signal("KILL")?;
    viewer.until_type("turn.failed").await?;
    let turn = viewer.to_end().await?;

    let stored = session.answer(1).await?;
    assert_eq!((&stored["status"], &stored["error"]["code"]), (&json!("failed"), &json!("runner_lost")));
    assert!(stored["content"].as_str().is_some_and(|text| text.starts_with("w0 w1 ")), "{}", stored["content"]);
    turn.assert_tells(&stored)?;
    task.ended().await?;

    let next = session.run("[[text n=2]]").await?;
    assert!(next.completed() && next.has("runner.updated"), "{}", next.names());
    assert_eq!(session.answer(2).await?["content"], "w0 w1 ");
    assert_eq!(Task::all_of(stack.home(), &session.id)?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_message_to_a_runner_whose_death_nobody_knows_of_is_answered_by_the_next() -> Result<()> {
    let stack = Stack::start().await?;
    let session = Session::create(&stack).await?;
    assert!(session.run("[[text n=1]]").await?.completed());
    // The news of its end is late by the seconds of two retries.
    stack.fault(json!({ "kill": { "AgentEventsFunction": { "times": 2, "after_ms": 0 } } })).await?;
    let task = session.task()?;
    task.runner()?.signal("KILL")?;
    task.ended().await?;
    let turn = session.run("[[text n=2]]").await?;
    assert!(turn.completed(), "{}", turn.names());
    assert_eq!(session.answer(2).await?["content"], "w0 w1 ");
    assert_eq!(Task::all_of(stack.home(), &session.id)?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_turn_whose_opencode_dies_is_resumed_and_completes() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let prompt = r#"[[tool bash {"command":"echo once >> log.txt","description":"d"}]][[text n=200 delay=20]]"#;
    let mut viewer = session.stream(prompt).await?;
    viewer.until_type("text.delta").await?;
    let task = session.task()?;
    let opencode = task.opencode()?;
    opencode.signal("KILL")?;
    task.opencode_after(&opencode).await?;
    let turn = viewer.to_end().await?;

    assert!(turn.completed(), "{}", turn.names());
    let stored = session.answer(1).await?;
    turn.assert_tells(&stored)?;
    assert!(stored["content"].as_str().is_some_and(|text| text.ends_with("w199 ")), "{}", stored["content"]);
    let log = std::fs::read_to_string(task.workspace().join("project/log.txt"))?;
    assert_eq!(log, "once\n", "a step that was done is not done again");
    assert!(session.run("[[text n=1]]").await?.completed());
    Ok(())
}
