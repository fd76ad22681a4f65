//! Another tenant's session does not exist.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::json;
use tests::{Api, Session, SocketRefused, SocketViewer, Stack};

/// Every route of a session, with a body that it would take.
fn routes(id: &str) -> Vec<(Method, String, serde_json::Value)> {
    let agent = |below: &str| format!("/agent/sessions/{id}{below}");
    vec![
        (Method::GET, format!("/api/sessions/{id}"), json!(null)),
        (Method::DELETE, format!("/api/sessions/{id}"), json!(null)),
        (Method::GET, agent("/messages"), json!(null)),
        (Method::POST, agent("/messages"), json!({ "content": "x" })),
        (Method::GET, agent("/events"), json!(null)),
        (Method::GET, agent("/events/1"), json!(null)),
        (Method::GET, agent("/outputs/1-x"), json!(null)),
        (Method::POST, agent("/ticket"), json!({})),
        (Method::POST, agent("/abort"), json!({})),
        (Method::POST, agent("/permissions/p"), json!({ "reply": "once" })),
        (Method::POST, agent("/questions/q"), json!({})),
    ]
}

async fn call(api: &Api, (method, path, body): &(Method, String, serde_json::Value)) -> Result<(u16, String)> {
    let answer = api.answer(api.request(method.clone(), path).json(body)).await?;
    Ok((answer.status, answer.code().to_owned()))
}

async fn refused_with(api: &Api, session: &str, ticket: Option<&str>) -> Result<u16> {
    let refusal = SocketViewer::open(api, session, ticket).await.err().context("the socket was opened")?;
    Ok(refusal.downcast::<SocketRefused>()?.status)
}

#[tokio::test]
async fn a_session_of_another_user_is_not_found_on_any_route() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    session.run("[[text n=2]]").await?;
    let before = (session.view().await?, session.history().await?, session.head().await?);

    let other = stack.api().with_token(&stack.seed().await?.user().await?);
    for route in routes(&session.id) {
        assert_eq!(call(&other, &route).await?, (404, "session_not_found".to_owned()), "{route:?}");
    }
    assert_eq!(refused_with(&other, &session.id, None).await?, 404);
    assert_eq!(other.get("/api/sessions").await?.expect(200)?["sessions"], json!([]));
    assert_eq!((session.view().await?, session.history().await?, session.head().await?), before, "nothing was written");
    Ok(())
}

#[tokio::test]
async fn without_a_good_token_every_route_is_closed() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    let owner = session.view().await?["user_id"].as_str().unwrap_or_default().to_owned();
    let (stranger, api) = (stack.stranger(), stack.api());
    let expired = stack.seed().await?.expired_token(&owner).await?;
    let mut all = routes(&session.id);
    all.push((Method::GET, "/api/sessions".into(), json!(null)));
    all.push((Method::POST, "/api/sessions".into(), json!({})));
    for route in all {
        assert_eq!(call(&stranger, &route).await?, (401, "unauthenticated".to_owned()), "no token: {route:?}");
        for token in ["wrong", &expired] {
            let told = call(&api.with_token(token), &route).await?;
            assert_eq!(told, (401, "invalid_token".to_owned()), "{route:?}");
        }
        let basic = stranger.request(route.0.clone(), &route.1).json(&route.2).basic_auth("user", Some("password"));
        let answer = stranger.answer(basic).await?;
        assert_eq!((answer.status, answer.code()), (401, "invalid_token"), "wrong scheme: {route:?}");
    }
    assert_eq!(session.head().await?, 0, "nothing was written");
    assert_eq!(session.view().await?["status"], "idle");
    Ok(())
}

#[tokio::test]
async fn a_socket_opens_with_its_own_fresh_ticket_alone() -> Result<()> {
    let stack = Stack::shared().await;
    let (session, another) = (Session::create(stack).await?, Session::create(stack).await?);
    let owner = session.view().await?["user_id"].as_str().unwrap_or_default().to_owned();
    let nobody = stack.stranger();

    let ticket = session.ticket().await?;
    SocketViewer::open(&nobody, &session.id, Some(&ticket)).await.context("a fresh ticket opens")?;
    let refused = [
        ("used", ticket, 401),
        ("unknown", "aot_0000".to_owned(), 401),
        ("expired", stack.seed().await?.expired_ticket(&owner, &session.id).await?, 401),
        ("of another session", another.ticket().await?, 404),
    ];
    for (what, ticket, status) in refused {
        assert_eq!(refused_with(&nobody, &session.id, Some(&ticket)).await?, status, "{what}");
    }
    assert_eq!(refused_with(&nobody, &session.id, None).await?, 401, "no ticket");
    assert_eq!(refused_with(&stack.api().with_token("wrong"), &session.id, None).await?, 401, "wrong token");
    assert_eq!(refused_with(&stack.api(), "ses_x", None).await?, 400, "no session's id");
    SocketViewer::open(&stack.api(), &session.id, None).await.context("the user's token opens")?;
    Ok(())
}
