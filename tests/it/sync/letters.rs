//! Events that failed to the last are kept, and carried out on command.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::{PATIENCE, Service, Session, Stack, pause};

use super::{Connected, SYNC};

/// Waits until the queue holds a letter.
async fn until_dead(stack: &Stack, queue: &str) -> Result<u64> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let letters = stack.dead_letters(queue).await?;
        if letters > 0 {
            return Ok(letters);
        }
        ensure!(tokio::time::Instant::now() < deadline, "no letter came into {queue}");
        pause().await;
    }
}

/// Gives the command; all letters are carried out.
async fn redrive(stack: &Stack, function: &str, queue: &str) -> Result<()> {
    let done = stack.invoke(function, &json!({ "detail-type": "dead-letters.redrive" })).await?;
    ensure!(done["redriven"].as_u64() > Some(0) && done["failed"] == 0, "{done}");
    assert_eq!(stack.dead_letters(queue).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_synchronisation_that_failed_to_the_last_is_made_up_for_on_command() -> Result<()> {
    let connected = Connected::new(Service::Gmail).await?;
    let Connected { stack, account, integration, api, .. } = &connected;
    account.be_silent(true).await?;
    account.change(1).await?;
    stack.fault(json!({ "kill": { SYNC: { "times": 1_000, "after_ms": 0 } } })).await?;
    api.post(&format!("/api/integrations/{}/sync", integration.id), &json!({})).await?.expect(202)?;
    until_dead(stack, "DeadSyncEvents").await?;
    stack.fault(json!({})).await?;
    redrive(stack, SYNC, "DeadSyncEvents").await?;
    account.agrees(integration).await
}

#[tokio::test]
async fn an_export_that_failed_to_the_last_is_made_on_command() -> Result<()> {
    let stack = Stack::start().await?;
    let (_, api) = super::user(&stack).await?;
    let function = "AccountEventsFunction";
    stack.fault(json!({ "kill": { function: { "times": 1_000, "after_ms": 0 } } })).await?;
    let asked = api.post("/api/me/export", &json!({})).await?.expect(202)?;
    until_dead(&stack, "DeadAccountEvents").await?;
    stack.fault(json!({})).await?;
    redrive(&stack, function, "DeadAccountEvents").await?;
    let id = asked["id"].as_str().context("an id")?;
    assert_eq!(api.get(&format!("/api/me/export/{id}")).await?.expect(200)?["status"], "ready");
    Ok(())
}

#[tokio::test]
async fn a_session_that_ended_while_nobody_could_see_to_it_is_cleared_up_on_command() -> Result<()> {
    let stack = Stack::start().await?;
    let session = Session::create(&stack).await?;
    session.run("[[text n=1]]").await?;
    let task = session.task()?;
    let function = "AgentEventsFunction";
    stack.fault(json!({ "kill": { function: { "times": 1_000, "after_ms": 0 } } })).await?;
    let ended = session.terminate().await?;
    ensure!(ended.status < 300, "{ended:?}");
    until_dead(&stack, "DeadAgentEvents").await?;
    stack.fault(json!({})).await?;
    redrive(&stack, function, "DeadAgentEvents").await?;
    task.ended().await
}
