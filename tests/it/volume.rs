//! Much at once, and much in one.

use anyhow::{Context, Result};
use serde_json::json;
use tests::{Session, Stack, assert_numbered};

fn words(count: u32) -> String {
    (0..count).map(|n| format!("w{n} ")).collect()
}

#[tokio::test]
async fn a_burst_of_5000_chunks_arrives_whole_and_in_order() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let mut socket = session.socket(0).await?;
    let turn = session.run("[[text n=5000 delay=0]]").await?;
    assert!(turn.completed(), "{}", turn.names());
    let after = turn.0.first().map_or(0, |seen| seen.seq - 1);
    assert_numbered(&turn, after, turn.head())?;
    let stored = session.answer(1).await?;
    assert_eq!(stored["content"], words(5000));
    turn.assert_tells(&stored)?;
    socket.until(|seen| seen.seq == turn.head()).await?;
    socket.record.assert_tells(&stored)?;
    let (from, to) = (usize::try_from(after)?, usize::try_from(turn.head())?);
    assert_eq!(socket.record.raw()[from..to], turn.raw());
    Ok(())
}

#[tokio::test]
async fn an_answer_too_large_for_a_frame_travels_as_a_pointer_and_is_stored_whole() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let mut socket = session.socket(0).await?;
    let turn = session.run("[[text n=40000]]").await?;
    assert!(turn.completed(), "{}", turn.names());
    let stored = session.answer(1).await?;
    assert_eq!(stored["content"], words(40_000));
    turn.assert_tells(&stored)?;

    let pointer = turn.of("message.completed").next().context("no answer")?;
    let href = pointer.value["href"].as_str().context("no pointer")?;
    assert_eq!(href, session.path(&format!("/events/{}", pointer.seq)));
    let whole = session.api.get(href).await?.expect(200)?;
    assert_eq!(
        (&whole["seq"], &whole["type"], &whole["message"]),
        (&json!(pointer.seq), &json!("message.completed"), &stored)
    );

    socket.until(|seen| seen.seq == turn.head()).await?;
    assert_eq!(socket.record.of("message.completed").next().map(|seen| &seen.raw), Some(&pointer.raw));
    socket.record.assert_tells(&stored)
}

#[tokio::test]
async fn a_prompt_of_the_largest_size_is_taken_and_comes_back_whole() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let content = format!("[[text n=1]]{}", "é".repeat(32 * 1024 - 6));
    assert_eq!(content.len(), 64 * 1024);
    assert!(session.run(&content).await?.completed());
    assert_eq!(session.history().await?[0]["content"], content);
    Ok(())
}
