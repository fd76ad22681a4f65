//! What the agent made, as its user finds it.

use std::io::Read;

use anyhow::{Context, Result};
use serde_json::Value;
use tests::{Session, Snapshots, Stack};

fn bash(command: &str) -> String {
    let arguments = serde_json::json!({ "command": command, "description": "d" });
    format!("[[tool bash {arguments}]][[text n=2]]")
}

/// A folder of the workspace, whole.
async fn folder(session: &Session, path: &str) -> Result<Vec<Value>> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page =
            session.api.get(&session.path(&format!("/workspace?path={path}&limit=2{cursor}"))).await?.expect(200)?;
        all.extend(page["entries"].as_array().context("no entries")?.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(all),
        }
    }
}

fn row(entry: &Value) -> (&str, &str, Option<u64>) {
    (entry["path"].as_str().unwrap_or_default(), entry["kind"].as_str().unwrap_or_default(), entry["size"].as_u64())
}

#[tokio::test]
async fn what_the_agent_made_is_listed_and_got_with_and_without_a_sandbox() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    let before = session.api.get(&session.path("/workspace")).await?.expect(200)?;
    assert_eq!((&before["entries"], &before["version"]), (&serde_json::json!([]), &serde_json::json!(0)));
    assert_eq!(session.api.get(&session.path("/workspace/archive")).await?.status, 404);

    let made = "mkdir -p src/deep && echo one > src/a.txt && head -c 3000000 /dev/urandom > noise && printf 'ü' > src/ü \
                && chmod +x src/a.txt && ln -s a.txt src/link && cp noise src/deep/again && echo '<b>' > page.html";
    let mut viewer = session.follow(session.head().await?).await?;
    assert!(session.run(&bash(made)).await?.completed());
    let snapshots = Snapshots::of(stack, &session).await?;
    snapshots.reached(1).await?;
    viewer.until(|seen| seen.value["type"] == "workspace.updated").await?;

    let root = folder(&session, "").await?;
    assert_eq!(
        root.iter().map(row).collect::<Vec<_>>(),
        [("noise", "file", Some(3_000_000)), ("page.html", "file", Some(4)), ("src", "folder", None)]
    );
    let src = folder(&session, "src").await?;
    assert_eq!(
        src.iter().map(row).collect::<Vec<_>>(),
        [
            ("src/a.txt", "file", Some(4)),
            ("src/deep", "folder", None),
            ("src/link", "link", None),
            ("src/ü", "file", Some(2))
        ]
    );
    assert!(src[0]["executable"] == true && src[2]["target"] == "a.txt");

    let get = async |path: &str| session.api.get(&session.path(&format!("/workspace?path={path}"))).await;
    let page = get("page.html").await?;
    assert_eq!((page.status, page.text.as_str()), (200, "<b>\n"));
    assert!(page.headers["content-disposition"].to_str()?.starts_with("attachment"), "it is saved, never shown");
    assert_eq!(page.headers["content-type"], "application/octet-stream");
    assert_eq!(get("src/%C3%BC").await?.text, "ü");
    let bytes = |path: &str| {
        session.api.request(reqwest::Method::GET, &session.path(&format!("/workspace?path={path}"))).send()
    };
    let (noise, again) = (bytes("noise").await?.bytes().await?, bytes("src/deep/again").await?.bytes().await?);
    assert!(noise.len() == 3_000_000 && noise == again, "each lies in a frame of its own");
    for (path, status, code) in [
        ("nothing", 404, "path_not_found"),
        ("../project", 400, "invalid_path"),
        ("src//a.txt", 400, "invalid_path"),
        ("src/link", 400, "invalid_path"),
        ("src/a.txt/x", 404, "path_not_found"),
    ] {
        let refused = get(path).await?;
        assert_eq!((refused.status, refused.code()), (status, code), "{path}");
    }
    let other = stack.api().with_token(&stack.seed().await?.user().await?);
    for below in ["/workspace", "/workspace/archive", "/turns/1/diff"] {
        let refused = other.get(&session.path(below)).await?;
        assert_eq!((refused.status, refused.code()), (404, "session_not_found"), "{below}");
    }

    let archive = session.api.request(reqwest::Method::GET, &session.path("/workspace/archive")).send().await?;
    let archive = archive.error_for_status()?.bytes().await?;
    let mut names = Vec::new();
    for entry in tar::Archive::new(zstd::Decoder::new(&archive[..])?).entries()? {
        let mut entry = entry?;
        let name = entry.path()?.display().to_string();
        if name == "workspace/project/src/a.txt" {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            assert_eq!(text, "one\n");
        }
        names.push(name);
    }
    assert!(names.iter().any(|name| name == "workspace/project/src/a.txt"), "{names:?}");

    // The list is the snapshot's, so it needs no sandbox.
    session.task()?.runner()?.signal("KILL")?;
    viewer.until(|seen| seen.value["state"] == "lost").await?;
    assert_eq!(folder(&session, "src").await?, src);
    Ok(())
}

#[tokio::test]
async fn a_turns_diff_says_what_it_changed_and_stays() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    let snapshots = Snapshots::of(stack, &session).await?;
    let diff = async |turn: u64| session.api.get(&session.path(&format!("/turns/{turn}/diff"))).await;
    assert!(session.run(&bash("printf 'one\\ntwo\\n' > a.txt; echo x > gone")).await?.completed());
    snapshots.reached(1).await?;
    assert!(session.run(&bash("printf 'one\\n2\\n' > a.txt; rm gone; printf 'a\\0b' > image")).await?.completed());
    snapshots.reached(2).await?;
    assert!(session.run("[[text n=1]]").await?.completed());
    snapshots.reached(3).await?;

    let first = diff(1).await?.expect(200)?;
    let rows = |diff: &Value| -> Vec<(String, String)> {
        let files = diff["files"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        files.map(|file| (text(&file["path"]), text(&file["change"]))).collect()
    };
    let named = |rows: &[(&str, &str)]| -> Vec<(String, String)> {
        rows.iter().map(|(path, change)| ((*path).to_owned(), (*change).to_owned())).collect()
    };
    assert_eq!(rows(&first), named(&[("a.txt", "added"), ("gone", "added")]));
    let second = diff(2).await?.expect(200)?;
    assert_eq!(rows(&second), named(&[("a.txt", "modified"), ("gone", "deleted"), ("image", "added")]));
    assert_eq!(second["files"][0]["patch"], "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n");
    let none = diff(3).await?;
    assert_eq!((none.status, none.code()), (404, "diff_not_found"));

    // A sandbox that is brought back compares with what it was brought back from.
    session.task()?.runner()?.signal("KILL")?;
    session.follow(0).await?.until(|seen| seen.value["state"] == "lost").await?;
    assert!(session.run(&bash("echo more >> a.txt")).await?.completed());
    snapshots.reached(4).await?;
    assert_eq!(rows(&diff(4).await?.expect(200)?), named(&[("a.txt", "modified")]));
    assert_eq!(diff(1).await?.expect(200)?, first);
    Ok(())
}
