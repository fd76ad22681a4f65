//! Bad input: the right status and error body each, and nothing written.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Api, Session, Stack};

/// A user of the test's own: what is not theirs to see is not theirs to count.
async fn newcomer(stack: &Stack) -> Result<Api> {
    Ok(stack.api().with_token(&stack.seed().await?.user().await?))
}

/// Checks status, code and the rest of the error body.
fn assert_refused(answer: &Answer, status: u16, code: &str, what: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{what}: {}", answer.text);
    let error = &answer.body["error"];
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{what}: {}", answer.text);
    let request = answer.headers.get("x-amzn-requestid").and_then(|id| id.to_str().ok()).unwrap_or_default();
    assert!(!request.is_empty() && error["request_id"] == request, "{what}: {}", answer.text);
    assert_eq!(answer.body.as_object().map(serde_json::Map::len), Some(1), "{what}: {}", answer.text);
}

#[tokio::test]
async fn a_session_is_not_created_from_bad_input() -> Result<()> {
    let api = newcomer(Stack::shared().await).await?;
    let raw = [
        ("", "invalid_json"),
        ("{", "invalid_json"),
        ("not json", "invalid_json"),
        ("{\"title\": \"a\"} trailing", "invalid_json"),
        ("[]", "invalid_body"),
        ("null", "invalid_body"),
        ("\"text\"", "invalid_body"),
    ];
    for (body, code) in raw {
        assert_refused(&api.post_raw("/api/sessions", body).await?, 400, code, body);
    }
    for (body, code) in bad_sessions() {
        assert_refused(&api.post("/api/sessions", &body).await?, 400, code, &body.to_string());
    }
    assert_eq!(api.get("/api/sessions").await?.expect(200)?["sessions"], json!([]), "nothing was written");
    Ok(())
}

fn bad_sessions() -> Vec<(Value, &'static str)> {
    let paths = [
        "/workspace/../etc",
        "/workspace/a/..",
        "/etc",
        "relative",
        "",
        "/workspace//a",
        "/workspace/a\u{0}",
        "/workspacex",
    ];
    let mut all: Vec<_> = paths.iter().map(|path| (json!({ "workspace": path }), "invalid_workspace")).collect();
    all.extend([
        (json!({ "workspace": format!("/workspace/{}", "a".repeat(600)) }), "invalid_workspace"),
        (json!({ "workspace": 5 }), "invalid_body"),
        (json!({ "title": ["a"] }), "invalid_body"),
        (json!({ "title": "a".repeat(201) }), "invalid_body"),
        (json!({ "metadata": "text" }), "invalid_body"),
        (json!({ "metadata": { "a": "b".repeat(5000) } }), "invalid_body"),
        (json!({ "unknown": 1 }), "invalid_body"),
        (json!({ "user_id": "usr_01JQ0000000000000000000000" }), "invalid_body"),
        (json!({ "model": "no-provider" }), "invalid_model"),
        (json!({ "model": "elsewhere/model" }), "invalid_model"),
        (json!({ "model": "openai/with space" }), "invalid_model"),
    ]);
    all
}

#[tokio::test]
async fn a_message_is_not_taken_from_bad_input() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    let path = session.path("/messages");
    for (body, code) in
        [("", "invalid_json"), ("{\"content\":", "invalid_json"), ("[]", "invalid_body"), ("{}", "invalid_body")]
    {
        assert_refused(&session.api.post_raw(&path, body).await?, 400, code, body);
    }
    let bad = [
        (json!({ "content": 5 }), 400, "invalid_body"),
        (json!({ "content": "" }), 400, "invalid_body"),
        (json!({ "content": " \n\t" }), 400, "invalid_body"),
        (json!({ "content": "a", "unknown": true }), 400, "invalid_body"),
        (json!({ "content": "a", "attachments": ["fil_1"] }), 400, "invalid_body"),
        (json!({ "content": "a", "attachments": "x" }), 400, "invalid_body"),
        (json!({ "content": "a", "client_id": "" }), 400, "invalid_body"),
        (json!({ "content": "a", "client_id": "a\nb" }), 400, "invalid_body"),
        (json!({ "content": "a", "client_id": "a".repeat(129) }), 400, "invalid_body"),
        (json!({ "content": "a", "client_id": 7 }), 400, "invalid_body"),
        (json!({ "content": "a".repeat(64 * 1024 + 1) }), 413, "body_too_large"),
        (json!({ "content": "a".repeat(300 * 1024) }), 413, "body_too_large"),
        (json!({ "content": "a".repeat(7 * 1024 * 1024) }), 413, "body_too_large"),
    ];
    for (body, status, code) in bad {
        let what: String = body.to_string().chars().take(80).collect();
        assert_refused(&session.post(&body).await?, status, code, &what);
    }
    assert_eq!((session.head().await?, session.history().await?.len()), (0, 0), "nothing was written");
    Ok(())
}

#[tokio::test]
async fn a_body_of_7_mb_is_refused_on_every_route_that_takes_one() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    let body = "a".repeat(7 * 1024 * 1024);
    for path in
        ["/api/sessions".to_owned(), session.path("/messages"), session.path("/permissions/p"), session.path("/append")]
    {
        let answer = session.api.post_raw(&path, body.clone()).await?;
        assert_refused(&answer, 413, "body_too_large", &path);
    }
    Ok(())
}

#[tokio::test]
async fn an_id_of_the_wrong_kind_and_an_unknown_one_are_told_apart() -> Result<()> {
    let api = Stack::shared().await.api();
    let table = [
        ("ses_01JQ0000000000000000000000", 404, "session_not_found"),
        ("msg_01JQ0000000000000000000000", 400, "invalid_id"),
        ("ses_x", 400, "invalid_id"),
        ("01JQ0000000000000000000000", 400, "invalid_id"),
        ("ses_01JQ0000000000000000000000x", 400, "invalid_id"),
        ("..%2F..%2Fusers", 400, "invalid_id"),
        ("%00", 400, "invalid_id"),
    ];
    for (id, status, code) in table {
        assert_refused(&api.get(&format!("/api/sessions/{id}")).await?, status, code, id);
        assert_refused(&api.get(&format!("/agent/sessions/{id}/messages")).await?, status, code, id);
        let sent = api.post(&format!("/agent/sessions/{id}/messages"), &json!({ "content": "a" })).await?;
        assert_refused(&sent, status, code, id);
        assert_refused(&api.delete(&format!("/api/sessions/{id}")).await?, status, code, id);
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_path_or_method_is_not_found() -> Result<()> {
    let api = Stack::shared().await.api();
    for path in ["/api/nothing", "/api", "/agent/sessions", "/api/sessions/a/b/c", "/webhooks/none", "/health/more"] {
        assert_refused(&api.get(path).await?, 404, "not_found", path);
    }
    for (method, path) in
        [(Method::PUT, "/api/sessions"), (Method::PUT, "/api/sessions/ses_x"), (Method::POST, "/health")]
    {
        let answer = api.answer(api.request(method.clone(), path).json(&json!({}))).await?;
        assert_refused(&answer, 404, "not_found", &format!("{method} {path}"));
    }
    Ok(())
}

#[tokio::test]
async fn a_bad_page_is_refused() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let queries = [
        ("limit=0", "invalid_query"),
        ("limit=101", "invalid_query"),
        ("limit=abc", "invalid_query"),
        ("limit=-1", "invalid_query"),
        ("unknown=1", "invalid_query"),
        ("cursor=nonsense", "invalid_cursor"),
        ("cursor=", "invalid_cursor"),
    ];
    for (query, code) in queries {
        for path in ["/api/sessions".to_owned(), session.path("/messages")] {
            assert_refused(&session.api.get(&format!("{path}?{query}")).await?, 400, code, query);
        }
    }
    let order = session.api.get(&session.path("/messages?order=sideways")).await?;
    assert_refused(&order, 400, "invalid_query", "order");
    Ok(())
}

#[tokio::test]
async fn bad_answers_to_the_agent_are_refused() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    for body in [json!({}), json!({ "reply": "perhaps" }), json!({ "reply": 1 }), json!({ "reply": "once", "more": 1 })]
    {
        let answer = session.api.post(&session.path("/permissions/per_1"), &body).await?;
        assert_refused(&answer, 400, "invalid_body", &body.to_string());
    }
    for body in [json!({ "answers": "yes" }), json!({ "answers": [1] }), json!({ "more": 1 })] {
        let answer = session.api.post(&session.path("/questions/que_1"), &body).await?;
        assert_refused(&answer, 400, "invalid_body", &body.to_string());
    }
    let early = session.api.post(&session.path("/permissions/per_1"), &json!({ "reply": "once" })).await?;
    assert_refused(&early, 409, "no_runner", "nobody asked");
    Ok(())
}

#[tokio::test]
async fn the_runners_route_is_closed_to_users() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let frame = json!({ "epoch": 1, "batch": 1, "after": 0, "events": [] });
    for token in [session.api.token().context("a token")?.to_owned(), "aor_forged.0.0.00".to_owned()] {
        let answer = session.api.with_token(&token).post(&session.path("/append"), &frame).await?;
        assert_refused(&answer, 401, "invalid_token", "append");
    }
    Ok(())
}

#[tokio::test]
async fn a_garbage_frame_gets_an_error_and_the_socket_lives() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let mut socket = session.socket(0).await?;
    socket.frame("subscribed").await?;
    let frames = [
        ("garbage", "invalid_json"),
        ("{}", "invalid_body"),
        ("[]", "invalid_body"),
        (r#"{"action":"dance"}"#, "invalid_body"),
        (r#"{"action":"prompt"}"#, "invalid_body"),
        (r#"{"action":"prompt","content":""}"#, "invalid_body"),
        (r#"{"action":"prompt","content":"a","more":1}"#, "invalid_body"),
        (r#"{"action":"subscribe","after":-1}"#, "invalid_body"),
        (r#"{"action":"append","epoch":1,"batch":1,"after":0,"events":[]}"#, "invalid_body"),
        (r#"{"action":"abort"}"#, "no_turn"),
    ];
    for (frame, code) in frames {
        socket.send_text(frame).await?;
        let error = socket.frame("error").await?;
        assert_eq!(error["code"], code, "{frame}: {error}");
        assert!(error["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{error}");
    }
    socket.send(&json!({ "action": "ping" })).await?;
    assert!(socket.frame("pong").await?["at"].is_string());
    assert_eq!(session.history().await?.len(), 0, "nothing was written");
    Ok(())
}
