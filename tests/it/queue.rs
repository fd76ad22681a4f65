//! What waits can be changed or taken back.

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Session, Stack};

#[tokio::test]
async fn a_waiting_message_is_reworded_or_taken_back_and_a_begun_one_is_not() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let mut viewer = session.follow(0).await?;
    let first = session.send("[[text n=100 delay=20]]").await?;
    let (second, third) = (session.send("[[text n=9]]").await?, session.send("[[text n=3]]").await?);
    let path =
        |sent: &Value| session.path(&format!("/messages/{}", sent["message"]["id"].as_str().unwrap_or_default()));
    let patch = async |sent: &Value, body: Value| {
        session.api.answer(session.api.request(Method::PATCH, &path(sent)).json(&body)).await
    };

    assert_eq!(session.api.delete(&path(&second)).await?.expect(200)?["status"], "cancelled");
    assert_eq!(patch(&third, json!({ "content": "[[text n=2]]" })).await?.expect(200)?["content"], "[[text n=2]]");
    for refused in [
        patch(&first, json!({ "content": "x" })).await?,
        session.api.delete(&path(&first)).await?,
        session.api.delete(&path(&second)).await?,
    ] {
        assert_eq!((refused.status, refused.code()), (409, "not_queued"), "{}", refused.text);
    }
    assert_eq!(patch(&third, json!({ "content": "" })).await?.code(), "invalid_body");
    assert_eq!(session.view().await?["queue"], json!([third["message"]["id"]]));

    viewer.until(|seen| seen.name == "turn.completed" && seen.value["message_id"] == third["answer_id"]).await?;
    let history = session.history().await?;
    let told: Vec<_> = history.iter().map(|m| (m["role"].clone(), m["status"].clone())).collect();
    let (user, assistant) = (json!("user"), json!("assistant"));
    let (completed, cancelled) = (json!("completed"), json!("cancelled"));
    let done = [(user.clone(), completed.clone()), (assistant, completed)];
    assert_eq!(told, [&done[..], &[(user, cancelled)], &done[..]].concat());
    assert_eq!((&history[3]["content"], &history[4]["content"]), (&json!("[[text n=2]]"), &json!("w0 w1 ")));
    Ok(())
}

#[tokio::test]
async fn a_repeated_idempotency_key_gets_the_first_answer() -> Result<()> {
    let stack = Stack::shared().await;
    let api = stack.api().with_token(&stack.seed().await?.user().await?);
    let create = async |title: &str| {
        let request = api.request(Method::POST, "/api/sessions").header("idempotency-key", "one");
        api.answer(request.json(&json!({ "title": title }))).await
    };
    let first = create("a").await?.expect(201)?;
    assert_eq!(create("a").await?.body, first);
    let other = create("b").await?;
    assert_eq!((other.status, other.code()), (422, "client_id_reused"));
    assert_eq!(api.get("/api/sessions").await?.expect(200)?["sessions"], json!([first]));
    Ok(())
}

#[tokio::test]
async fn what_the_user_says_of_a_session_can_be_changed() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let path = format!("/api/sessions/{}", session.id);
    let patch = async |body: Value| session.api.answer(session.api.request(Method::PATCH, &path).json(&body)).await;
    let changed = patch(json!({ "title": "Other", "metadata": { "a": 1 }, "permissions": { "bash": "ask" } }))
        .await?
        .expect(200)?;
    assert_eq!(
        (&changed["title"], &changed["metadata"], &changed["permissions"]),
        (&json!("Other"), &json!({ "a": 1 }), &json!({ "bash": "ask" }))
    );
    assert_eq!(session.view().await?, changed);
    for bad in [
        json!({ "title": "a".repeat(201) }),
        json!({ "status": "idle" }),
        json!({ "permissions": { "bash": "maybe" } }),
        json!([]),
    ] {
        let refused = patch(bad.clone()).await?;
        assert_eq!((refused.status, refused.code()), (400, "invalid_body"), "{bad}: {}", refused.text);
    }
    assert_eq!(session.view().await?, changed, "nothing was written");
    session.terminate().await?;
    assert_eq!(patch(json!({ "title": "late" })).await?.code(), "session_terminated");
    Ok(())
}
