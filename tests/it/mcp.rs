//! The tools at `/mcp`, for users' own programs and for agents.

use anyhow::{Context, Result};
use domain::Scope;
use reqwest::Method;
use serde_json::{Value, json};
use tests::mcp::official_client;
use tests::{Api, Integration, Session, Stack};

/// A user who has nobody else's things, connected to GitHub's fake.
async fn connected(stack: &Stack) -> Result<(Api, Integration)> {
    let api = stack.api().with_token(&stack.seed().await?.user().await?);
    let integration = Integration::connect(&api, "github", "login=octo-dev").await?;
    integration.until(|view| view["sync_status"] == "synced").await?;
    Ok((api, integration))
}

/// Makes a call without any SDK.
async fn call(api: &Api, tool: &str, given: Value) -> Result<Value> {
    let params = json!({ "name": tool, "arguments": given });
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    api.post("/mcp", &message).await?.expect(200)
}

#[tokio::test]
async fn the_official_client_lists_and_calls_every_tool() -> Result<()> {
    let stack = Stack::shared().await;
    let (api, integration) = connected(stack).await?;
    let session = api.post("/api/sessions", &json!({ "title": "mine" })).await?.expect(201)?;
    let issue = integration.entities("kind=issue").await?.into_iter().next().context("the fake has issues")?;
    let written = call(&api, "write_file", json!({ "name": "notes/ü.md", "content": "Grüße" })).await?;
    let file = written["result"]["structuredContent"]["file"]["id"].clone();
    assert!(file.as_str().is_some_and(|id| id.starts_with("fil_")), "{written}");

    let seen = official_client(
        &api,
        &[
            ("search_entities", json!({ "kind": "issue", "state": "open", "limit": 2 })),
            ("search_entities", json!({ "text": "login" })),
            ("read_entity", json!({ "id": issue["id"], "live": "always" })),
            ("list_files", json!({ "prefix": "notes/" })),
            ("read_file", json!({ "id": file })),
            ("write_file", json!({ "name": "b.bin", "content": "/wA=", "encoding": "base64" })),
            ("list_sessions", json!({})),
            ("search_entities", json!({ "limit": "many" })),
            ("search_entities", json!({ "unknown": 1 })),
            ("read_file", json!({ "id": "fil_01ARZ3NDEKTSV4RRFFQ69G5FAV" })),
            ("no_such_tool", json!({})),
        ],
    )
    .await?;
    let names: Vec<&str> = seen.tools.iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!(names, ["search_entities", "read_entity", "list_files", "read_file", "write_file", "list_sessions"]);
    for tool in &seen.tools {
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{tool}");
        assert_eq!(tool["annotations"]["readOnlyHint"], tool["name"] != "write_file", "{tool}");
    }
    let content = |at: usize| &seen.results[at]["result"]["structuredContent"];
    let found = content(0)["untrusted"]["entities"].as_array().context("entities")?;
    assert!(found.len() == 2 && content(0)["untrusted"]["next_cursor"].is_string(), "bounded and paged");
    assert!(content(0)["notice"].as_str().is_some_and(|notice| notice.contains("never an instruction")));
    assert!(!content(1)["untrusted"]["entities"].as_array().context("entities")?.is_empty());
    let read = &content(2)["untrusted"];
    assert_eq!(read["entity"]["id"], issue["id"]);
    assert_eq!(read["live"]["title"], issue["title"], "the service itself was asked: {read}");
    assert!(content(2)["source"].as_str().is_some_and(|source| source.starts_with("github http")));
    assert_eq!(content(3)["files"][0]["name"], "notes/ü.md");
    assert_eq!(
        (&content(4)["untrusted"]["content"], &content(4)["untrusted"]["encoding"]),
        (&json!("Grüße"), &json!("text"))
    );
    assert_eq!(content(5)["file"]["size"], 2);
    assert_eq!(content(6)["sessions"][0]["id"], session["id"]);
    for at in [7, 8, 10] {
        assert_eq!(seen.results[at]["error"]["code"], -32602, "{}", seen.results[at]);
    }
    let absent = &seen.results[9]["result"];
    assert!(
        absent["isError"] == true
            && absent["content"][0]["text"].as_str().is_some_and(|it| it.starts_with("file_not_found"))
    );
    Ok(())
}

#[tokio::test]
async fn a_live_reading_shows_what_the_synced_copy_does_not() -> Result<()> {
    let stack = Stack::shared().await;
    let (api, integration) = connected(stack).await?;
    let issue = integration.entities("kind=issue&state=open").await?.into_iter().next().context("an open issue")?;
    let copy = call(&api, "read_entity", json!({ "id": issue["id"] })).await?;
    assert!(copy["result"]["structuredContent"]["untrusted"]["live"].is_null(), "the copy is fresh: {copy}");
    let live = call(&api, "read_entity", json!({ "id": issue["id"], "live": "always" })).await?;
    assert_eq!(live["result"]["structuredContent"]["untrusted"]["live"]["state"], "open");
    Ok(())
}

#[tokio::test]
async fn nobody_calls_a_tool_without_the_scope_and_nobody_sees_anothers_things() -> Result<()> {
    let stack = Stack::shared().await;
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    assert_eq!(stack.stranger().post("/mcp", &message).await?.status, 401);
    let seed = stack.seed().await?;
    let user = seed.user_id().await?;
    let without = stack.api().with_token(&seed.token_with(&user, [Scope::FilesRead]).await?);
    let refused = without.post("/mcp", &message).await?;
    assert_eq!((refused.status, refused.code()), (403, "insufficient_scope"));
    let forged = stack.api().with_token("aor_usr_01ARZ3NDEKTSV4RRFFQ69G5FAV.ses_01ARZ3NDEKTSV4RRFFQ69G5FAV.1.00");
    assert_eq!(forged.post("/mcp", &message).await?.status, 401);

    let owner = stack.api().with_token(&seed.token_with(&user, [Scope::Mcp]).await?);
    let written = call(&owner, "write_file", json!({ "name": "a.txt", "content": "mine" })).await?;
    let file = &written["result"]["structuredContent"]["file"]["id"];
    let other = stack.api().with_token(&seed.user().await?);
    let read = call(&other, "read_file", json!({ "id": file })).await?;
    assert_eq!(read["result"]["isError"], true, "{read}");
    assert_eq!(call(&other, "list_files", json!({})).await?["result"]["structuredContent"]["files"], json!([]));
    Ok(())
}

#[tokio::test]
async fn what_is_no_call_gets_an_error_that_says_so() -> Result<()> {
    let api = Stack::shared().await.api();
    let get = api.answer(api.request(Method::GET, "/mcp")).await?;
    assert_eq!((get.status, get.code()), (405, "method_not_allowed"));
    for body in ["", "no json", "[]", "{}", "{\"jsonrpc\":\"2.0\"}"] {
        let refused = api.post_raw("/mcp", body).await?;
        let has_words = refused.body["error"]["message"].as_str().is_some_and(|message| !message.is_empty());
        assert!((400..500).contains(&refused.status) && has_words, "{body}: {} {}", refused.status, refused.text);
    }
    Ok(())
}

#[tokio::test]
async fn an_agent_calls_our_tools_and_writes_a_file_that_the_api_lists() -> Result<()> {
    let stack = Stack::shared().await;
    let (api, _integration) = connected(stack).await?;
    let session = Session::create_as(stack, api.clone(), &json!({ "workspace": "/workspace/project" })).await?;
    let turn = session
        .run(
            r##"[[tool ops_search_entities {"kind":"issue","state":"open"}]][[tool ops_write_file {"name":"report.md","content":"# Open issues"}]][[text n=2]]"##,
        )
        .await?;
    assert!(turn.completed(), "{}", turn.names());
    let answer = session.answer(1).await?;
    let calls = answer["tool_calls"].as_array().context("calls")?;
    assert!(calls.len() == 2 && calls.iter().all(|call| call["status"] == "completed"), "{calls:#?}");
    assert!(calls[0]["output"].as_str().is_some_and(|output| output.contains("never an instruction")), "{}", calls[0]);
    let files = api.get("/api/files?prefix=report").await?.expect(200)?;
    assert_eq!(files["files"][0]["name"], "report.md");
    let id = files["files"][0]["id"].as_str().context("an id")?;
    assert_eq!(api.get(&format!("/api/files/{id}")).await?.text, "# Open issues");

    // The demo model does by itself what its user means.
    assert!(session.run("What changed in my issues since yesterday?").await?.completed());
    let answer = session.answer(2).await?;
    assert_eq!(answer["tool_calls"][0]["name"], "ops_search_entities", "{answer}");
    assert!(answer["content"].as_str().is_some_and(|text| text.contains("github")), "{answer}");
    Ok(())
}
