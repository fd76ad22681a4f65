//! What a model may do, scripted through the front door.

use anyhow::Result;
use serde_json::json;
use tests::{Session, Stack};

#[tokio::test]
async fn reasoning_is_told_and_stored_apart_from_text() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let turn = session.run("[[think n=5]][[text n=5]]").await?;
    let stored = session.answer(1).await?;
    turn.assert_tells(&stored)?;
    let kinds: Vec<_> = stored["parts"].as_array().into_iter().flatten().map(|part| part["type"].clone()).collect();
    assert_eq!(kinds, ["reasoning", "text"]);
    assert_eq!(
        (&stored["parts"][0]["text"], &stored["content"]),
        (&json!("w0 w1 w2 w3 w4 "), &json!("w0 w1 w2 w3 w4 "))
    );
    Ok(())
}

#[tokio::test]
async fn a_passing_failure_is_told_and_tried_again() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    for (number, fault) in [(1, "[[http 500 times=1]]"), (2, "[[http 429 retry-after=1 times=1]]")] {
        let turn = session.run(&format!("{fault}[[text n=5]]")).await?;
        assert!(turn.has("turn.retrying") && turn.completed(), "{fault}: {}", turn.names());
        let stored = session.answer(number).await?;
        turn.assert_tells(&stored)?;
        assert_eq!(stored["content"], "w0 w1 w2 w3 w4 ", "{fault}");
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_begun_anew_and_viewers_join_what_is_stored() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let turn = session.run("[[cut n=20 delay=50 times=1]][[text n=20]]").await?;
    assert!(turn.has("part.discarded") && turn.completed(), "{}", turn.names());
    turn.assert_tells(&session.answer(1).await?)
}

#[tokio::test]
async fn whatever_the_model_does_the_turn_ends_and_viewers_join_what_is_stored() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let faults = ["[[errchunk n=3 times=1]]", "[[malformed n=3 times=1]]", "[[tool no_such_tool {}]]"];
    for (number, fault) in (1..).zip(faults) {
        let turn = session.run(&format!("{fault}[[text n=5]]")).await?;
        let end = turn.0.last().map(|seen| seen.name.clone()).unwrap_or_default();
        assert!(matches!(end.as_str(), "turn.completed" | "turn.failed"), "{fault}: {}", turn.names());
        turn.assert_tells(&session.answer(number).await?)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_request_that_the_model_rejects_is_not_sent_again() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let turn = session.run("[[http 400]]").await?;
    let failed = turn.of("turn.failed").next().map(|seen| seen.value["error"]["code"].clone()).unwrap_or_default();
    assert_eq!(failed, "model_rejected", "{}", turn.names());
    assert_eq!(turn.of("turn.retrying").count(), 0);
    Ok(())
}

#[tokio::test]
async fn a_refused_key_fails_the_turn_with_a_code_and_without_a_secret() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let turn = session.run("[[http 401]]").await?;
    let failed = turn.of("turn.failed").next().map(|seen| seen.value["error"].clone()).unwrap_or_default();
    assert_eq!(failed["code"], "model_unauthorized", "{}", turn.names());
    let stored = session.answer(1).await?;
    assert_eq!((&stored["status"], &stored["error"]), (&json!("failed"), &failed));
    assert_eq!(session.history().await?[0]["status"], "failed");
    for told in turn.0.iter().map(|seen| &seen.raw).chain([&stored.to_string()]) {
        for secret in ["://127.0.0.1", "://localhost", "Bearer ", "x-api-key", "/v1/chat"] {
            assert!(!told.contains(secret), "{secret} is told: {told}");
        }
    }
    assert!(session.run("[[text n=1]]").await?.completed(), "the next message works");
    Ok(())
}
