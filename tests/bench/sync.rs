//! What reading a service costs: the first time, when a little changed, and at ten times
//! the size; and how long a search over all of it takes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests::{Api, Integration, Options, Stack};

use crate::Plan;
use crate::alternate::{median, ms};
use crate::cost_prices::Bill;
use crate::report::{Report, Row};

/// Whose repositories are filled, at GitHub's fake.
const LOGIN: &str = "octo-dev";
/// Searches whose median counts.
const SEARCHES: usize = 20;
/// For all of a service. Our own quota lets some 500 pages go at once, and one a second after that.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// A reading of the service, counted.
struct Counted {
    seconds: f64,
    bill: Bill,
    function: Value,
    /// Calls of the provider.
    calls: usize,
}

pub(crate) async fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    let mut tenths = Vec::new();
    for entities in [plan.entities, plan.entities * 10] {
        // A stack of its own: the larger one must not profit from the smaller one's caches.
        let stack = Stack::start_with(Options { memory: true, ..Options::default() }).await?;
        tenths = measure_size(&stack, entities, report).await?;
    }
    let row = Row::new(format!("first sync, the fourth {} entities", plan.entities), tenths[3], "s");
    let growth = tenths[3] / tenths[0];
    report.row(row.against("the first", tenths[0], "s").ratio(growth).at_most(growth, 1.5, "x"));
    Ok(())
}

/// Seconds that each tenth of the first synchronisation took.
async fn measure_size(stack: &Stack, entities: usize, report: &mut Report) -> Result<Vec<f64>> {
    let (api, fakes) = (stack.api(), stack.fakes());
    // It is about what the schedule reads; a webhook for each change would be read before.
    let hold = fakes.request(reqwest::Method::PATCH, "/control/github/settings").json(&json!({ "webhooks": "hold" }));
    fakes.answer(hold).await?.expect(204)?;
    let new = json!({ "owner": LOGIN, "name": "bench", "issues": entities });
    let repo = fakes.post("/control/github/repos", &new).await?.expect(200)?["id"].as_u64().context("an id")?;
    let config = json!({ "config": { "repositories": [repo.to_string()] } });
    api.post("/api/integrations/github/configure", &config).await?.expect(201)?;

    let integration = Integration::connect(&api, "github", &format!("login={LOGIN}")).await?;
    let (tenths, first) = count(stack, read_all(&integration, entities)).await?;
    report.row(row(&format!("first sync of {entities} entities"), &first, entities));

    let changed = (entities / 100).max(1);
    for number in 1..=changed {
        let path = format!("/control/github/repos/{repo}/issues/{number}");
        let edit = fakes.request(reqwest::Method::PATCH, &path).json(&json!({ "title": "Changed for the bench" }));
        fakes.answer(edit).await?.expect(204)?;
    }
    let (_, again) = count(stack, integration.sync()).await?;
    report.row(row(&format!("sync with {changed} of {entities} changed"), &again, changed));

    for text in ["changed bench", "search umlauts", "in"] {
        let (cold, warm) = search_ms(&api, text).await?;
        let what = format!("search \"{text}\" over {entities}");
        report.row(Row::new(what, warm, "ms").note(format!("the first one took {cold:.0} ms")));
    }
    Ok(tenths)
}

/// Waits until all is read; the seconds of each tenth.
async fn read_all(integration: &Integration, entities: usize) -> Result<Vec<f64>> {
    let (began, mut tenths, mut last) = (Instant::now(), Vec::new(), 0.0);
    let is_read = |view: &Value| {
        let read = view["resources"][0]["run"]["records_synced"].as_u64().unwrap_or(0);
        while tenths.len() < 10 && read as usize >= entities * (tenths.len() + 1) / 10 {
            let now = began.elapsed().as_secs_f64();
            tenths.push(now - last);
            last = now;
        }
        view["sync_status"] == "synced" && tenths.len() == 10
    };
    integration.until_within(PATIENCE, is_read).await?;
    Ok(tenths)
}

/// Does the work; what came of it, and what it took.
async fn count<T>(stack: &Stack, work: impl Future<Output = Result<T>>) -> Result<(T, Counted)> {
    let fakes = stack.fakes();
    fakes.delete("/control/calls").await?.expect(204)?;
    let before = stack.stats().await?;
    let began = Instant::now();
    let done = work.await?;
    let seconds = began.elapsed().as_secs_f64();
    let after = stack.stats().await?;
    let bill = Bill::read(&after).since(Bill::read(&before));
    // As many as the fakes remember at most.
    let calls = fakes.get("/control/calls?provider=github").await?.expect(200)?.as_array().map_or(0, Vec::len);
    let function = after["functions"]["IntegrationsSyncFunction"].clone();
    Ok((done, Counted { seconds, bill, calls, function }))
}

fn row(what: &str, counted: &Counted, entities: usize) -> Row {
    let Counted { seconds, bill, function, calls } = counted;
    let each = |count: f64| count / entities as f64;
    let note = format!(
        "{seconds:.1} s; {calls} calls of the provider; for each entity {:.1} write and {:.1} read units; {:.1} GB-seconds in {:.0} invocations; the worker had {} MB of {}",
        each(bill.write_units),
        each(bill.read_units),
        bill.gb_seconds,
        bill.invocations,
        function["max_rss_kb"].as_u64().unwrap_or(0) / 1024,
        function["memory_mb"],
    );
    Row::new(what, entities as f64 / seconds, "entities/s").note(note)
}

/// The first search and the median of the others.
async fn search_ms(api: &Api, text: &str) -> Result<(f64, f64)> {
    let path = format!("/api/entities?limit=20&text={}", text.replace(' ', "%20"));
    let mut took = Vec::new();
    for _ in 0..SEARCHES {
        let began = Instant::now();
        api.get(&path).await?.expect(200)?;
        took.push(ms(began.elapsed()));
    }
    let first = took.remove(0);
    Ok((first, median(took)))
}
