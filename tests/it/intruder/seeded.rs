//! The intruder notices a route that forgets its check.

use anyhow::Result;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tests::Api;

use super::attempts::Parties;
use super::document::operations;
use super::intrude;
use super::known::Known;

const THEIRS: &str = "thg_01JQ000000000000000000000V";
const SECRET: &str = "thg_01JQ000000000000000000000W";

type Reply = (StatusCode, Json<Value>);

fn refused(status: u16) -> Reply {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, Json(json!({ "error": { "code": "refused", "message": "", "request_id": "" } })))
}

/// Refuses as it should: no token, no id, not the caller's.
fn honest(headers: &HeaderMap, id: &str) -> Option<Reply> {
    if !headers.contains_key("authorization") {
        return Some(refused(401));
    }
    let body = id.strip_prefix("thg_").filter(|body| body.len() == 26 && body.is_ascii());
    Some(refused(if body.is_some() { 404 } else { 400 }))
}

fn document(paths: &[&str]) -> Value {
    let id = json!({ "name": "id", "in": "path", "schema": { "type": "string", "pattern": "^thg_[0-9A-Z]{26}$" } });
    let answer = json!({ "200": { "content": { "application/json": {} } } });
    let operation =
        |parameters: Value| json!({ "parameters": parameters, "security": [{ "bearer": [] }], "responses": answer });
    let paths = paths.iter().map(|path| match path.contains("{id}") {
        true => ((*path).to_owned(), json!({ "post": operation(json!([id])) })),
        false => {
            let cursor = json!([{ "name": "cursor", "in": "query", "schema": { "type": "string" } }]);
            ((*path).to_owned(), json!({ "get": operation(cursor) }))
        }
    });
    json!({ "paths": serde_json::Map::from_iter(paths) })
}

fn server() -> Router {
    let handler = |forgets: fn(&HeaderMap, &str) -> Option<Reply>| {
        post(move |headers: HeaderMap, Path(id): Path<String>| async move {
            forgets(&headers, &id).or_else(|| honest(&headers, &id)).expect("an answer")
        })
    };
    let list = |shown: &'static str| {
        get(move |headers: HeaderMap| async move {
            match headers.contains_key("authorization") {
                true => (StatusCode::OK, Json(json!({ "things": [shown] }))),
                false => refused(401),
            }
        })
    };
    Router::new()
        .route("/honest/{id}", handler(|_, _| None))
        .route("/whose/{id}", handler(|_, id| (id == THEIRS).then(|| (StatusCode::OK, Json(json!({}))))))
        .route(
            "/tells/{id}",
            handler(|headers, id| (headers.contains_key("authorization") && id == THEIRS).then(|| refused(403))),
        )
        .route("/falls/{id}", handler(|_, id| (!id.is_ascii()).then(|| refused(500))))
        .route(
            "/empty-handed/{id}",
            handler(|headers, _| (!headers.contains_key("authorization")).then(|| refused(404))),
        )
        .route("/list", list("thg_01JQ000000000000000000000X"))
        .route("/leaky-list", list(SECRET))
        .fallback(async || refused(404))
}

async fn complaints_about(path: &'static str) -> Result<Vec<String>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let serving = tokio::spawn(async move { axum::serve(listener, server()).await });
    let document = document(&[path]);
    let mut foreign = Known::default();
    foreign.note(&format!("{THEIRS} {SECRET}"));
    let parties = Parties { document: &document, own: &Known::default(), foreign: &foreign };
    let complaints =
        intrude(&Api::new(&origin, Some("t")), &Api::new(&origin, None), &parties, &operations(&document)?).await;
    serving.abort();
    complaints
}

#[tokio::test]
async fn a_route_that_forgets_its_check_is_noticed_and_one_that_does_not_is_left_alone() -> Result<()> {
    for honest in ["/honest/{id}", "/list"] {
        assert_eq!(complaints_about(honest).await?, Vec::<String>::new(), "{honest}");
    }
    for (forgetful, why) in [
        ("/whose/{id}", "another user's"),
        ("/tells/{id}", "another user's"),
        ("/falls/{id}", "unicode"),
        ("/empty-handed/{id}", "no token"),
        ("/leaky-list", SECRET),
    ] {
        let complaints = complaints_about(forgetful).await?;
        assert!(complaints.iter().any(|complaint| complaint.contains(why)), "{forgetful}: {complaints:?}");
    }
    Ok(())
}
