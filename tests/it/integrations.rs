//! Integrations and what was read through them, as far as no service is needed.

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};
use tests::Stack;

const INTEGRATION: &str = "int_01ARZ3NDEKTSV4RRFFQ69G5FAV";
const ENTITY: &str = "ent_01ARZ3NDEKTSV4RRFFQ69G5FAV";

#[tokio::test]
async fn a_new_user_has_no_integrations_and_no_entities_but_a_choice() -> Result<()> {
    let stack = Stack::shared().await;
    let api = stack.api().with_token(&stack.seed().await?.user().await?);
    let none = api.get("/api/integrations").await?.expect(200)?;
    assert_eq!(none, json!({ "integrations": [], "next_cursor": null }));
    for path in ["/api/entities", "/api/entities?text=some%20words", "/api/entities?state=open&kind=issue"] {
        assert_eq!(api.get(path).await?.expect(200)?, json!({ "entities": [], "next_cursor": null }), "{path}");
    }
    let available = api.get("/api/integrations/available").await?.expect(200)?;
    assert!(available["integrations"].is_array());
    Ok(())
}

#[tokio::test]
async fn an_integration_that_is_not_the_callers_is_not_found() -> Result<()> {
    let api = Stack::shared().await.api();
    let below = |rest: &str| format!("/api/integrations/{INTEGRATION}{rest}");
    for (method, path, code) in [
        (Method::GET, below(""), "integration_not_found"),
        (Method::DELETE, below(""), "integration_not_found"),
        (Method::POST, below("/sync"), "integration_not_found"),
        (Method::GET, below("/logs"), "integration_not_found"),
        (Method::GET, below("/choices"), "integration_not_found"),
        (Method::GET, format!("/api/entities/{ENTITY}"), "entity_not_found"),
        (Method::GET, "/api/integrations/nothing/auth".into(), "service_not_found"),
        (Method::POST, "/api/integrations/nothing/configure".into(), "service_not_found"),
        (Method::POST, "/webhooks/nothing".into(), "service_not_found"),
    ] {
        let answer = api.answer(api.request(method, &path).json(&json!({}))).await?;
        assert_eq!((answer.status, answer.code()), (404, code), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_way_back_that_nobody_began_connects_nothing() -> Result<()> {
    let stack = Stack::shared().await;
    let forged = json!({ "code": "c", "state": "s" });
    let answer = stack.api().post("/api/integrations/callback", &forged).await?;
    assert_eq!((answer.status, answer.code()), (400, "state_unknown"));
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
    let url = format!("{}/api/integrations/github/callback?code=c&state=s", stack.origin());
    let answer = client.get(url).send().await?;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], "/integrations?error=state_unknown");
    Ok(())
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused() -> Result<()> {
    let api = Stack::shared().await.api();
    for (query, code) in [
        ("limit=0", "invalid_query"),
        ("limit=101", "invalid_query"),
        ("cursor=x", "invalid_cursor"),
        ("kind=No%20Kind", "invalid_query"),
        ("from=yesterday", "invalid_query"),
        ("text=%20-%20", "invalid_query"),
        ("unknown=1", "invalid_query"),
    ] {
        let answer = api.get(&format!("/api/entities?{query}")).await?;
        assert_eq!((answer.status, answer.code()), (400, code), "{query}");
    }
    let answer: Value = api.get("/api/integrations?limit=0").await?.body;
    assert_eq!(answer["error"]["code"], "invalid_query");
    Ok(())
}
