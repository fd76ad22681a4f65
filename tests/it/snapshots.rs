//! What a sandbox leaves behind, and what the next one begins with.

use anyhow::{Context, Result};
use reqwest::Client;
use serde_json::Value;
use tests::{Options, Process, Session, Snapshots, Stack, Task};
use tokio::sync::OnceCell;

/// A stack whose sandboxes leave after seconds and whose agent does not wait long for an answer.
async fn hasty() -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    let start = || {
        let settings = [("IDLE_STOP_SECONDS", "3"), ("ANSWER_SECONDS", "3")];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Stack::start_with(Options { settings, ..Options::default() })
    };
    STACK.get_or_try_init(start).await.expect("the stack starts")
}

fn bash(command: &str) -> String {
    let arguments = serde_json::json!({ "command": command, "description": "d" });
    format!("[[tool bash {arguments}]][[text n=2]]")
}

/// What the first tool of a turn put out.
async fn output(session: &Session, turn: u64) -> Result<String> {
    let answer = session.answer(turn).await?;
    Ok(answer["tool_calls"][0]["output"].as_str().with_context(|| answer.to_string())?.to_owned())
}

/// The texts of OpenCode's own sessions, each with its session's id.
async fn memory(opencode: &Process) -> Result<Vec<(String, String)>> {
    let environment = std::fs::read(format!("/proc/{}/environ", opencode.pid))?;
    let environment = String::from_utf8_lossy(&environment).into_owned();
    let password = environment.split('\0').find_map(|variable| variable.strip_prefix("OPENCODE_SERVER_PASSWORD="));
    let port = opencode.command.split_whitespace().skip_while(|word| *word != "--port").nth(1).context("no port")?;
    let folder = std::fs::read_link(format!("/proc/{}/cwd", opencode.pid))?;
    let client = Client::builder().no_proxy().build()?;
    let get = async |path: String| -> Result<Value> {
        let request = client.get(format!("http://127.0.0.1:{port}{path}")).basic_auth("opencode", password);
        let request = request.query(&[("directory", folder.to_string_lossy())]);
        Ok(request.send().await?.error_for_status()?.json().await?)
    };
    let mut texts = Vec::new();
    for session in get("/session".to_owned()).await?.as_array().context("sessions are a list")? {
        let id = session["id"].as_str().context("a session has an id")?;
        assert_eq!(session["directory"], folder.to_string_lossy().as_ref(), "the agent works in its own sandbox");
        let messages = get(format!("/session/{id}/message")).await?;
        let parts = messages.as_array().into_iter().flatten().flat_map(|message| message["parts"].as_array()).flatten();
        texts.extend(parts.filter_map(|part| part["text"].as_str()).map(|text| (id.to_owned(), text.to_owned())));
    }
    Ok(texts)
}

/// Kills the session's sandbox, and waits until that is known.
async fn kill(session: &Session) -> Result<()> {
    let mut viewer = session.follow(session.head().await?).await?;
    let task = session.task()?;
    for process in [task.runner()?, task.opencode()?] {
        process.signal("KILL")?;
    }
    viewer.until(|seen| seen.value["state"] == "lost").await?;
    task.ended().await
}

#[tokio::test]
async fn a_killed_sandbox_leaves_its_files_and_its_memory_to_the_next() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    let first =
        bash("mkdir -p 'büro/leer' && echo kept > büro/file && ln -s büro/file link && echo x > run && chmod +x run");
    assert!(session.run(&format!("remember the blue door {first}")).await?.completed());
    let snapshots = Snapshots::of(stack, &session).await?;
    snapshots.reached(1).await?;
    kill(&session).await?;

    let second = session.run(&bash("cat link && ls -d büro/leer && test -x run && pwd && echo whole")).await?;
    assert!(second.completed(), "{}", second.names());
    let output = output(&session, 2).await?;
    assert!(output.starts_with("kept\nbüro/leer\n") && output.ends_with("whole\n"), "{output}");
    let next = session.task()?;
    assert!(output.contains(&next.id), "tools run in the new sandbox: {output}");
    let texts = memory(&next.opencode()?).await?;
    let is_first = |text: &str| text.contains("remember the blue door");
    let is_second = |text: &str| text.contains("echo whole");
    let of = |is: &dyn Fn(&str) -> bool| texts.iter().find(|(_, text)| is(text)).map(|(id, _)| id.clone());
    assert!(of(&is_first).is_some() && of(&is_first) == of(&is_second), "one session has both turns: {texts:?}");
    snapshots.reached(2).await?;
    Ok(())
}

#[tokio::test]
async fn an_idle_sandbox_leaves_and_the_next_message_finds_its_files() -> Result<()> {
    let stack = hasty().await;
    let session = Session::create(stack).await?;
    let mut viewer = session.follow(0).await?;
    // What the agent leaves running may change files after its turn.
    let first = session
        .run(&bash("echo kept > file; setsid sh -c 'sleep 1; echo late > late; sleep 1000' > /dev/null 2>&1 & echo"))
        .await?;
    assert!(first.completed(), "{}", first.names());
    let processes = session.task()?.processes()?;
    viewer.until(|seen| seen.value["state"] == "stopped").await?;
    tests::wait_until_gone(&processes).await?;
    assert_eq!(session.view().await?["status"], "idle");
    assert!(!viewer.record.has("turn.failed"), "{}", viewer.record.names());

    let second = session.run(&bash("cat file late")).await?;
    assert!(second.completed(), "{}", second.names());
    assert_eq!(output(&session, 2).await?, "kept\nlate\n");
    assert_eq!(Task::all_of(stack.home(), &session.id)?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_permission_that_nobody_answers_expires_and_the_turn_goes_on() -> Result<()> {
    let stack = hasty().await;
    let body = serde_json::json!({ "workspace": "/workspace/project", "permissions": { "bash": "ask" } });
    let session = Session::create_as(stack, stack.api(), &body).await?;
    let turn = session.run(&bash("echo done > done.txt")).await?;
    assert!(turn.completed(), "{}", turn.names());
    let asked = turn.of("permission.asked").next().context("nothing was asked")?;
    let expired = turn.of("permission.expired").next().with_context(|| turn.names())?;
    assert_eq!(expired.value["permission_id"], asked.value["permission"]["id"]);
    assert!(expired.value["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
    assert!(!turn.has("permission.answered"), "{}", turn.names());
    let stored = session.answer(1).await?;
    turn.assert_tells(&stored)?;
    assert_eq!(stored["tool_calls"][0]["status"], "error");
    assert!(stored["content"].as_str().is_some_and(|text| !text.is_empty()), "the agent goes on: {stored}");
    assert!(!session.task()?.workspace().join("project/done.txt").exists());
    let path = session.path(&format!("/permissions/{}", asked.value["permission"]["id"].as_str().unwrap_or_default()));
    session.api.post(&path, &serde_json::json!({ "reply": "once" })).await?.expect(202)?;
    assert!(session.run("[[text n=1]]").await?.completed(), "an answer that comes too late does no harm");
    Ok(())
}

#[tokio::test]
async fn a_runner_killed_in_the_middle_of_an_upload_leaves_the_snapshot_before() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    assert!(session.run(&bash("echo first > file")).await?.completed());
    let snapshots = Snapshots::of(stack, &session).await?;
    snapshots.reached(1).await?;
    assert!(session.run(&bash("echo second > file; head -c 300000000 /dev/urandom > noise")).await?.completed());
    snapshots.upload_begun().await?;
    kill(&session).await?;
    assert_eq!(snapshots.version().await?, 1, "the upload had ended already");

    let next = session.run(&bash("cat file; ls")).await?;
    assert!(next.completed(), "{}", next.names());
    assert_eq!(output(&session, 3).await?, "first\nfile\n");
    snapshots.reached(2).await?;
    Ok(())
}

#[tokio::test]
async fn a_snapshot_that_is_missing_fails_the_turn_and_is_found_when_it_is_back() -> Result<()> {
    let stack = hasty().await;
    let session = Session::create(stack).await?;
    let mut viewer = session.follow(0).await?;
    assert!(session.run(&bash("echo kept > file")).await?.completed());
    viewer.until(|seen| seen.value["state"] == "stopped").await?;
    let objects = Snapshots::of(stack, &session).await?.objects()?;
    let [object] = &objects[..] else { panic!("one snapshot counts, and the others are deleted: {objects:?}") };
    let away = object.with_extension("away");
    std::fs::rename(object, &away)?;

    let failed = session.run(&bash("ls")).await?;
    let end = failed.of("turn.failed").next().with_context(|| failed.names())?;
    assert_eq!(end.value["error"]["code"], "restore_failed", "never an empty workspace");
    viewer.until(|seen| seen.value["state"] == "stopped").await?;
    std::fs::rename(&away, object)?;
    assert!(session.run(&bash("cat file")).await?.completed());
    assert_eq!(output(&session, 3).await?, "kept\n");
    Ok(())
}
