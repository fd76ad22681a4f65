//! A user with a good token goes through every route of the document with ids
//! that are not theirs, or not ids at all. Nothing is written down here by hand:
//! a new route is tried from the day it is documented.

mod attempts;
mod document;
mod known;
mod seeded;

use anyhow::{Result, ensure};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use reqwest::Method;
use serde_json::Value;
use tests::{Api, Session, Stack};

use attempts::{Attempt, Parties, attempts, escape, without_token};
use document::{Operation, operations};
use known::Known;

/// Requests at once.
const WIDTH: usize = 4;

/// Tries everything; what was not refused as it should.
async fn intrude(api: &Api, stranger: &Api, parties: &Parties<'_>, operations: &[Operation]) -> Result<Vec<String>> {
    let secured: Vec<&Operation> = operations.iter().filter(|operation| operation.secured).collect();
    // First: what is tried is on the intruder's own record afterwards, ids and all.
    let mut complaints = peek(api, parties, &secured).await?;
    let with_token = secured.iter().flat_map(|operation| attempts(parties, operation)).map(|attempt| (api, attempt));
    let without = secured.iter().map(|operation| (stranger, without_token(parties, operation)));
    let tried = stream::iter(with_token.chain(without)).map(|(api, attempt)| try_one(api, attempt));
    let refused: Vec<Option<String>> = tried.buffer_unordered(WIDTH).try_collect().await?;
    complaints.extend(refused.into_iter().flatten());
    Ok(complaints)
}

async fn try_one(api: &Api, attempt: Attempt) -> Result<Option<String>> {
    let answer = api.answer(attempt.request(api)).await?;
    Ok(attempt.complaint(&answer))
}

/// Reads every list, also with another user's ids as what the query asks for:
/// nothing of theirs shows.
async fn peek(api: &Api, parties: &Parties<'_>, operations: &[&Operation]) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    let lists =
        |operation: &&&Operation| operation.method == Method::GET && operation.json && operation.parameters.is_empty();
    for operation in operations.iter().filter(lists) {
        let mut paths = vec![(operation.path.clone(), "")];
        for name in &operation.queries {
            paths.extend(parties.foreign.all().map(|id| (format!("{}?{name}={}", operation.path, escape(id)), id)));
        }
        for (path, asked) in paths {
            let answer = api.get(&path).await?;
            let shown = parties.foreign.all().find(|id| *id != asked && answer.text.contains(id));
            if answer.status >= 500 || shown.is_some() {
                complaints.push(format!("GET {path}: {} shows {shown:?}", answer.status));
            }
        }
    }
    Ok(complaints)
}

async fn document(api: &Api) -> Result<Value> {
    api.get("/api/openapi.json").await?.expect(200)
}

#[tokio::test]
async fn nothing_of_another_user_is_found_or_touched_on_any_route_of_the_document() -> Result<()> {
    let stack = Stack::shared().await;
    let seed = stack.seed().await?;
    let (victim, intruder) = (stack.api().with_token(&seed.user().await?), stack.api().with_token(&seed.user().await?));
    let theirs = Session::create_as(stack, victim.clone(), &serde_json::json!({})).await?;
    theirs.run("[[text n=2]]").await?;
    let own = Session::create_as(stack, intruder.clone(), &serde_json::json!({})).await?;
    let before = (theirs.view().await?, theirs.history().await?, theirs.head().await?);

    let document = document(&intruder).await?;
    let operations = operations(&document)?;
    let foreign = Known::harvest(&victim, &operations).await?;
    ensure!(foreign.id("ses") == Some(&theirs.id) && foreign.id("msg").is_some(), "not much was seen: {foreign:?}");
    let mut known = Known::default();
    known.note(&own.id);
    let parties = Parties { document: &document, own: &known, foreign: &foreign };
    let complaints = intrude(&intruder, &stack.stranger(), &parties, &operations).await?;
    ensure!(complaints.is_empty(), "{} times not refused:\n{}", complaints.len(), complaints.join("\n"));
    assert_eq!((theirs.view().await?, theirs.history().await?, theirs.head().await?), before, "nothing was written");
    Ok(())
}
