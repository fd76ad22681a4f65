//! The main job: a message becomes a turn of a real agent with a tool in a real
//! workspace, seen live and stored.

use anyhow::{Context, Result};
use serde_json::json;
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
    let view = session.view().await?;
    assert_eq!((&view["status"], &view["title"]), (&json!("idle"), &json!("make a hello world")));
    Ok(())
}

#[tokio::test]
async fn what_was_seen_live_is_what_is_stored() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let prompt = r#"[[think n=4]][[tool bash {"command":"echo from the tool","description":"Says so"}]][[text n=30]]"#;
    let turn = session.run(prompt).await?;
    let stored = session.answer(1).await?;
    assert_eq!(turn.answer()?, &stored);
    turn.assert_tells(&stored)?;

    let words: String = (0..30).map(|n| format!("w{n} ")).collect();
    assert_eq!((&stored["status"], &stored["content"]), (&json!("completed"), &json!(words)));
    let call = &stored["tool_calls"][0];
    assert_eq!(
        (&call["name"], &call["status"], &call["output"]),
        (&json!("bash"), &json!("completed"), &json!("from the tool\n"))
    );
    assert_eq!(call["input"]["command"], "echo from the tool");
    assert!(call["id"].as_str().is_some_and(|id| !id.is_empty()));
    assert!(stored["usage"]["input_tokens"].as_u64() > Some(0) && stored["usage"]["output_tokens"].as_u64() > Some(0));
    assert_eq!(session.view().await?["usage"], stored["usage"], "the session sums up its turns");
    Ok(())
}
