//! Turns of one session: one after the other, each message once.

use anyhow::Result;
use serde_json::{Value, json};
use tests::{Session, Stack, Task};

/// `(turn, role, status)` of each message.
fn outline(messages: &[Value]) -> Vec<(u64, &str, &str)> {
    let text = |value: &Value| {
        value.as_str().map_or("", |text| match text {
            "user" => "user",
            "assistant" => "assistant",
            "completed" => "completed",
            _ => "other",
        })
    };
    messages.iter().map(|m| (m["turn"].as_u64().unwrap_or(0), text(&m["role"]), text(&m["status"]))).collect()
}

const TWO: [(u64, &str, &str); 4] =
    [(1, "user", "completed"), (1, "assistant", "completed"), (2, "user", "completed"), (2, "assistant", "completed")];

#[tokio::test]
async fn a_second_message_finds_the_sandbox_of_the_first() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    session.run(r#"[[tool bash {"command":"echo kept > note.txt","description":"d"}]][[text n=1]]"#).await?;
    let second = session.run(r#"[[tool bash {"command":"cat note.txt","description":"d"}]][[text n=2]]"#).await?;
    assert!(second.completed() && !second.has("runner.updated"), "{}", second.names());
    assert_eq!(session.answer(2).await?["tool_calls"][0]["output"], "kept\n");
    assert_eq!(outline(&session.history().await?), TWO);
    assert_eq!(Task::all_of(stack.home(), &session.id)?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn messages_sent_during_a_turn_wait_and_are_answered_in_order() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let mut viewer = session.stream("[[text n=100 delay=20]]").await?;
    viewer.until_type("text.delta").await?;
    let mut waiting = session.follow(viewer.record.head()).await?;
    let second = session.send("[[text n=2]]").await?;
    let third = session.send("[[text n=3]]").await?;
    assert_eq!((&second["message"]["status"], &second["turn"]), (&json!("queued"), &json!(2)));
    assert_eq!((&third["message"]["status"], &third["turn"]), (&json!("queued"), &json!(3)));
    assert_eq!(session.view().await?["queue"], json!([second["message"]["id"], third["message"]["id"]]));

    waiting.until(|seen| seen.name == "turn.completed" && seen.turn() == Some(3)).await?;
    let ends: Vec<_> = waiting.record.of("turn.completed").map(|seen| seen.turn()).collect();
    assert_eq!(ends, [Some(1), Some(2), Some(3)]);
    let mut wanted = TWO.to_vec();
    wanted.extend([(3, "user", "completed"), (3, "assistant", "completed")]);
    let history = session.history().await?;
    assert_eq!(outline(&history), wanted);
    assert_eq!((&history[3]["content"], &history[5]["content"]), (&json!("w0 w1 "), &json!("w0 w1 w2 ")));
    Ok(())
}

#[tokio::test]
async fn a_repeated_client_id_gets_the_first_answer_and_does_nothing_twice() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let body = json!({ "content": "[[text n=2]]", "client_id": "same" });
    let (one, two) = tokio::join!(session.post(&body), session.post(&body));
    let first = one?.expect(202)?;
    let ids = |told: &Value| {
        (told["message"]["id"].clone(), told["answer_id"].clone(), told["turn"].clone(), told["after"].clone())
    };
    assert_eq!(ids(&first), ids(&two?.expect(202)?), "two at once");

    let mut viewer = session.follow(0).await?;
    viewer.until_type("turn.completed").await?;
    assert_eq!(ids(&first), ids(&session.post(&body).await?.expect(202)?), "a repeat after the turn");
    let other = session.post(&json!({ "content": "another", "client_id": "same" })).await?;
    assert_eq!((other.status, other.code()), (422, "client_id_reused"));

    session.run("[[text n=2]]").await?;
    assert_eq!(outline(&session.history().await?), TWO);
    Ok(())
}

#[tokio::test]
async fn the_queue_is_bounded() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    session.send("[[hang n=1]]").await?;
    for _ in 0..20 {
        session.send("[[text n=1]]").await?;
    }
    let refused = session.post(&json!({ "content": "one too many" })).await?;
    assert_eq!((refused.status, refused.code()), (409, "queue_full"));
    assert_eq!(session.history().await?.len(), 21);
    Ok(())
}
