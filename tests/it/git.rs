//! A session's repository: cloned, pushed to, and no secret of it in the sandbox.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::{Integration, Options, Session, Stack, Task};

const MODEL_KEY: &str = "planted-model-key-0123456789";

fn bash(command: &str) -> String {
    let arguments = json!({ "command": command, "description": "d" });
    format!("[[tool bash {arguments}]]")
}

/// What a program that looks at the fake's own repository says.
fn git(stack: &Stack, repository: &str, arguments: &[&str]) -> Result<String> {
    let bare = stack.home().join("fakes/git").join(repository);
    let output = Command::new("git").arg("--git-dir").arg(bare).args(arguments).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// Every file below a folder, links not followed.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let below = |entry: std::fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => files(&entry.path()),
        Ok(kind) if kind.is_file() => vec![entry.path()],
        _ => Vec::new(),
    };
    entries.flat_map(below).collect()
}

/// What no part of the agent's container may hold: the runner's token, the model's key, and
/// every token that GitHub's fake has given out.
fn secrets(stack: &Stack, task: &Task) -> Result<Vec<String>> {
    let mut secrets = vec![task.runner()?.variable("RUNNER_TOKEN")?, MODEL_KEY.to_owned()];
    let github: Value = serde_json::from_slice(&std::fs::read(stack.home().join("fakes/github.json"))?)?;
    secrets.extend(github["tokens"].as_object().context("the fake has tokens")?.keys().cloned());
    ensure!(secrets.len() > 3, "the fake gave out no token for git");
    Ok(secrets)
}

/// Fails if the agent's processes or files hold any of these.
fn holds_none(task: &Task, secrets: &[String]) -> Result<usize> {
    let mut seen = 0;
    let mut look = |what: String, bytes: &[u8]| -> Result<()> {
        seen += 1;
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            ensure!(!found, "{what} holds {}…", &secret[..8.min(secret.len())]);
        }
        Ok(())
    };
    let runner = task.runner()?;
    for process in task.processes()?.into_iter().filter(|process| *process != runner) {
        for part in ["environ", "cmdline"] {
            let bytes = std::fs::read(format!("/proc/{}/{part}", process.pid)).unwrap_or_default();
            look(format!("{part} of {}", process.command), &bytes)?;
        }
    }
    let folder = task.workspace().parent().context("a task has a folder")?.to_owned();
    for root in [folder.join("workspace"), folder.join("data"), folder.join("containers/opencode")] {
        for file in files(&root) {
            look(file.display().to_string(), &std::fs::read(&file).unwrap_or_default())?;
        }
    }
    Ok(seen)
}

#[tokio::test]
async fn an_agent_clones_and_pushes_and_no_secret_is_in_its_reach() -> Result<()> {
    let settings = vec![("MODEL_API_KEY".to_owned(), MODEL_KEY.to_owned())];
    let stack = Stack::start_with(Options { settings, ..Options::default() }).await?;
    Integration::connect(&stack.api(), "github", "login=octo-dev").await?;
    let body = json!({ "workspace": "/workspace/billing", "repository": "octo-dev/billing" });
    let session = Session::create_as(&stack, stack.api(), &body).await?;
    assert_eq!(session.view().await?["repository"], "octo-dev/billing");

    let work = "cat README.md && git config remote.origin.url && echo more > more.txt && git add . && git commit --quiet -m work \
                && git push --quiet origin HEAD:refs/heads/work && git fetch --quiet && git branch -r && env && echo pushed";
    let mut running = session.stream(&format!("{}[[text n=40 delay=50]]", bash(work))).await?;
    // The tool is done, the turn is not.
    running.until(|seen| seen.value["part"]["status"] == "completed").await?;
    let task = session.task()?;
    let secrets_then = secrets(&stack, &task)?;
    assert!(holds_none(&task, &secrets_then)? > 20, "during the turn");
    let turn = running.to_end().await?;
    assert!(turn.completed(), "{}", turn.names());
    let output = session.answer(1).await?["tool_calls"][0]["output"].as_str().context("an output")?.to_owned();
    assert!(output.starts_with("# octo-dev/billing\nhttps://github.com/octo-dev/billing.git\n"), "{output}");
    assert!(output.contains("origin/work") && output.trim_end().ends_with("pushed"), "{output}");
    assert_eq!(git(&stack, "octo-dev+billing.git", &["show", "work:more.txt"])?, "more\n");
    assert!(holds_none(&task, &secrets(&stack, &task)?)? > 20, "after the turn");
    for secret in &secrets_then {
        assert!(!output.contains(secret.as_str()), "in what the agent printed");
    }

    // Nobody else's repository is behind the gateway, whatever the agent asks for.
    let elsewhere = "G=$(git config --global --get-regexp 'url.*' | head -1 | sed 's/url.//; s/octo-dev.billing.*//'); \
                     git ls-remote ${G}mona-lisa/gallery 2>&1; git ls-remote ${G}octo-dev/hello-world 2>&1; echo end";
    assert!(session.run(&format!("{}[[text n=1]]", bash(elsewhere))).await?.completed());
    let output = session.answer(2).await?["tool_calls"][0]["output"].as_str().context("an output")?.to_owned();
    assert!(output.trim_end().ends_with("end") && !output.contains("refs/heads/main"), "{output}");
    Ok(())
}

#[tokio::test]
async fn a_repository_that_is_out_of_reach_is_said_and_the_agent_works_without() -> Result<()> {
    let stack = Stack::shared().await;
    let api = stack.api().with_token(&stack.seed().await?.user().await?);
    for bad in ["no-repository", "https://evil.example/a/b", "a/../b"] {
        let refused = api.post("/api/sessions", &json!({ "repository": bad })).await?;
        assert_eq!((refused.status, refused.code()), (400, "invalid_repository"), "{bad}");
    }
    let body = json!({ "workspace": "/workspace/x", "repository": "octo-dev/billing" });
    let session = Session::create_as(stack, api, &body).await?;
    let mut viewer = session.follow(0).await?;
    assert!(session.run(&format!("{}[[text n=1]]", bash("ls -A"))).await?.completed());
    viewer.until(|seen| seen.value["code"] == "repository_unavailable").await?;
    let told = viewer.record.of("workspace.warning").next().context("a warning")?;
    assert!(
        told.value["message"].as_str().is_some_and(|message| message.contains("connect a GitHub account")),
        "{}",
        told.value
    );
    Ok(())
}
