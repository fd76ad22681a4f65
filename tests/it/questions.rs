//! The agent asks, the user answers.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests::{Session, SseViewer, Stack};

const TOOL: &str = r#"[[tool bash {"command":"echo done > done.txt","description":"d"}]][[text n=2]]"#;

/// A session in which `bash` needs consent, and its turn at the point where it is asked for.
async fn asked(stack: &Stack) -> Result<(Session, SseViewer, String)> {
    let body = json!({ "workspace": "/workspace/project", "permissions": { "bash": "ask" } });
    let session = Session::create_as(stack, stack.api(), &body).await?;
    let mut viewer = session.stream(TOOL).await?;
    let seen = viewer.until_type("permission.asked").await?;
    let permission = &seen.value["permission"];
    assert_eq!(permission["permission"], "bash", "{permission}");
    let id = permission["id"].as_str().context("a permission has an id")?.to_owned();
    Ok((session, viewer, id))
}

async fn answer(session: &Session, id: &str, reply: &Value) -> Result<()> {
    session.api.post(&session.path(&format!("/permissions/{id}")), reply).await?.expect(202)?;
    Ok(())
}

#[tokio::test]
async fn with_consent_the_tool_runs() -> Result<()> {
    let (session, mut viewer, id) = asked(Stack::shared().await).await?;
    let file = session.task()?.workspace().join("project/done.txt");
    assert!(!file.exists(), "not before consent");
    answer(&session, &id, &json!({ "reply": "once" })).await?;
    let answered = viewer.until_type("permission.answered").await?;
    assert_eq!(answered.value["permission_id"], id.as_str());
    let turn = viewer.to_end().await?;
    assert!(turn.completed() && file.exists(), "{}", turn.names());
    assert_eq!(session.answer(1).await?["tool_calls"][0]["status"], "completed");
    Ok(())
}

#[tokio::test]
async fn without_consent_the_tool_does_not_run() -> Result<()> {
    let (session, viewer, id) = asked(Stack::shared().await).await?;
    answer(&session, &id, &json!({ "reply": "reject", "message": "not that one" })).await?;
    let turn = viewer.to_end().await?;
    assert!(turn.has("permission.answered"), "{}", turn.names());
    let stored = session.answer(1).await?;
    turn.assert_tells(&stored)?;
    assert_eq!(stored["tool_calls"][0]["status"], "error");
    assert!(!session.task()?.workspace().join("project/done.txt").exists());
    Ok(())
}

#[tokio::test]
async fn a_turn_that_waits_for_consent_can_be_stopped() -> Result<()> {
    let (session, viewer, _) = asked(Stack::shared().await).await?;
    assert_eq!(session.abort().await?.status, 202);
    let turn = viewer.to_end().await?;
    assert!(turn.has("turn.aborted"), "{}", turn.names());
    assert!(session.run("[[text n=1]]").await?.completed());
    Ok(())
}

#[tokio::test]
async fn a_denied_tool_is_not_there() -> Result<()> {
    let stack = Stack::shared().await;
    let body = json!({ "workspace": "/workspace/project", "permissions": { "bash": "deny" } });
    let session = Session::create_as(stack, stack.api(), &body).await?;
    let turn = session.run(TOOL).await?;
    assert!(!turn.has("permission.asked") && turn.0.last().is_some_and(|seen| seen.ends_turn()), "{}", turn.names());
    assert!(!session.task()?.workspace().join("project/done.txt").exists());
    Ok(())
}

#[tokio::test]
async fn a_question_reaches_the_user_and_the_answer_reaches_the_agent() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let question = json!({ "questions": [{ "question": "Which database?", "header": "Database",
        "options": [{ "label": "pg", "description": "a" }, { "label": "mysql", "description": "b" }] }] });
    let mut socket = session.socket(0).await?;
    session.send(&format!("[[tool question {question}]][[text n=1]]")).await?;
    let asked = socket.until_type("question.asked").await?;
    let id = asked.value["question"]["id"].as_str().context("a question has an id")?.to_owned();
    assert_eq!(asked.value["question"]["questions"][0]["options"][0]["label"], "pg");
    socket.send(&json!({ "action": "question", "question_id": id, "answers": [["pg"]] })).await?;
    let answered = socket.until_type("question.answered").await?;
    assert_eq!(answered.value["answers"], json!([["pg"]]));
    socket.until_type("turn.completed").await?;
    let output = session.answer(1).await?["tool_calls"][0]["output"].clone();
    assert!(output.as_str().is_some_and(|output| output.contains("pg")), "{output}");
    Ok(())
}

#[tokio::test]
async fn the_agents_list_of_work_is_told() -> Result<()> {
    let session = Session::create(Stack::shared().await).await?;
    let todos = json!({ "todos": [{ "id": "1", "content": "first", "status": "in_progress", "priority": "high" }] });
    let turn = session.run(&format!("[[tool todowrite {todos}]][[text n=1]]")).await?;
    let told = turn.of("todo.updated").next().with_context(|| turn.names())?;
    assert_eq!(
        (&told.value["todos"][0]["content"], &told.value["todos"][0]["status"]),
        (&json!("first"), &json!("in_progress"))
    );
    Ok(())
}
