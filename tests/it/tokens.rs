//! API tokens: shown once, good for their scopes and their time, and for nothing once revoked.

use std::time::Duration;

use anyhow::{Context, Result};
use domain::Scope;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Api, Session, SocketRefused, SocketViewer, SseViewer, Stack};

async fn owner(stack: &Stack) -> Result<Api> {
    Ok(stack.api().with_token(&stack.seed().await?.user().await?))
}

async fn create(api: &Api, body: &Value) -> Result<(String, String)> {
    let created = api.post("/api/tokens", body).await?.expect(201)?;
    let text = |name: &str| created[name].as_str().map(str::to_owned).context("a new token says it");
    Ok((text("id")?, text("token")?))
}

#[tokio::test]
async fn a_token_is_shown_once_and_listed_without_its_secret() -> Result<()> {
    let stack = Stack::shared().await;
    let api = owner(stack).await?;
    let (id, token) = create(&api, &json!({ "name": "CI", "scopes": ["sessions:read"] })).await?;
    assert!(token.starts_with("aop_") && token.len() == 76, "{token}");
    let with = api.with_token(&token);
    with.get("/api/sessions").await?.expect(200)?;
    let listed = api.get("/api/tokens").await?;
    assert!(!listed.text.contains(&token));
    let view = listed.body["tokens"].as_array().context("a list")?.iter().find(|view| view["id"] == id.as_str());
    let view = view.context("it is listed")?;
    assert_eq!((&view["name"], &view["scopes"]), (&json!("CI"), &json!(["sessions:read"])));
    assert!(token.ends_with(view["hint"].as_str().context("a hint")?));
    assert!(view["used_at"].is_string(), "it was used: {view}");

    let path = format!("/api/tokens/{id}");
    let renamed =
        api.answer(api.request(Method::PATCH, &path).json(&json!({ "name": "Nightly" }))).await?.expect(200)?;
    assert_eq!(renamed["name"], "Nightly");
    let table = std::fs::read(stack.home().join("dynamodb.sqlite")).unwrap_or_default();
    assert!(!table.windows(token.len()).any(|bytes| bytes == token.as_bytes()), "the table has its hash alone");
    Ok(())
}

#[tokio::test]
async fn a_repeated_request_makes_no_second_token_and_no_key_is_taken_for_another_kind() -> Result<()> {
    let stack = Stack::shared().await;
    let api = owner(stack).await?;
    let body = json!({ "name": "CI", "scopes": ["sessions:read"] });
    let send = |path: &str, body: &Value| api.request(Method::POST, path).header("idempotency-key", "once").json(body);
    let id = api.answer(send("/api/tokens", &body)).await?.expect(201)?["id"].clone();
    let again = api.answer(send("/api/tokens", &body)).await?;
    assert_eq!((again.status, again.code()), (409, "token_shown"), "{}", again.text);
    assert!(again.text.contains(id.as_str().context("an id")?), "it says which: {}", again.text);
    assert_eq!(api.get("/api/tokens").await?.body["tokens"].as_array().map(Vec::len), Some(2), "it and the caller's");
    for (path, other) in [
        ("/api/tokens", json!({ "name": "other", "scopes": ["sessions:read"] })),
        ("/api/sessions", json!({ "title": "other" })),
        ("/api/files", json!({ "name": "a", "size": 1, "checksum": "crc64nvme:0000000000000000" })),
    ] {
        let refused = api.answer(send(path, &other)).await?;
        assert_eq!((refused.status, refused.code()), (422, "client_id_reused"), "{path}: {}", refused.text);
    }
    Ok(())
}

#[tokio::test]
async fn a_revoked_or_expired_token_is_good_for_nothing_at_once() -> Result<()> {
    let stack = Stack::shared().await;
    let api = owner(stack).await?;
    let (id, token) = create(&api, &json!({ "name": "CI", "scopes": ["sessions:read"] })).await?;
    let with = api.with_token(&token);
    with.get("/api/sessions").await?.expect(200)?;
    let path = format!("/api/tokens/{id}");
    assert_eq!(api.delete(&path).await?.status, 204);
    let refused = with.get("/api/sessions").await?;
    assert_eq!((refused.status, refused.code()), (401, "invalid_token"));
    let again = api.delete(&path).await?;
    assert_eq!((again.status, again.code()), (404, "token_not_found"));
    let renamed = api.answer(api.request(Method::PATCH, &path).json(&json!({ "name": "x" }))).await?;
    assert_eq!(renamed.status, 404);
    assert!(!api.get("/api/tokens").await?.text.contains(&id));
    Ok(())
}

#[tokio::test]
async fn nobody_makes_a_token_that_may_more_than_they_may() -> Result<()> {
    let stack = Stack::shared().await;
    let seed = stack.seed().await?;
    let user = seed.user_id().await?;
    let api = stack.api().with_token(&seed.token_with(&user, [Scope::Admin, Scope::SessionsRead]).await?);
    let more = api.post("/api/tokens", &json!({ "name": "x", "scopes": ["sessions:write"] })).await?;
    assert_eq!((more.status, more.code()), (403, "insufficient_scope"));
    create(&api, &json!({ "name": "x", "scopes": ["sessions:read"] })).await?;
    let wrong = [
        json!({ "name": "x", "scopes": [] }),
        json!({ "name": "", "scopes": ["sessions:read"] }),
        json!({ "name": "x".repeat(101), "scopes": ["sessions:read"] }),
        json!({ "name": "x", "scopes": ["everything"] }),
        json!({ "name": "x", "scopes": ["sessions:read"], "expires_at": "2020-01-01T00:00:00Z" }),
        json!({ "name": "x", "scopes": ["sessions:read"], "expires_at": "soon" }),
    ];
    for body in wrong {
        assert_eq!(api.post("/api/tokens", &body).await?.status, 400, "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn another_user_s_token_can_be_neither_renamed_nor_revoked() -> Result<()> {
    let stack = Stack::shared().await;
    let (mine, other) = (owner(stack).await?, owner(stack).await?);
    let (id, token) = create(&mine, &json!({ "name": "mine", "scopes": ["sessions:read"] })).await?;
    let path = format!("/api/tokens/{id}");
    assert_eq!(other.delete(&path).await?.code(), "token_not_found");
    let renamed = other.answer(other.request(Method::PATCH, &path).json(&json!({ "name": "x" }))).await?;
    assert_eq!(renamed.code(), "token_not_found");
    mine.with_token(&token).get("/api/sessions").await?.expect(200)?;
    Ok(())
}

#[tokio::test]
async fn the_sockets_of_a_revoked_token_are_closed_and_no_others() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    let api = session.api.clone();
    let scopes = json!(["sessions:read", "sessions:write"]);
    let (id, token) = create(&api, &json!({ "name": "socket", "scopes": scopes })).await?;
    let with = api.with_token(&token);
    let ticket = with.post(&session.path("/ticket"), &json!({})).await?.expect(201)?;
    let by_ticket = SocketViewer::open(&stack.stranger(), &session.id, ticket["ticket"].as_str()).await?;
    let by_token = SocketViewer::open(&with, &session.id, None).await?;
    let mut mine = SocketViewer::open(&api, &session.id, None).await?;
    mine.subscribe(0).await?;
    let late = with.post(&session.path("/ticket"), &json!({})).await?.expect(201)?;
    assert_eq!(api.delete(&format!("/api/tokens/{id}")).await?.status, 204);
    let refused = SocketViewer::open(&stack.stranger(), &session.id, late["ticket"].as_str()).await.err();
    assert_eq!(refused.context("it was opened")?.downcast::<SocketRefused>()?.status, 401, "a ticket of before");
    for mut socket in [by_ticket, by_token] {
        socket.until_closed().await?;
    }
    mine.send(&json!({ "action": "ping" })).await?;
    mine.frame("pong").await?;
    Ok(())
}

#[tokio::test]
async fn a_revocation_that_nobody_told_of_closes_sockets_within_a_minute() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    let user = session.view().await?["user_id"].as_str().context("a user")?.to_owned();
    let (id, token) = create(&session.api, &json!({ "name": "socket", "scopes": ["sessions:read"] })).await?;
    let mut socket = SocketViewer::open(&session.api.with_token(&token), &session.id, None).await?;
    assert!(stack.seed().await?.revoke_silently(&user, &id).await?);
    socket.until_closed().await
}

#[tokio::test]
async fn the_sockets_and_streams_of_a_token_end_within_a_minute_of_it() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    let user = session.view().await?["user_id"].as_str().context("a user")?.to_owned();
    // Long enough to open them on a machine that is busy.
    let token = stack.seed().await?.token_for(&user, Duration::from_secs(15)).await?;
    let with = session.api.with_token(&token);
    let ticket = with.post(&session.path("/ticket"), &json!({})).await?.expect(201)?;
    let mut by_ticket = SocketViewer::open(&stack.stranger(), &session.id, ticket["ticket"].as_str()).await?;
    let mut by_token = SocketViewer::open(&with, &session.id, None).await?;
    let stream = SseViewer::open(with.request(Method::GET, &session.path("/events?after=0"))).await?;
    let mut mine = SocketViewer::open(&session.api, &session.id, None).await?;
    mine.subscribe(0).await?;
    by_ticket.until_closed().await?;
    by_token.until_closed().await?;
    stream.to_end().await?;
    assert_eq!(with.get("/api/sessions").await?.code(), "invalid_token");
    mine.send(&json!({ "action": "ping" })).await?;
    mine.frame("pong").await?;
    Ok(())
}
