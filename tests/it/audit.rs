//! What was done to a user's things is on record, and a forged record shows.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Api, SocketViewer, Stack};

/// A user who has created, renamed and terminated a session, and tried what is not theirs.
async fn busy_user(stack: &Stack) -> Result<(Api, String)> {
    let api = stack.api().with_token(&stack.seed().await?.user().await?);
    let session = api.post("/api/sessions", &json!({})).await?.expect(201)?;
    let id = session["id"].as_str().context("an id")?.to_owned();
    let path = format!("/api/sessions/{id}");
    let rename = api.request(Method::PATCH, &path).header("user-agent", "tests/1").json(&json!({ "title": "x" }));
    api.answer(rename).await?.expect(200)?;
    api.delete(&path).await?.expect(200)?;
    api.delete("/api/sessions/ses_01ARZ3NDEKTSV4RRFFQ69G5FAV").await?.expect(404)?;
    Ok((api, id))
}

/// `cargo local audit` on these lines; what it said, if they are in order.
fn verify(lines: &str, head: Option<&str>) -> Result<std::result::Result<String, String>> {
    let mut command = Command::new(tests::driver()?);
    command.arg("audit").args(head.map(|head| format!("--head={head}")));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    child.stdin.take().context("stdin is a pipe")?.write_all(lines.as_bytes())?;
    let output = child.wait_with_output()?;
    let told = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ok(if output.status.success() { Ok(told(&output.stdout)) } else { Err(told(&output.stderr)) })
}

#[tokio::test]
async fn the_log_says_who_did_what_when_from_where_and_how_it_ended() -> Result<()> {
    let stack = Stack::shared().await;
    let (api, id) = busy_user(stack).await?;
    let page = api.get("/api/audit").await?.expect(200)?;
    let records = page["records"].as_array().context("records")?;
    let told: Vec<Value> = records.iter().map(|r| json!([r["seq"], r["action"], r["target"], r["result"]])).collect();
    let wanted = [
        json!([4, "DELETE /api/sessions/{id}", "/api/sessions/ses_01ARZ3NDEKTSV4RRFFQ69G5FAV", "session_not_found"]),
        json!([3, "DELETE /api/sessions/{id}", format!("/api/sessions/{id}"), "ok"]),
        json!([2, "PATCH /api/sessions/{id}", format!("/api/sessions/{id}"), "ok"]),
        json!([1, "POST /api/sessions", id, "ok"]),
    ];
    assert_eq!(told, wanted);
    let rename = &records[2];
    assert_eq!((&rename["ip"], &rename["user_agent"]), (&json!("127.0.0.1"), &json!("tests/1")));
    ensure!(rename["by"].as_str().is_some_and(|by| by.starts_with("tok_")), "{rename}");
    ensure!(rename["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{rename}");
    assert_eq!(page["head"]["hash"], records[0]["hash"]);

    let first = api.get("/api/audit?limit=3").await?.expect(200)?;
    let next = first["next_cursor"].as_str().context("there is more")?;
    let second = api.get(&format!("/api/audit?limit=3&cursor={next}")).await?.expect(200)?;
    assert_eq!((second["records"][0]["seq"].as_u64(), &second["next_cursor"]), (Some(1), &Value::Null));
    Ok(())
}

#[tokio::test]
async fn an_answer_given_on_a_socket_is_recorded_with_its_refusal() -> Result<()> {
    let stack = Stack::shared().await;
    let api = stack.api().with_token(&stack.seed().await?.user().await?);
    let session = api.post("/api/sessions", &json!({})).await?.expect(201)?;
    let id = session["id"].as_str().context("an id")?;
    let mut socket = SocketViewer::open(&api, id, None).await?;
    socket.send(&json!({ "action": "permission", "permission_id": "per_1", "reply": "once" })).await?;
    socket.frame("error").await?;
    let newest = &api.get("/api/audit?limit=1").await?.expect(200)?["records"][0];
    let told = (newest["action"].as_str(), newest["target"].as_str(), newest["result"].as_str());
    let target = format!("{id}/permissions/per_1");
    let action = "POST /agent/sessions/{id}/permissions/{permission_id}";
    assert_eq!(told, (Some(action), Some(target.as_str()), Some("no_runner")));
    Ok(())
}

#[tokio::test]
async fn a_whole_log_is_verified_and_a_changed_cut_or_shortened_one_is_not() -> Result<()> {
    let stack = Stack::shared().await;
    let (api, _) = busy_user(stack).await?;
    let exported = api.get("/api/audit/export").await?;
    ensure!(exported.headers["content-type"] == "application/jsonl", "{exported:?}");
    let lines = exported.text;
    let head = api.get("/api/audit").await?.expect(200)?["head"].clone();
    let head = format!("{}:{}", head["seq"], head["hash"].as_str().unwrap_or_default());
    let told = verify(&lines, Some(&head))?;
    ensure!(told.as_ref().is_ok_and(|told| told.starts_with("4 records, unbroken")), "{told:?}");
    let rest = api.get("/api/audit/export?after=3").await?.text;
    assert_eq!(lines.lines().last(), rest.lines().last());
    assert_eq!(api.get("/api/audit/export?after=4").await?.text, "");

    let changed = lines.replace("session_not_found", "ok");
    let cut: String = lines.lines().filter(|line| !line.contains("PATCH")).map(|line| format!("{line}\n")).collect();
    let shortened: String = lines.lines().take(3).map(|line| format!("{line}\n")).collect();
    for (forged, why) in [(changed, "record 4"), (cut, "missing"), (shortened, "the chain ends at 3")] {
        let told = verify(&forged, Some(&head))?;
        ensure!(told.as_ref().is_err_and(|told| told.contains(why)), "{why}: {told:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_administrator_sees_everybodys_deeds_and_verifies_anybodys_and_nobody_else_does() -> Result<()> {
    let stack = Stack::shared().await;
    let admin = stack.api();
    let (one, first) = busy_user(stack).await?;
    let (other, _) = busy_user(stack).await?;
    let user = |api: &Api| {
        let api = api.clone();
        async move {
            Ok::<_, anyhow::Error>(api.get("/api/me").await?.expect(200)?["id"].as_str().context("an id")?.to_owned())
        }
    };
    let (one_id, other_id) = (user(&one).await?, user(&other).await?);

    // Page by page until both are seen: others are busy at the same time.
    let (mut seen, mut cursor, mut last_at) = (Vec::new(), String::new(), jiff::Timestamp::MAX);
    let of = |records: &[Value], user: &str| records.iter().filter(|record| record["user_id"] == user).count();
    while of(&seen, &one_id) < 4 || of(&seen, &other_id) < 4 {
        let page = admin.get(&format!("/api/admin/audit?limit=7{cursor}")).await?.expect(200)?;
        for record in page["records"].as_array().context("records")? {
            let at: jiff::Timestamp = record["at"].as_str().context("a time")?.parse()?;
            ensure!(at <= last_at, "{at} stands behind {last_at}");
            last_at = at;
            seen.push(record.clone());
        }
        let next = page["next_cursor"].as_str().context("the log ends before both are seen")?;
        cursor = format!("&cursor={next}");
    }
    let mut numbers: Vec<_> =
        seen.iter().map(|record| (record["user_id"].to_string(), record["seq"].as_u64())).collect();
    let count = numbers.len();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), count, "a record came twice");

    let own = admin.get(&format!("/api/admin/audit?user_id={one_id}&limit=3")).await?.expect(200)?;
    assert_eq!(
        (own["records"].as_array().map(Vec::len), &own["records"][1]["target"]),
        (Some(3), &json!(format!("/api/sessions/{first}")))
    );
    let lines = admin.get(&format!("/api/admin/audit/export?user_id={one_id}")).await?;
    ensure!(lines.headers["content-type"] == "application/jsonl", "{lines:?}");
    assert_eq!(lines.text, one.get("/api/audit/export").await?.text);
    ensure!(verify(&lines.text, None)?.is_ok_and(|told| told.starts_with("4 records, unbroken")));

    for path in ["/api/admin/audit", &format!("/api/admin/audit/export?user_id={one_id}")] {
        let refused = other.get(path).await?;
        assert_eq!((refused.status, refused.code()), (403, "admin_only"), "{path}");
    }
    for (query, code) in
        [("?limit=0", "invalid_query"), ("?cursor=x", "invalid_cursor"), ("?user_id=x", "invalid_query")]
    {
        assert_eq!(admin.get(&format!("/api/admin/audit{query}")).await?.code(), code, "{query}");
    }
    assert_eq!(admin.get("/api/admin/audit/export").await?.code(), "invalid_query");
    Ok(())
}

#[tokio::test]
async fn deeds_at_the_same_time_are_all_on_record_in_one_chain() -> Result<()> {
    let stack = Stack::shared().await;
    let api = stack.api().with_token(&stack.seed().await?.user().await?);
    let body = json!({});
    let created = futures_util::future::join_all((0..8).map(|_| api.post("/api/sessions", &body))).await;
    for answer in created {
        answer?.expect(201)?;
    }
    let lines = api.get("/api/audit/export").await?.text;
    let told = verify(&lines, None)?;
    ensure!(told.as_ref().is_ok_and(|told| told.starts_with("8 records, unbroken")), "{told:?}");
    Ok(())
}
