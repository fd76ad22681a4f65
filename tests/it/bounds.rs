//! A user may do much, and not more.

use anyhow::{Result, ensure};
use serde_json::json;
use tests::{Answer, Api, Options, Session, Stack};

async fn stack_with(bounds: &[(&str, &str)]) -> Result<Stack> {
    let settings = bounds.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Stack::start_with(Options { memory: true, settings, ..Options::default() }).await
}

/// Calls until the answer is a refusal; how often it was not.
async fn until_refused(api: &Api) -> Result<(u32, Answer)> {
    for called in 0..1000 {
        let answer = api.get("/api/sessions").await?;
        if answer.status != 200 {
            return Ok((called, answer));
        }
    }
    anyhow::bail!("nothing was refused")
}

fn assert_limited(answer: &Answer, limit: &str, seconds_max: u32) -> Result<()> {
    let told = (answer.status, answer.code(), answer.body["error"]["limit"].as_str());
    ensure!(told == (429, "rate_limited", Some(limit)), "{answer:?}");
    let seconds: u32 = answer.headers["retry-after"].to_str()?.parse()?;
    ensure!((1..=seconds_max).contains(&seconds), "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn who_calls_too_often_is_told_which_limit_and_when_to_come_back_and_nobody_else_is() -> Result<()> {
    let stack = stack_with(&[("REQUESTS_PER_MINUTE", "6"), ("TOKEN_REQUESTS_PER_MINUTE", "4")]).await?;
    let (user, other) = (stack.api(), stack.api().with_token(&stack.seed().await?.user().await?));
    // Time goes on meanwhile, and the bucket refills.
    let (called, refused) = until_refused(&user).await?;
    ensure!(called >= 4, "refused after {called}");
    assert_limited(&refused, "token_requests_per_minute", 15)?;

    let me = "usr_01JQ0000000000000000000000";
    let second = user.with_token(&stack.seed().await?.token_with(me, [domain::Scope::SessionsRead]).await?);
    let third = user.with_token(&stack.seed().await?.token_with(me, [domain::Scope::SessionsRead]).await?);
    let mut refusals = Vec::new();
    for api in [&second, &third] {
        refusals.push(until_refused(api).await?.1);
    }
    let by_user = refusals.iter().find(|refused| refused.body["error"]["limit"] == "requests_per_minute");
    assert_limited(by_user.unwrap_or(&refusals[1]), "requests_per_minute", 10)?;
    ensure!(other.get("/api/sessions").await?.status == 200, "another user was refused");
    Ok(())
}

#[tokio::test]
async fn messages_are_counted_by_the_hour_and_a_repeat_still_gets_its_first_answer() -> Result<()> {
    let stack = stack_with(&[("MESSAGES_PER_HOUR", "2")]).await?;
    let session = Session::create(&stack).await?;
    let message = |id: &str| json!({ "content": "[[text n=1]]", "client_id": id });
    let first = session.post(&message("one")).await?.expect(202)?;
    session.post(&message("two")).await?.expect(202)?;
    let head = session.history().await?.len();
    assert_limited(&session.post(&message("three")).await?, "messages_per_hour", 1800)?;
    ensure!(session.history().await?.len() == head, "something was written");
    let repeated = session.post(&message("one")).await?.expect(202)?;
    assert_eq!(repeated["message"]["id"], first["message"]["id"]);
    Ok(())
}

#[tokio::test]
async fn a_user_has_no_more_sandboxes_than_allowed_until_one_has_ended() -> Result<()> {
    let stack = stack_with(&[("SANDBOXES_AT_ONCE", "1")]).await?;
    let (first, second) = (Session::create(&stack).await?, Session::create(&stack).await?);
    first.send("[[text n=1]]").await?;
    let refused = second.post(&json!({ "content": "[[text n=1]]" })).await?;
    assert_limited(&refused, "sandboxes_at_once", 60)?;
    assert_eq!((second.head().await?, second.history().await?.len()), (0, 0), "nothing was written");
    first.send("[[text n=1]]").await?;

    let other = stack.api().with_token(&stack.seed().await?.user().await?);
    let theirs = other.post("/api/sessions", &json!({})).await?.expect(201)?;
    let path = format!("/agent/sessions/{}/messages", theirs["id"].as_str().unwrap_or_default());
    other.post(&path, &json!({ "content": "[[text n=1]]" })).await?.expect(202)?;

    first.terminate().await?.expect(200)?;
    let deadline = tokio::time::Instant::now() + tests::PATIENCE;
    while second.post(&json!({ "content": "[[text n=1]]" })).await?.status != 202 {
        ensure!(tokio::time::Instant::now() < deadline, "the ended sandbox still counts");
    }
    Ok(())
}
