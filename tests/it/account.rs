//! An account as a whole: what it used, a copy of it, its end.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Account, Answer, Api, Options, Service, Session, Snapshots, Stack, wait_until_gone};

async fn newcomer(stack: &Stack) -> Result<Api> {
    Ok(stack.api().with_token(&stack.seed().await?.user().await?))
}

/// Asks until the answer is as it should become.
async fn until(what: &str, mut ask: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    let deadline = tokio::time::Instant::now() + 3 * tests::PATIENCE;
    while !ask().await? {
        ensure!(tokio::time::Instant::now() < deadline, "{what}: it took too long");
        tests::pause().await;
    }
    Ok(())
}

#[tokio::test]
async fn what_a_turn_used_is_counted_on_its_day() -> Result<()> {
    let stack = Stack::shared().await;
    let api = newcomer(stack).await?;
    assert_eq!(api.get("/api/me/usage").await?.expect(200)?["days"], json!([]));
    let session = Session::create_as(stack, api.clone(), &json!({})).await?;
    session.run("[[text n=3]]").await?;
    session.run("[[text n=3]]").await?;
    let usage = session.view().await?["usage"].clone();
    let days = api.get("/api/me/usage?days=2").await?.expect(200)?["days"].clone();
    let days = days.as_array().context("days")?;
    let sum = |field: &str| days.iter().filter_map(|day| day[field].as_u64()).sum::<u64>();
    assert_eq!(sum("turns"), 2, "{days:?}");
    for field in ["input_tokens", "output_tokens"] {
        assert_eq!(Some(sum(field)), usage[field].as_u64(), "{field}");
    }
    ensure!(sum("output_tokens") > 0, "{days:?}");
    for days in ["0", "401", "x"] {
        assert_eq!(api.get(&format!("/api/me/usage?days={days}")).await?.code(), "invalid_query", "{days}");
    }
    Ok(())
}

/// The files of a tar archive as text, by name.
fn unpack(archive: &[u8]) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for file in tar::Archive::new(archive).entries()? {
        let mut file = file?;
        let mut content = Vec::new();
        file.read_to_end(&mut content)?;
        files.insert(file.path()?.to_string_lossy().into_owned(), content);
    }
    Ok(files)
}

fn lines(file: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(file).lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

async fn exported(api: &Api) -> Result<BTreeMap<String, Vec<u8>>> {
    let asked = api.post("/api/me/export", &json!({})).await?.expect(202)?;
    let path = format!("/api/me/export/{}", asked["id"].as_str().context("an id")?);
    until("the export", async || Ok(api.get(&path).await?.expect(200)?["status"] != "pending")).await?;
    let ready = api.get(&path).await?.expect(200)?;
    ensure!(ready["status"] == "ready", "{ready}");
    let url = ready["url"].as_str().context("an address")?;
    let archive = reqwest::Client::builder().no_proxy().build()?.get(url).send().await?.error_for_status()?;
    let archive = archive.bytes().await?;
    assert_eq!(Some(archive.len() as u64), ready["bytes"].as_u64());
    unpack(&archive)
}

/// The address that an account is known by.
async fn email(api: &Api) -> Result<String> {
    Ok(api.get("/api/me").await?.expect(200)?["email"].as_str().context("an address")?.to_owned())
}

#[tokio::test]
async fn an_export_holds_all_that_its_user_has_and_nothing_of_others() -> Result<()> {
    let stack = Stack::shared().await;
    let (api, other) = (newcomer(stack).await?, newcomer(stack).await?);
    let theirs = other.post("/api/sessions", &json!({ "title": "not mine" })).await?.expect(201)?;
    let session = Session::create_as(stack, api.clone(), &json!({ "title": "mine" })).await?;
    session.run("[[text n=3]]").await?;
    Snapshots::of(stack, &session).await?.reached(1).await?;

    let files = exported(&api).await?;
    let messages = lines(files.get(&format!("messages/{}.jsonl", session.id)).context("the session's messages")?);
    assert_eq!(messages, session.history().await?);
    let account = lines(files.get("account.jsonl").context("the account")?);
    let email = email(&api).await?;
    ensure!(account.iter().any(|item| item["email"] == email.as_str()), "{account:?}");
    ensure!(account.iter().any(|item| item["title"] == "mine"), "{account:?}");
    ensure!(files.contains_key("audit.jsonl"), "{:?}", files.keys());
    let objects = files.keys().filter(|name| name.starts_with("objects/")).count();
    ensure!(objects > 0, "{:?}", files.keys());
    let foreign = theirs["id"].as_str().context("an id")?;
    let told = files.values().any(|file| String::from_utf8_lossy(file).contains(foreign));
    ensure!(!told, "another user's session is in it");

    let id = api.post("/api/me/export", &json!({})).await?.expect(202)?["id"].as_str().context("an id")?.to_owned();
    let stolen = other.get(&format!("/api/me/export/{id}")).await?;
    assert_eq!((stolen.status, stolen.code()), (404, "export_not_found"));
    Ok(())
}

async fn delete_me(api: &Api, confirm: &str) -> Result<Answer> {
    api.answer(api.request(Method::DELETE, "/api/me").json(&json!({ "confirm": confirm }))).await
}

#[tokio::test]
async fn a_deleted_account_leaves_nothing_behind_however_often_its_deletion_is_killed() -> Result<()> {
    let settings = vec![("ERASURE_SETTLE_SECONDS".to_owned(), "2".to_owned())];
    let stack = Stack::start_with(Options { settings, ..Options::default() }).await?;
    let (api, other) = (newcomer(&stack).await?, newcomer(&stack).await?);
    let theirs = other.post("/api/sessions", &json!({ "title": "stays" })).await?.expect(201)?;
    let session = Session::create_as(&stack, api.clone(), &json!({})).await?;
    let user = session.view().await?["user_id"].as_str().context("an owner")?.to_owned();
    session.run("[[text n=3]]").await?;
    Snapshots::of(&stack, &session).await?.reached(1).await?;
    exported(&api).await?;
    let account = Account::new(&stack.fakes(), Service::Gmail).await?;
    account.agrees(&account.connect(&api).await?).await?;
    let task = session.task()?.processes()?;
    ensure!(!task.is_empty() && !stack.seed().await?.traces_of(&user).await?.is_empty());

    let refused = delete_me(&api, "somebody@else.example").await?;
    assert_eq!((refused.status, refused.code()), (400, "not_confirmed"));
    stack.fault(json!({ "kill": { "AccountEventsFunction": { "times": 4 } } })).await?;
    let email = email(&api).await?;
    assert_eq!(delete_me(&api, &email).await?.expect(202)?["status"], "deleting");

    until("the deletion", async || {
        Ok(stack.seed().await?.traces_of(&user).await?.is_empty() && !stack.holds_objects_of(&user)?)
    })
    .await?;
    wait_until_gone(&task).await?;
    let revoked = account.calls("/oauth/revoke").await?;
    ensure!(revoked.iter().any(|call| call["status"] == 200), "the grant was not given back: {revoked:?}");
    assert_eq!(api.get("/api/sessions").await?.code(), "invalid_token");
    let id = theirs["id"].as_str().context("an id")?;
    assert_eq!(other.get(&format!("/api/sessions/{id}")).await?.expect(200)?["title"], "stays");
    Ok(())
}
