//! Turns are stopped and sessions terminated, on the user's word.

use anyhow::Result;
use serde_json::json;
use tests::{Session, Stack};

const LONG: &str = "[[text n=3000 delay=20]]";

#[tokio::test]
async fn an_aborted_turn_keeps_its_text_and_the_session_goes_on() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let mut viewer = session.stream(LONG).await?;
    viewer.until(|seen| seen.value["delta"].as_str().is_some_and(|delta| delta.contains("w10"))).await?;
    assert_eq!(session.abort().await?.expect(202)?["status"], "asked");
    let turn = {
        viewer.until_type("turn.aborted").await?;
        viewer.to_end().await?
    };
    let stored = session.answer(1).await?;
    turn.assert_tells(&stored)?;
    assert_eq!(stored["status"], "cancelled");
    assert!(stored["content"].as_str().is_some_and(|text| text.starts_with("w0 w1 ")), "{}", stored["content"]);
    assert_eq!(session.history().await?[0]["status"], "cancelled");

    let again = session.abort().await?;
    assert_eq!((again.status, again.code()), (409, "no_turn"));
    let next = session.run("[[text n=2]]").await?;
    assert!(next.completed() && !next.has("runner.updated"), "{}", next.names());
    Ok(())
}

#[tokio::test]
async fn an_abort_ends_a_tool_that_hangs_within_its_bound() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let prompt = r#"[[tool bash {"command":"echo begun; sleep 1000","description":"d"}]][[text n=2]]"#;
    let mut viewer = session.stream(prompt).await?;
    viewer.until(|seen| seen.value["part"]["status"] == "running").await?;
    let tools = session.task()?.processes()?.into_iter().filter(|process| process.command.contains("sleep 1000"));
    let (tools, asked) = (tools.collect::<Vec<_>>(), std::time::Instant::now());
    session.abort().await?.expect(202)?;
    viewer.until_type("turn.aborted").await?;
    assert!(asked.elapsed().as_secs() < 15, "{:?}", asked.elapsed());
    tests::wait_until_gone(&tools).await?;
    assert_eq!(session.answer(1).await?["status"], "cancelled");
    assert!(session.run("[[text n=1]]").await?.completed());
    Ok(())
}

#[tokio::test]
async fn with_the_turn_in_hand_aborted_the_next_message_is_answered() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let mut viewer = session.follow(0).await?;
    session.send(LONG).await?;
    session.send("[[text n=2]]").await?;
    viewer.until_type("text.delta").await?;
    assert_eq!(session.abort().await?.status, 202);
    viewer.until_type("turn.completed").await?;
    assert_eq!(session.answer(1).await?["status"], "cancelled");
    assert_eq!(session.answer(2).await?["content"], "w0 w1 ");
    Ok(())
}

#[tokio::test]
async fn a_terminated_session_ends_its_sandbox_its_viewers_and_its_turn() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let (mut socket, follower) = (session.socket(0).await?, session.follow(0).await?);
    let mut viewer = session.stream(LONG).await?;
    viewer.until_type("text.delta").await?;
    let task = session.task()?;
    let processes = task.processes()?;
    assert!(processes.len() >= 3, "{processes:?}");

    assert_eq!(session.terminate().await?.expect(200)?["status"], "terminated");
    tests::wait_until_gone(&processes).await?;
    assert!(socket.frame("closed").await?["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
    socket.until_closed().await?;
    let turn = viewer.to_end().await?;
    assert!(turn.has("turn.aborted"), "{}", turn.names());
    let whole = follower.to_end().await?;
    assert!(whole.has("turn.aborted") && whole.has("session.updated"), "{}", whole.names());
    let stored = session.answer(1).await?;
    assert_eq!(stored["status"], "cancelled");
    whole.assert_tells(&stored)
}

#[tokio::test]
async fn a_terminated_session_stays_readable_and_takes_nothing_more() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let body = json!({ "content": "[[text n=2]]", "client_id": "first" });
    let first = session.post(&body).await?.expect(202)?;
    session.follow(0).await?.until_type("turn.completed").await?;
    session.terminate().await?.expect(200)?;

    let refused = [
        session.post(&json!({ "content": "more" })).await?,
        session.abort().await?,
        session.api.post(&session.path("/permissions/p"), &json!({ "reply": "once" })).await?,
        session.api.post(&session.path("/questions/q"), &json!({})).await?,
    ];
    for answer in refused {
        assert_eq!((answer.status, answer.code()), (409, "session_terminated"), "{}", answer.text);
    }
    assert_eq!(session.post(&body).await?.expect(202)?["answer_id"], first["answer_id"], "a repeat is still known");
    assert_eq!(session.terminate().await?.expect(200)?["status"], "terminated", "again");
    assert_eq!(session.view().await?["status"], "terminated");
    assert_eq!(session.history().await?.len(), 2);

    let whole = session.follow(0).await?.to_end().await?;
    whole.assert_tells(&session.answer(1).await?)?;
    let nothing = session.api.get(&session.path(&format!("/events?after={}", whole.head()))).await?;
    assert_eq!(nothing.status, 204, "nothing will come");
    let mut socket = session.socket(0).await?;
    assert!(socket.frame("closed").await?["reason"].is_string());
    Ok(())
}
