//! Files: in and out, whole, checked, counted, and nobody else's.

use anyhow::{Context, Result};
use futures_util::StreamExt;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Api, LargeFile, Session, Stack, put_part};

const MIB: u64 = 1024 * 1024;
const SHA256_OF_EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A user of the test's own, with an id.
async fn newcomer(stack: &Stack) -> Result<(Api, String)> {
    let api = stack.api().with_token(&stack.seed().await?.user().await?);
    let session = api.post("/api/sessions", &json!({})).await?.expect(201)?;
    Ok((api, session["user_id"].as_str().context("a session has an owner")?.to_owned()))
}

async fn put(api: &Api, query: &str, content: impl Into<reqwest::Body>) -> Result<Answer> {
    let request = api.request(Method::POST, &format!("/api/files?{query}"));
    api.answer(request.header("content-type", "application/octet-stream").body(content)).await
}

/// Posts a form of these fields, as a browser writes it.
async fn form(api: &Api, fields: &[(&str, &[u8])]) -> Result<Answer> {
    let mut body = Vec::new();
    for (head, content) in fields {
        body.extend_from_slice(format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--x--\r\n");
    let request = api.request(Method::POST, "/api/files").header("content-type", "multipart/form-data; boundary=x");
    api.answer(request.body(body)).await
}

fn id(file: &Value) -> Result<&str> {
    file["id"].as_str().with_context(|| format!("a file has an id: {file}"))
}

async fn listed(api: &Api, query: &str) -> Result<Vec<String>> {
    let page = api.get(&format!("/api/files?{query}")).await?.expect(200)?;
    let files = page["files"].as_array().context("a page has files")?;
    Ok(files.iter().filter_map(|file| file["name"].as_str()).map(str::to_owned).collect())
}

async fn complete(api: &Api, id: &str) -> Result<Answer> {
    api.post(&format!("/api/files/{id}/complete"), &json!({})).await
}

#[tokio::test]
async fn a_small_file_comes_back_as_it_was_and_is_never_shown() -> Result<()> {
    let (api, user) = newcomer(Stack::shared().await).await?;
    let content: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    let file = put(&api, "name=se%C3%B1or/%F0%9F%99%82%20page.html&content_type=text/html", content.clone()).await?;
    let file = file.expect(201)?;
    assert_eq!((&file["name"], &file["size"]), (&json!("señor/🙂 page.html"), &json!(10_000)));
    assert_eq!((&file["status"], &file["content_type"]), (&json!("ready"), &json!("text/html")));
    assert!(id(&file)?.starts_with("fil_"));

    let path = format!("/api/files/{}", id(&file)?);
    let answer = api.request(Method::GET, &path).send().await?;
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert!(header("content-disposition").starts_with("attachment; "), "{:?}", answer.headers());
    assert!(header("content-disposition").ends_with("UTF-8''%F0%9F%99%82%20page.html"), "{:?}", answer.headers());
    assert_eq!((header("x-content-type-options"), header("accept-ranges")), ("nosniff", "bytes"));
    assert!(header("content-security-policy").contains("sandbox"));
    assert_eq!(answer.bytes().await?, content);

    let ranged = |range: &str| api.request(Method::GET, &path).header("range", range);
    let answer = ranged("bytes=100-199").send().await?;
    assert_eq!((answer.status().as_u16(), &answer.headers()["content-range"]), (206, &"bytes 100-199/10000".parse()?));
    assert_eq!(answer.bytes().await?, content[100..200]);
    assert_eq!(ranged("bytes=-5").send().await?.bytes().await?, content[9_995..]);
    let answer = api.answer(ranged("bytes=10000-")).await?;
    assert_eq!((answer.status, answer.code()), (416, "invalid_range"), "{}", answer.text);

    assert_eq!(api.get(&format!("{path}/meta")).await?.expect(200)?, file);
    assert_eq!(Stack::shared().await.seed().await?.file_usage(&user).await?, (10_000, 1));
    api.delete(&path).await?.expect(204)?;
    for path in [path.clone(), format!("{path}/meta")] {
        assert_eq!(api.get(&path).await?.code(), "file_not_found");
    }
    assert_eq!(api.delete(&path).await?.status, 404);
    assert_eq!(Stack::shared().await.seed().await?.file_usage(&user).await?, (0, 0));
    Ok(())
}

#[tokio::test]
async fn a_form_brings_a_file_with_its_own_name_and_type() -> Result<()> {
    let (api, _) = newcomer(Stack::shared().await).await?;
    let photo = ("name=\"file\"; filename=\"photo.png\"\r\nContent-Type: image/png", &[0xff, 0, 0xfe][..]);
    let file = form(&api, &[photo]).await?.expect(201)?;
    assert_eq!((&file["name"], &file["content_type"]), (&json!("photo.png"), &json!("image/png")));
    let content = api.request(Method::GET, &format!("/api/files/{}", id(&file)?)).send().await?.bytes().await?;
    assert_eq!(content[..], *photo.1);
    let named = form(&api, &[photo, ("name=\"name\"", b"album/one.png")]).await?.expect(201)?;
    assert_eq!(named["name"], "album/one.png");
    for fields in [&[("name=\"name\"", &b"nothing"[..])][..], &[photo, ("name=\"more\"", b"")]] {
        let answer = form(&api, fields).await?;
        assert_eq!((answer.status, answer.code()), (400, "invalid_body"), "{}", answer.text);
    }
    assert_eq!(listed(&api, "").await?, ["album/one.png", "photo.png"]);
    assert_eq!(listed(&api, "prefix=album/").await?, ["album/one.png"]);
    Ok(())
}

#[tokio::test]
async fn a_repeat_under_the_same_key_makes_no_second_file() -> Result<()> {
    let (api, _) = newcomer(Stack::shared().await).await?;
    let post = async |content: &'static str| {
        let request = api.request(Method::POST, "/api/files?name=a").header("idempotency-key", "k");
        api.answer(request.header("content-type", "application/octet-stream").body(content)).await
    };
    let first = post("one").await?.expect(201)?;
    let at_once = join_all((0..4).map(|_| post("one"))).await;
    for answer in at_once {
        assert_eq!(answer?.expect(201)?, first);
    }
    assert_eq!(post("two").await?.code(), "client_id_reused");
    assert_eq!(listed(&api, "").await?, ["a"]);
    Ok(())
}

#[tokio::test]
async fn what_is_no_file_is_refused_and_nothing_is_written() -> Result<()> {
    let (api, user) = newcomer(Stack::shared().await).await?;
    for (query, code) in [
        ("name=../etc/passwd", "invalid_name"),
        ("name=a%0Ab", "invalid_name"),
        ("name=", "invalid_name"),
        ("", "invalid_body"),
        ("name=a&content_type=html", "invalid_body"),
        ("name=a&checksum=md5:00", "invalid_checksum"),
        ("name=a&checksum=crc64nvme:0000000000000000", "invalid_checksum"),
        ("name=a&unknown=1", "invalid_query"),
    ] {
        let answer = put(&api, query, "text").await?;
        assert_eq!((answer.status, answer.code()), (400, code), "{query}: {}", answer.text);
    }
    let answer = put(&api, &format!("name=a&checksum={SHA256_OF_EMPTY}"), "text").await?;
    assert_eq!((answer.status, answer.code()), (422, "checksum_mismatch"), "{}", answer.text);
    let answer = put(&api, "name=a", vec![0; (4 * MIB + 1) as usize]).await?;
    assert_eq!((answer.status, answer.code()), (413, "file_too_large"), "{}", answer.text);
    let answer =
        api.answer(api.request(Method::POST, "/api/files?name=a").header("content-type", "image/png").body("a"));
    assert_eq!(answer.await?.code(), "unsupported_media_type");

    let whole = json!({ "name": "a", "size": 5, "checksum": "crc64nvme:0000000000000000" });
    for (field, value, status, code) in [
        ("name", json!("a/../b"), 400, "invalid_name"),
        ("size", json!(5 * 1024 * MIB + 1), 413, "file_too_large"),
        ("size", json!(0), 400, "invalid_body"),
        ("size", json!(-1), 400, "invalid_body"),
        ("checksum", json!(SHA256_OF_EMPTY), 400, "invalid_checksum"),
        ("checksum", json!("x"), 400, "invalid_checksum"),
        ("more", json!(1), 400, "invalid_body"),
    ] {
        let mut body = whole.clone();
        body[field] = value;
        let answer = api.post("/api/files", &body).await?;
        assert_eq!((answer.status, answer.code()), (status, code), "{body}: {}", answer.text);
    }
    assert_eq!((listed(&api, "").await?.len(), listed(&api, "status=pending").await?.len()), (0, 0));
    assert_eq!(Stack::shared().await.seed().await?.file_usage(&user).await?, (0, 0));
    Ok(())
}

#[tokio::test]
async fn a_file_of_5_mb_goes_up_in_a_part_and_comes_back() -> Result<()> {
    let (api, _) = newcomer(Stack::shared().await).await?;
    let large = LargeFile { size: 5 * MIB, seed: 5 };
    let file = large.begin(&api, "five.bin").await?;
    assert_eq!((&file["status"], &file["upload"]["part_count"]), (&json!("pending"), &json!(1)));
    assert_eq!(api.get(&format!("/api/files/{}", id(&file)?)).await?.code(), "upload_incomplete");
    large.put_missing(&api, id(&file)?).await?;
    assert_eq!(complete(&api, id(&file)?).await?.expect(200)?["status"], "ready");
    let answer = api.request(Method::GET, &format!("/api/files/{}", id(&file)?)).send().await?;
    assert_eq!(answer.bytes().await?, large.bytes(0, large.size));
    Ok(())
}

/// `FILES_TEST_BYTES` makes it larger: it was run with a gigabyte.
#[tokio::test]
async fn a_large_file_passes_no_functions_memory() -> Result<()> {
    let stack = Stack::start().await?;
    let api = stack.api();
    let size = std::env::var("FILES_TEST_BYTES").map_or(Ok(64 * MIB + 3), |bytes| bytes.parse())?;
    let large = LargeFile { size, seed: 1 };
    let file = large.begin(&api, "large.bin").await?;
    large.put_missing(&api, id(&file)?).await?;
    complete(&api, id(&file)?).await?.expect(200)?;

    let answer = api.request(Method::GET, &format!("/api/files/{}", id(&file)?)).send().await?;
    assert!(answer.status().is_success(), "{}", answer.status());
    assert!(!answer.url().as_str().starts_with(api.origin()), "it comes from the bucket: {}", answer.url());
    assert!(answer.headers()["content-disposition"].to_str()?.starts_with("attachment; filename=\"large.bin\""));
    // The function has done its part; it may be gone when the download is over.
    let processes = stack.processes()?;
    let functions: Vec<_> = processes.iter().filter(|process| process.command.trim_end().ends_with("/files")).collect();
    assert!(!functions.is_empty(), "{processes:?}");
    for process in functions {
        let status = std::fs::read_to_string(format!("/proc/{}/status", process.pid))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("a process has a peak")?;
        let kilobytes: u64 = peak.trim().trim_end_matches("kB").trim().parse()?;
        assert!(kilobytes < 64 * 1024, "the function took {kilobytes} kB");
    }
    let (mut stream, mut offset, mut kept) = (answer.bytes_stream(), 0, Vec::new());
    while let Some(chunk) = stream.next().await {
        kept.extend_from_slice(&chunk?);
        let whole = if offset + kept.len() as u64 == size { kept.len() } else { kept.len() / 8 * 8 };
        assert!(kept[..whole] == large.bytes(offset, whole as u64), "the content differs behind {offset}");
        offset += whole as u64;
        kept.drain(..whole);
    }
    assert_eq!(offset, size);
    Ok(())
}

#[tokio::test]
async fn an_interrupted_upload_is_resumed_and_completed_once_however_often_it_is_asked() -> Result<()> {
    let (api, user) = newcomer(Stack::shared().await).await?;
    let large = LargeFile { size: 16 * MIB + 5, seed: 2 };
    let file = large.begin(&api, "resumed.bin").await?;
    let id = id(&file)?;
    let parts = api.get(&format!("/api/files/{id}/parts")).await?.expect(200)?["parts"].clone();
    put_part(&parts[1], large.bytes(16 * MIB, 5)).await?;
    let answer = complete(&api, id).await?;
    assert_eq!((answer.status, answer.code()), (409, "upload_incomplete"), "{}", answer.text);
    assert_eq!(listed(&api, "status=pending").await?, ["resumed.bin"]);

    let parts = api.get(&format!("/api/files/{id}/parts")).await?.expect(200)?["parts"].clone();
    assert_eq!((&parts[0]["stored"], &parts[1]["stored"]), (&json!(false), &json!(true)));
    assert_eq!(large.put_missing(&api, id).await?, 1);
    let at_once = join_all((0..4).map(|_| complete(&api, id))).await;
    let ready = complete(&api, id).await?.expect(200)?;
    assert_eq!(ready["status"], "ready");
    for answer in at_once {
        assert_eq!(answer?.expect(200)?, ready);
    }
    assert_eq!(api.get(&format!("/api/files/{id}/parts")).await?.code(), "no_upload");
    assert_eq!(Stack::shared().await.seed().await?.file_usage(&user).await?, (large.size, 1));
    Ok(())
}

#[tokio::test]
async fn parts_that_make_something_else_are_refused_until_they_are_right() -> Result<()> {
    let (api, _) = newcomer(Stack::shared().await).await?;
    let large = LargeFile { size: MIB, seed: 3 };
    let file = large.begin(&api, "checked.bin").await?;
    let id = id(&file)?;
    let parts = api.get(&format!("/api/files/{id}/parts")).await?.expect(200)?["parts"].clone();
    put_part(&parts[0], LargeFile { seed: 4, ..large }.bytes(0, MIB)).await?;
    let answer = complete(&api, id).await?;
    assert_eq!((answer.status, answer.code()), (422, "checksum_mismatch"), "{}", answer.text);
    assert_eq!(listed(&api, "").await?, [""; 0]);
    put_part(&parts[0], large.bytes(0, MIB)).await?;
    assert_eq!(complete(&api, id).await?.expect(200)?["status"], "ready");
    Ok(())
}

#[tokio::test]
async fn a_completion_that_died_between_bucket_and_table_is_finished_by_its_repeat() -> Result<()> {
    let stack = Stack::shared().await;
    let (api, user) = newcomer(stack).await?;
    let large = LargeFile { size: MIB, seed: 6 };
    let file = large.begin(&api, "died.bin").await?;
    let id = id(&file)?;
    large.put_missing(&api, id).await?;
    stack.seed().await?.half_complete(&user, id).await?;
    assert_eq!(api.get(&format!("/api/files/{id}/meta")).await?.expect(200)?["status"], "pending");
    assert_eq!(complete(&api, id).await?.expect(200)?["status"], "ready");
    let content = api.request(Method::GET, &format!("/api/files/{id}")).send().await?.bytes().await?;
    assert_eq!(content, large.bytes(0, MIB));
    Ok(())
}

#[tokio::test]
async fn an_upload_that_nobody_goes_on_with_is_removed_after_a_day_with_its_parts() -> Result<()> {
    let stack = Stack::shared().await;
    let (api, user) = newcomer(stack).await?;
    let large = LargeFile { size: MIB, seed: 7 };
    let old = stack.seed().await?.abandoned_upload(&user, "old.bin", MIB).await?;
    let part = api.get(&format!("/api/files/{old}/parts")).await?.expect(200)?["parts"][0].clone();
    put_part(&part, large.bytes(0, MIB)).await?;
    let fresh = large.begin(&api, "fresh.bin").await?;

    stack.invoke("FilesSweepFunction", &json!({})).await?;
    assert_eq!(listed(&api, "status=pending").await?, ["fresh.bin"]);
    assert_eq!(api.get(&format!("/api/files/{old}/meta")).await?.status, 404);
    assert_eq!(stack.seed().await?.file_usage(&user).await?, (MIB, 1));
    let late = put_part(&part, large.bytes(0, MIB)).await.expect_err("the upload is gone");
    assert!(late.to_string().contains("404"), "{late}");
    large.put_missing(&api, id(&fresh)?).await?;
    assert_eq!(complete(&api, id(&fresh)?).await?.expect(200)?["status"], "ready");
    Ok(())
}

#[tokio::test]
async fn a_quota_counts_uploads_from_their_beginning_and_deletions_give_room() -> Result<()> {
    let (api, _) = newcomer(Stack::shared().await).await?;
    let body = json!({ "name": "large", "size": 5 * 1024 * MIB, "checksum": "crc64nvme:0000000000000000" });
    let mut begun = Vec::new();
    for _ in 0..4 {
        begun.push(api.post("/api/files", &body).await?.expect(201)?);
    }
    let answer = api.post("/api/files", &body).await?;
    assert_eq!((answer.status, answer.code()), (409, "quota_exceeded"), "{}", answer.text);
    assert_eq!(put(&api, "name=small", "text").await?.code(), "quota_exceeded");
    api.delete(&format!("/api/files/{}", id(&begun[0])?)).await?.expect(204)?;
    put(&api, "name=small", "text").await?.expect(201)?;
    Ok(())
}

#[tokio::test]
async fn ten_thousand_files_are_listed_page_by_page() -> Result<()> {
    const MANY: usize = 10_000;
    // Of its own: so many transactions make the embedded database slow for whoever shares it.
    let stack = Stack::start().await?;
    let (api, user) = newcomer(&stack).await?;
    stack.seed().await?.files(&user, MANY).await?;
    let (mut names, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = api.get(&format!("/api/files?limit=100{cursor}")).await?.expect(200)?;
        let files = page["files"].as_array().context("a page has files")?;
        names.extend(files.iter().filter_map(|file| file["name"].as_str()).map(str::to_owned));
        pages += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let newest_first: Vec<String> = (0..MANY).rev().map(|number| format!("many/{number:05}")).collect();
    assert_eq!((names.len(), pages), (MANY, MANY / 100));
    assert!(names == newest_first, "each once, newest first");
    assert_eq!(listed(&api, "prefix=many/00042").await?, ["many/00042"], "the oldest among them is found by its name");
    Ok(())
}

#[tokio::test]
async fn another_users_file_is_not_there() -> Result<()> {
    let stack = Stack::shared().await;
    let ((mine, _), (other, _)) = (newcomer(stack).await?, newcomer(stack).await?);
    let file = put(&mine, "name=mine", "secret").await?.expect(201)?;
    let path = format!("/api/files/{}", id(&file)?);
    for path in [path.clone(), format!("{path}/meta"), format!("{path}/parts")] {
        let answer = other.get(&path).await?;
        assert_eq!((answer.status, answer.code()), (404, "file_not_found"), "{path}");
        assert_eq!(stack.stranger().get(&path).await?.status, 401, "{path}");
    }
    assert_eq!(other.delete(&path).await?.code(), "file_not_found");
    assert_eq!(complete(&other, id(&file)?).await?.code(), "file_not_found");
    assert_eq!(listed(&other, "").await?, [""; 0]);
    assert_eq!(mine.get(&path).await?.text, "secret");
    Ok(())
}

#[tokio::test]
async fn an_attached_file_lies_in_the_workspace_before_the_agent_reads_it() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    let file =
        put(&session.api, "name=notes/a%20b.txt&content_type=text/plain", "words of the user").await?.expect(201)?;
    let directive = r#"[[tool bash {"command":"cat 'attachments/1/a b.txt'","description":"read it"}]][[text n=1]]"#;
    let body = json!({ "content": directive, "attachments": [id(&file)?], "client_id": "once" });
    let accepted = session.post(&body).await?.expect(202)?;
    assert_eq!(accepted["message"]["attachments"][0]["name"], "notes/a b.txt");
    let mut viewer = session.follow(0).await?;
    viewer.until(|seen| seen.name == "turn.completed").await?;
    let answer = session.answer(1).await?;
    assert_eq!(answer["tool_calls"][0]["output"].as_str().map(str::trim), Some("words of the user"), "{answer}");
    assert_eq!(session.history().await?[0]["attachments"], accepted["message"]["attachments"]);

    // A repeat gets the first answer, even when the file is gone by now.
    session.api.delete(&format!("/api/files/{}", id(&file)?)).await?.expect(204)?;
    assert_eq!(session.post(&body).await?.expect(202)?["turn"], 1);
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_not_the_callers_is_not_attached_and_nothing_is_written() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    let (other, _) = newcomer(stack).await?;
    let foreign = put(&other, "name=foreign", "secret").await?.expect(201)?;
    let pending = LargeFile { size: MIB, seed: 7 }.begin(&session.api, "pending").await?;
    for id in [id(&foreign)?, id(&pending)?, "fil_01JQ0000000000000000000000"] {
        let answer = session.post(&json!({ "content": "a", "attachments": [id] })).await?;
        assert_eq!((answer.status, answer.code()), (404, "file_not_found"), "{id}: {}", answer.text);
    }
    let many = vec!["fil_01JQ0000000000000000000000"; 11];
    assert_eq!(session.post(&json!({ "content": "a", "attachments": many })).await?.code(), "attachments_too_large");
    assert_eq!((session.head().await?, session.history().await?.len()), (0, 0), "nothing was written");
    Ok(())
}
