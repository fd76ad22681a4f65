//! Every viewer sees the same numbered events, whenever it came and by which way.

use anyhow::{Context, Result};
use reqwest::Method;
use tests::{Record, Session, SseViewer, Stack, assert_numbered};

const PROMPT: &str = r#"[[think n=5 delay=20]][[tool bash {"command":"ls","description":"d"}]][[text n=150 delay=20]]"#;

/// Events of the record behind `after`.
fn behind(record: &Record, after: u64) -> Vec<(u64, &str)> {
    record.raw().into_iter().filter(|(seq, _)| *seq > after).collect()
}

#[tokio::test]
async fn sse_and_sockets_early_and_late_carry_the_same_events() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let (mut sse, mut socket) = (session.follow(0).await?, session.socket(0).await?);
    session.send(PROMPT).await?;
    sse.until_type("text.delta").await?;
    let after = sse.record.head() / 2;
    let (mut late_sse, mut late_socket) = (session.follow(after).await?, session.socket(after).await?);

    sse.until_type("turn.completed").await?;
    // The last that a turn brings.
    sse.until_type("workspace.updated").await?;
    let head = session.head().await?;
    if sse.record.head() < head {
        sse.until(|seen| seen.seq == head).await?;
    }
    socket.until(|seen| seen.seq == head).await?;
    late_sse.until(|seen| seen.seq == head).await?;
    late_socket.until(|seen| seen.seq == head).await?;

    assert_numbered(&sse.record, 0, head)?;
    assert_eq!(sse.record.raw(), socket.record.raw());
    assert_eq!(behind(&sse.record, after), late_sse.record.raw());
    assert_eq!(behind(&sse.record, after), late_socket.record.raw());
    assert_eq!(sse.record.raw(), session.replay(0).await?.raw(), "a later replay");
    assert_eq!(sse.record.answer()?, &session.answer(1).await?);
    sse.record.assert_tells(&session.answer(1).await?)
}

#[tokio::test]
async fn a_viewer_resumes_behind_the_last_event_it_has() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let turn = session.run("[[text n=40 delay=5]]").await?;
    let whole = session.replay(0).await?;
    assert_eq!(turn.raw(), whole.raw()[..turn.0.len()], "the turn's stream is part of the log");

    for after in [1, turn.head() / 2, turn.head() - 1] {
        let request = session.api.request(Method::GET, &session.path("/events?after=0"));
        let mut resumed = SseViewer::open(request.header("last-event-id", after.to_string())).await?;
        resumed.until(|seen| seen.seq == whole.head()).await?;
        assert_eq!(resumed.record.raw(), behind(&whole, after), "Last-Event-ID goes before after");
    }
    Ok(())
}

#[tokio::test]
async fn a_place_behind_the_last_event_is_refused() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    session.run("[[text n=2]]").await?;
    // Far enough: what was done is put by after the turn, and tells of it.
    let head = session.head().await?;
    let beyond = head + 100;
    for path in [format!("/events?after={beyond}"), "/events?after=-1".into(), "/events?after=x".into()] {
        let answer = session.api.get(&session.path(&path)).await?;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
    }
    let request = session.api.request(Method::GET, &session.path("/events")).header("last-event-id", "x");
    let answer = session.api.answer(request).await?;
    assert_eq!((answer.status, answer.code()), (400, "invalid_cursor"));

    let mut socket = session.socket(beyond).await?;
    assert_eq!(socket.frame("error").await?["code"], "invalid_cursor");
    socket.subscribe(0).await?;
    socket.until(|seen| seen.seq > head).await.context("the socket lives on and marks the new viewer")?;
    Ok(())
}

#[tokio::test]
async fn one_event_can_be_fetched_by_its_number() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let turn = session.run("[[text n=3]]").await?;
    for seen in &turn.0 {
        let answer = session.api.get(&session.path(&format!("/events/{}", seen.seq))).await?;
        assert_eq!((answer.status, &answer.text), (200, &seen.raw));
    }
    let beyond = session.api.get(&session.path("/events/100000")).await?;
    assert_eq!((beyond.status, beyond.code()), (404, "event_not_found"));
    Ok(())
}

#[tokio::test]
async fn a_socket_takes_a_prompt_and_says_what_was_accepted() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let mut socket = session.socket(0).await?;
    socket.send(&serde_json::json!({ "action": "prompt", "content": "[[text n=3]]", "client_id": "one" })).await?;
    let accepted = socket.frame("accepted").await?;
    socket.until_type("turn.completed").await?;
    let stored = session.answer(1).await?;
    assert_eq!(accepted["answer_id"], stored["id"]);
    assert_eq!(socket.record.answer()?, &stored);
    socket.send(&serde_json::json!({ "action": "ping" })).await?;
    assert!(socket.frame("pong").await?["at"].is_string());
    Ok(())
}
