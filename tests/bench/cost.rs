//! What one turn would be billed, counted where AWS would count.

use std::time::Instant;

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::json;
use tests::{SseViewer, Stack};

use crate::Plan;
use crate::cost_prices::Bill;
use crate::functions::new_session;
use crate::opencode::send;
use crate::report::{Report, Row};
use crate::sandboxes;
use crate::viewer::Viewer;

/// The model says this many chunks a second.
const CHUNKS_PER_SECOND: u64 = 20;

/// A turn that was counted.
struct Counted {
    bill: Bill,
    seconds: f64,
    deltas: usize,
}

pub(crate) async fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    let stack = sandboxes::real().await?;
    let prompt = format!("[[text n={} delay={}]]", plan.turn_seconds * CHUNKS_PER_SECOND, 1_000 / CHUNKS_PER_SECOND);
    let api = stack.api();
    let created = new_session(&api).await?;
    let session = created["id"].as_str().context("a session has an id")?;
    // The first turn starts the sandbox; what is counted is a turn in a running session.
    let mut viewer = Viewer::watch(&api, session).await?;
    send(&stack, session, "[[text n=3]]").await?;
    viewer.turn().await?;

    let socket = by_socket(&stack, session, viewer, &prompt).await?;
    let sse = by_sse(&stack, session, &prompt).await?;
    let unwatched = unwatched(&stack, session, &prompt).await?;
    api.delete(&format!("/api/sessions/{session}")).await?.expect(200)?;
    report.row(row("one socket viewer", &socket, plan).at_most(per_1000(&socket, plan), 1.0, "$"));
    report.row(row("one SSE viewer", &sse, plan));
    report.row(row("nobody watches", &unwatched, plan));
    Ok(())
}

async fn by_socket(stack: &Stack, session: &str, mut viewer: Viewer, prompt: &str) -> Result<Counted> {
    let before = Bill::read(&stack.stats().await?);
    let began = Instant::now();
    send(stack, session, prompt).await?;
    let events = viewer.turn().await?;
    // The runner's and the viewer's.
    let deltas = events.iter().filter(|came| came.event.is_text()).count();
    count(stack, before, began, 2.0, deltas).await
}

async fn by_sse(stack: &Stack, session: &str, prompt: &str) -> Result<Counted> {
    // The socket viewer has hung up; its farewell is not this turn's.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let before = Bill::read(&stack.stats().await?);
    let began = Instant::now();
    let path = format!("/agent/sessions/{session}/messages");
    let request = stack.api().request(Method::POST, &path).json(&json!({ "content": prompt }));
    let mut viewer = SseViewer::open(request).await?;
    viewer.until_within(std::time::Duration::from_secs(300), tests::Seen::ends_turn).await?;
    let record = viewer.to_end().await?;
    let deltas = record.of("text.delta").count();
    count(stack, before, began, 1.0, deltas).await
}

/// Someone looks at the history now and then, who does not count as one who watches.
async fn unwatched(stack: &Stack, session: &str, prompt: &str) -> Result<Counted> {
    // Whoever followed by SSE counts for a while after.
    tokio::time::sleep(std::time::Duration::from_secs(50)).await;
    let before = Bill::read(&stack.stats().await?);
    let began = Instant::now();
    send(stack, session, prompt).await?;
    let path = format!("/agent/sessions/{session}/messages?limit=1&order=desc");
    let mut looks = 0.0;
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        looks += 1.0;
        let newest = stack.api().get(&path).await?.expect(200)?;
        if newest["messages"][0]["role"] == "assistant" && newest["messages"][0]["status"] != "running" {
            break;
        }
    }
    let mut counted = count(stack, before, began, 1.0, 0).await?;
    // What looking took is not the turn's: a request and three small reads.
    counted.bill.rest_requests -= looks;
    counted.bill.invocations -= looks;
    Ok(counted)
}

async fn count(stack: &Stack, before: Bill, began: Instant, sockets: f64, deltas: usize) -> Result<Counted> {
    let seconds = began.elapsed().as_secs_f64();
    // The last invocations are billed when they are over.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let mut bill = Bill::read(&stack.stats().await?).since(before);
    bill.connection_minutes = sockets * seconds / 60.0;
    Ok(Counted { bill, seconds, deltas })
}

/// Dollars for a thousand turns of one minute.
fn per_1000(counted: &Counted, plan: &Plan) -> f64 {
    counted.bill.total() * 1_000.0 * 60.0 / plan.turn_seconds as f64
}

fn row(what: &str, counted: &Counted, plan: &Plan) -> Row {
    let lines = counted.bill.lines().map(|(name, count, dollars)| format!("{name} {count:.2} (${:.3})", dollars * 1e3));
    let note = format!(
        "{} deltas in {:.1} s; per turn and, in dollars, per 1,000: {}",
        counted.deltas,
        counted.seconds,
        lines.join(", ")
    );
    Row::new(format!("1,000 turns of a minute, {what}"), per_1000(counted, plan), "$").note(note)
}
