//! Lists come in pages, whole and in order.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests::{Api, Session, Stack};

/// All pages of a list, and how many entries each had.
async fn pages(api: &Api, path: &str, list: &str) -> Result<(Vec<Value>, Vec<usize>)> {
    let (mut all, mut sizes) = (Vec::new(), Vec::new());
    let mut cursor = String::new();
    loop {
        let page = api.get(&format!("{path}{cursor}")).await?.expect(200)?;
        let entries = page[list].as_array().context("a page has its list")?.clone();
        sizes.push(entries.len());
        all.extend(entries);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok((all, sizes)),
        }
    }
}

#[tokio::test]
async fn sessions_are_paged_newest_first() -> Result<()> {
    let stack = Stack::shared().await;
    let api = stack.api().with_token(&stack.seed().await?.user().await?);
    let mut made = Vec::new();
    for n in 0..5 {
        let body = json!({ "title": format!("number {n}"), "metadata": { "n": n } });
        made.insert(0, api.post("/api/sessions", &body).await?.expect(201)?);
    }
    let (listed, sizes) = pages(&api, "/api/sessions?limit=2", "sessions").await?;
    assert_eq!((listed, sizes), (made.clone(), vec![2, 2, 1]));
    let (listed, sizes) = pages(&api, "/api/sessions?limit=5", "sessions").await?;
    assert_eq!((listed, sizes), (made, vec![5]), "a page that holds all is the last");
    Ok(())
}

#[tokio::test]
async fn a_created_session_is_as_it_was_asked_for() -> Result<()> {
    let stack = Stack::shared().await;
    let api = stack.api().with_token(&stack.seed().await?.user().await?);
    let body = json!({ "workspace": "/workspace/a b/ü/", "title": "Title", "metadata": { "deep": [1, { "x": null }] }, "model": "openai/gpt-5" });
    let made = api.post("/api/sessions", &body).await?.expect(201)?;
    let id = made["id"].as_str().unwrap_or_default();
    assert!(id.starts_with("ses_") && id.len() == 30, "{id}");
    assert_eq!(made["workspace"], "/workspace/a b/ü");
    for field in ["title", "metadata", "model"] {
        assert_eq!(made[field], body[field], "{field}");
    }
    assert_eq!(made["status"], "idle");
    assert!(made["created_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{made}");
    assert_eq!(api.get(&format!("/api/sessions/{id}")).await?.expect(200)?, made);

    let bare = api.post("/api/sessions", &json!({})).await?.expect(201)?;
    assert_eq!((&bare["workspace"], &bare["title"], &bare["model"]), (&json!("/workspace"), &json!(""), &json!(null)));
    Ok(())
}

#[tokio::test]
async fn history_is_paged_in_both_directions() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    for n in 1..=3 {
        assert!(session.run(&format!("[[text n={n}]]")).await?.completed());
    }
    let whole = session.history().await?;
    assert_eq!(whole.len(), 6);
    let (up, sizes) = pages(&session.api, &session.path("/messages?limit=4"), "messages").await?;
    assert_eq!((&up, sizes), (&whole, vec![4, 2]));
    let (mut down, sizes) = pages(&session.api, &session.path("/messages?order=desc&limit=5"), "messages").await?;
    down.reverse();
    assert_eq!((down, sizes), (whole, vec![5, 1]));
    Ok(())
}
