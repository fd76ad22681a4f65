//! A token is good for its scopes alone, on every route that the document lists.

use anyhow::{Context, Result};
use domain::Scope;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Session, SocketRefused, SocketViewer, Stack};

/// `(method, path, scope)` of every operation that asks for a token; ids are of the wrong form.
fn operations(document: &Value) -> Result<Vec<(Method, String, Option<Scope>)>> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().context("a document has paths")? {
        for (method, operation) in methods.as_object().context("a path has methods")? {
            let Some(needed) = operation["security"][0]["bearer"].as_array() else { continue };
            let scope = needed.first().map(|scope| scope.as_str().unwrap_or_default().parse());
            let scope = scope.transpose().with_context(|| format!("scope of {method} {path}"))?;
            let path = path.replace('{', "x").replace('}', "");
            all.push((method.to_uppercase().parse()?, path, scope));
        }
    }
    Ok(all)
}

#[tokio::test]
async fn every_route_takes_the_scope_that_the_document_names_and_no_other() -> Result<()> {
    let stack = Stack::shared().await;
    let document = stack.stranger().get("/api/openapi.json").await?.expect(200)?;
    let seed = stack.seed().await?;
    let user = seed.user_id().await?;
    for (method, path, scope) in operations(&document)? {
        let Some(scope) = scope else { continue };
        let others = Scope::ALL.into_iter().filter(|other| *other != scope);
        let api = stack.api().with_token(&seed.token_with(&user, others).await?);
        let refused = api.answer(api.request(method.clone(), &path)).await?;
        assert_eq!((refused.status, refused.code()), (403, "insufficient_scope"), "{method} {path}");
        assert!(refused.text.contains(scope.as_str()), "{method} {path}: {}", refused.text);

        let api = stack.api().with_token(&seed.token_with(&user, [scope]).await?);
        let taken = api.answer(api.request(method.clone(), &path)).await?;
        assert_ne!(taken.code(), "insufficient_scope", "{method} {path}");
        assert_ne!(taken.status, 401, "{method} {path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_viewer_s_socket_has_the_scopes_of_the_token_that_opened_it() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    let owner = session.view().await?["user_id"].as_str().context("a user")?.to_owned();
    let seed = stack.seed().await?;
    let reader = stack.api().with_token(&seed.token_with(&owner, [Scope::SessionsRead]).await?);
    let ticket = reader.post(&session.path("/ticket"), &json!({})).await?.expect(201)?;
    let by_ticket = SocketViewer::open(&stack.stranger(), &session.id, ticket["ticket"].as_str()).await?;
    for mut socket in [by_ticket, SocketViewer::open(&reader, &session.id, None).await?] {
        socket.send(&json!({ "action": "prompt", "content": "no" })).await?;
        assert_eq!(socket.frame("error").await?["code"], "insufficient_scope");
        socket.subscribe(0).await?;
        socket.frame("subscribed").await?;
    }
    let writer = stack.api().with_token(&seed.token_with(&owner, [Scope::SessionsWrite]).await?);
    let refused = SocketViewer::open(&writer, &session.id, None).await.err().context("it was opened")?;
    assert_eq!(refused.downcast::<SocketRefused>()?.status, 403);
    assert_eq!(session.history().await?.len(), 0, "nothing was written");
    Ok(())
}
