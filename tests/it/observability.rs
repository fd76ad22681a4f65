//! What the operator sees of a turn: metrics and lines of the log.

use std::collections::BTreeSet;

use anyhow::Result;
use domain::metric::Metric;
use serde_json::Value;
use tests::{Session, Stack};

/// The JSON lines of a function's log.
fn lines(stack: &Stack, function: &str) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(stack.home().join(format!("logs/{function}.log")))?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

#[tokio::test]
async fn a_turn_is_measured_and_its_lines_name_session_turn_and_request() -> Result<()> {
    let stack = Stack::shared().await;
    let session = Session::create(stack).await?;
    session.run("[[text n=3]]").await?;
    // The second one begins when the first has been put by, with all that is told of it.
    session.run("[[text n=1]]").await?;

    let told = lines(stack, "agent-socket")?;
    let metrics: BTreeSet<&str> =
        told.iter().filter_map(|line| line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"].as_str()).collect();
    for metric in [Metric::Turns, Metric::StartTime, Metric::TimeToFirstToken, Metric::BatchDelay] {
        assert!(metrics.contains(metric.name()), "{} is not among {metrics:?}", metric.name());
    }
    let completed = told.iter().find(|line| line["Turns"] == 1.0 && line["Outcome"] == "completed");
    assert_eq!(completed.unwrap()["_aws"]["CloudWatchMetrics"][0]["Namespace"], "AgentOps/agent-ops");

    let ended =
        told.iter().find(|line| line["message"] == "turn completed" && line["session.id"] == session.id.as_str());
    let ended = ended.expect("the end of the turn is told");
    assert_eq!(ended["turn.number"], 1);
    let request = ended["span"]["request.id"].as_str().unwrap_or_default();
    assert!(!request.is_empty(), "{ended}");
    assert_eq!(ended["span"]["session.id"], session.id.as_str());

    let asked = lines(stack, "agent-http")?;
    let path = |line: &&Value| line["span"]["session.id"] == session.id.as_str() && line["response.status"] == 200;
    let answered = asked.iter().find(path).expect("the request is told");
    assert_eq!(answered["span"]["request.route"], "/agent/sessions/{id}/messages");
    Ok(())
}
