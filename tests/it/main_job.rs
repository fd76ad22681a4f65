//! The main job: a message becomes a turn of a real agent with a tool in a real
//! workspace, seen live and stored.

use anyhow::{Context, Result};
use tests::{Session, Stack, assert_numbered};

#[tokio::test]
async fn a_message_becomes_a_turn_with_a_tool_in_a_real_workspace() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let turn = session.run("make a hello world").await?;
    assert!(turn.completed(), "{}", turn.names());
    assert_numbered(&turn, 0, turn.head())?;

    let file = session.task()?.workspace().join("project/demo/make-a-hello-world.md");
    let written = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    assert_eq!(written, "make a hello world\n");

    let stored = session.answer(1).await?;
    assert_eq!(turn.answer()?, &stored);
    turn.assert_tells(&stored)?;
    assert_eq!(stored["status"], "completed");
    assert!(!stored["content"].as_str().unwrap_or_default().is_empty());
    Ok(())
}
