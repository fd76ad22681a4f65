//! The stack itself: it starts on what it left, and leaves nothing that runs.

use anyhow::Result;
use tests::{Session, Stack, wait_until_gone};

#[tokio::test]
async fn a_second_start_finds_the_state_of_the_first() -> Result<()> {
    let stack = Stack::start().await?;
    let session = Session::create(&stack).await?;
    assert!(session.run("[[text n=3]]").await?.completed());
    let (view, history) = (session.view().await?, session.history().await?);
    let events = session.replay(0).await?;
    let id = session.id.clone();
    let mut viewer = session.stream("[[text n=3000 delay=20]]").await?;
    viewer.until_type("text.delta").await?;
    // What is dropped here would be terminated.
    std::mem::forget(session);

    let stack = stack.restart().await?;
    let session = Session::reopen(&stack, &id).await;
    assert_eq!(session.view().await?["created_at"], view["created_at"]);
    assert_eq!(session.history().await?[..2], history[..]);
    assert_eq!(session.replay(0).await?.raw()[..events.0.len()], events.raw());

    let mut log = session.follow(0).await?;
    let cut = log.until(|seen| seen.turn() == Some(2) && seen.ends_turn()).await?;
    assert_eq!((cut.name.as_str(), &cut.value["error"]["code"]), ("turn.failed", &"runner_stopped".into()));
    log.record.assert_tells_turn(2, &session.answer(2).await?)?;
    assert!(session.run("[[text n=4]]").await?.completed(), "an old session goes on");
    assert_eq!(session.answer(3).await?["content"], "w0 w1 w2 w3 ");
    Ok(())
}

#[tokio::test]
async fn a_stopped_stack_leaves_no_process() -> Result<()> {
    for how in ["INT", "TERM", "stdin"] {
        let mut stack = Stack::start().await?;
        let session = Session::create(&stack).await?;
        let prompt = r#"[[tool bash {"command":"(setsid sleep 1001 >/dev/null 2>&1 &)","description":"d"}]][[text n=3000 delay=20]]"#;
        let mut viewer = session.stream(prompt).await?;
        viewer.until_type("text.delta").await?;
        let processes = stack.processes()?;
        for name in ["demo-model", "agent-http", "agent-socket", "runner relay", "opencode serve", "sleep 1001"] {
            assert!(processes.iter().any(|process| process.command.contains(name)), "no {name}: {processes:?}");
        }
        match how {
            "stdin" => stack.stop().await?,
            signal => {
                stack.signal(signal)?;
                stack.ended().await?;
            }
        }
        wait_until_gone(&processes).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_killed_stack_leaves_no_process() -> Result<()> {
    let mut stack = Stack::start().await?;
    let session = Session::create(&stack).await?;
    let mut viewer = session.stream("[[text n=3000 delay=20]]").await?;
    viewer.until_type("text.delta").await?;
    let processes = stack.processes()?;
    stack.signal("KILL")?;
    assert!(stack.ended().await.is_err(), "it was killed");
    wait_until_gone(&processes).await
}
