//! What the operator sees of a turn: metrics and lines of the log.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use axum::Json;
use axum::routing::post;
use domain::metric::Metric;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Options, PATIENCE, Session, Stack};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

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

/// A span as the collector was sent it.
struct Sent {
    service: String,
    name: String,
    trace: String,
    id: String,
    parent: String,
}

/// An OTLP collector: where it listens, and what it is sent.
async fn collector() -> Result<(String, UnboundedReceiver<Sent>)> {
    let (sender, spans) = unbounded_channel();
    let take = async move |Json(told): Json<Value>| {
        for resource in told["resourceSpans"].as_array().into_iter().flatten() {
            let attributes = resource["resource"]["attributes"].as_array().into_iter().flatten();
            let service = attributes.clone().find(|attribute| attribute["key"] == "service.name");
            let service = service.map(|service| text(&service["value"]["stringValue"])).unwrap_or_default();
            let scopes = resource["scopeSpans"].as_array().into_iter().flatten();
            for span in scopes.flat_map(|scope| scope["spans"].as_array().into_iter().flatten()) {
                let [name, trace, id, parent] =
                    ["name", "traceId", "spanId", "parentSpanId"].map(|field| text(&span[field]));
                // The test may be over.
                drop(sender.send(Sent { service: service.clone(), name, trace, id, parent }));
            }
        }
        Json(json!({}))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(axum::serve(listener, axum::Router::new().route("/v1/traces", post(take))).into_future());
    Ok((format!("http://{address}"), spans))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_trace_goes_from_the_browsers_request_through_the_function_to_the_runners_turn() -> Result<()> {
    let (endpoint, mut spans) = collector().await?;
    let settings = vec![("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), endpoint)];
    let stack = Stack::start_with(Options { memory: true, settings, ..Options::default() }).await?;
    let session = Session::create(&stack).await?;
    let (trace, browser) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let request = session.api.request(Method::POST, &session.path("/messages"));
    let request = request.header("traceparent", format!("00-{trace}-{browser}-01"));
    session.api.answer(request.json(&json!({ "content": "[[text n=3]]" }))).await?.expect(202)?;

    let mut next = async |service: &str, name: &str| {
        let found = async {
            while let Some(span) = spans.recv().await {
                if (span.service.as_str(), span.name.as_str(), span.trace.as_str()) == (service, name, trace) {
                    return Some(span);
                }
            }
            None
        };
        timeout(PATIENCE, found).await.ok().flatten().with_context(|| format!("no span {name} of {service}"))
    };
    let request = next("agent-http", "request").await?;
    assert_eq!(request.parent, browser);
    let turn = next("runner", "turn").await?;
    assert_eq!(turn.parent, request.id);

    let log = lines(&stack, "agent-http")?;
    assert!(log.iter().any(|line| line["span"]["trace.id"] == trace), "the log names the trace");
    Ok(())
}
