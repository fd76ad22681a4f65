//! Functions as processes behind the Runtime API, against a Node function of the same work.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use reqwest::Method;
use tests::{Api, Options, Stack};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

use crate::Plan;
use crate::alternate::{alternate, median, ms};
use crate::report::{Report, Row};
use crate::runtime::{Environment, RuntimeApi};
use crate::{machine, node, request};

/// Starts per round; a start is over in milliseconds.
const STARTS: usize = 7;
/// Callers at once.
const CALLERS: usize = 16;
/// Requests per caller and round.
const REQUESTS: usize = 60;
/// Requests before a function's memory is looked at.
const REQUESTS_BEFORE_MEMORY: usize = 1_000;

pub(crate) async fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    let folder = binaries()?;
    sizes(&folder, report)?;
    let bundle = node::bundle(folder.parent().context("binaries are below the target folder")?)?;
    let stack = Stack::start_with(Options { memory: true, ..Options::default() }).await?;
    let bench = Bench::new(&stack, folder, bundle).await?;
    bench.starts(plan, report).await?;
    bench.https(plan, report).await?;
    bench.first_and_warm(plan, report).await?;
    bench.throughput(plan, "create", request::create(&bench.token), 201, report).await?;
    bench.throughput(plan, "list 20", request::list(&bench.token), 200, report).await?;
    bench.memory(report).await
}

/// Where cargo put this executable, and with it the binaries under test.
pub(crate) fn binaries() -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    Ok(this.parent().context("an executable is in a folder")?.to_owned())
}

fn sizes(folder: &Path, report: &mut Report) -> Result<()> {
    for name in ["sessions", "agent-http", "agent-socket", "agent-events", "integrations-http", "integrations-sync"] {
        let bytes = std::fs::metadata(folder.join(name)).with_context(|| format!("{name} is not built"))?.len();
        report.row(Row::new(format!("size of {name}"), bytes as f64 / 1e6, "MB"));
    }
    Ok(())
}

/// Which program answers.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Sessions,
    AgentHttp,
    Node,
}

struct Bench {
    api: RuntimeApi,
    folder: PathBuf,
    bundle: PathBuf,
    /// What the stack starts each function with.
    sessions: Vec<(String, String)>,
    agent: Vec<(String, String)>,
    token: String,
}

impl Bench {
    async fn new(stack: &Stack, folder: PathBuf, bundle: PathBuf) -> Result<Self> {
        let api = stack.api();
        // One call each, so that the stack starts the functions and shows how.
        api.get("/api/sessions").await?.expect(200)?;
        api.get("/agent/sessions/ses_00000000000000000000000000/messages").await?;
        let environment = |name: &str| {
            let processes = stack.processes()?;
            let found = processes.iter().find(|process| process.command.trim_end().ends_with(&format!("/{name}")));
            Ok::<_, anyhow::Error>(machine::environment(found.with_context(|| format!("{name} does not run"))?.pid))
        };
        let token = api.token().context("the seeded user has a token")?.to_owned();
        Ok(Self {
            api: RuntimeApi::serve().await?,
            sessions: environment("sessions")?,
            agent: environment("agent-http")?,
            folder,
            bundle,
            token,
        })
    }

    fn command(&self, side: Side) -> Command {
        let (mut command, variables) = match side {
            Side::Sessions => (Command::new(self.folder.join("sessions")), &self.sessions),
            Side::AgentHttp => (Command::new(self.folder.join("agent-http")), &self.agent),
            Side::Node => (Command::new("node"), &self.sessions),
        };
        // Node itself is found before the function's own PATH applies.
        command.env_clear().envs(variables.iter().map(|(name, value)| (name, value)));
        if side == Side::Node {
            command.arg(&self.bundle).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        }
        command
    }

    async fn start(&self, side: Side) -> Result<Environment> {
        self.api.start(self.command(side)).await
    }

    /// Milliseconds from the process's start to its first poll.
    async fn start_ms(&self, side: Side) -> Result<f64> {
        let mut starts = Vec::new();
        for _ in 0..STARTS {
            starts.push(ms(self.start(side).await?.start));
        }
        Ok(median(starts))
    }

    async fn starts(&self, plan: &Plan, report: &mut Report) -> Result<()> {
        for (side, name) in [(Side::Sessions, "sessions"), (Side::AgentHttp, "agent-http")] {
            let sides = alternate(plan.rounds, || self.start_ms(side), || self.start_ms(Side::Node)).await?;
            let row = Row::new(format!("{name}: start to first poll"), sides.ours, "ms");
            report.row(row.against("Node", sides.other, "ms").ratio(sides.ratio).at_most(sides.ours, 4.0, "ms"));
        }
        Ok(())
    }

    /// With an https endpoint: to the first poll, and from the first event to the first bytes of TLS.
    async fn https(&self, plan: &Plan, report: &mut Report) -> Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("https://{}", listener.local_addr()?);
        let event = request::create(&self.token);
        let (mut totals, mut builds) = (Vec::new(), Vec::new());
        for _ in 0..plan.rounds * STARTS {
            let mut command = self.command(Side::Sessions);
            command.env("AWS_ENDPOINT_URL_DYNAMODB", &url);
            let environment = self.api.start(command).await?;
            let began = Instant::now();
            environment.hand_over(&event)?;
            let (stream, _) = timeout(Duration::from_secs(10), listener.accept()).await.context("no connection")??;
            stream.readable().await?;
            builds.push(ms(began.elapsed()));
            totals.push(ms(environment.start + began.elapsed()));
        }
        let total = median(totals);
        let note = format!("of which from the first event to the first byte of TLS {:.1} ms", median(builds));
        report.row(Row::new("sessions: start, https client built", total, "ms").at_most(total, 9.0, "ms").note(note));
        Ok(())
    }

    async fn first_and_warm(&self, plan: &Plan, report: &mut Report) -> Result<()> {
        let event = request::create(&self.token);
        let first = |side| self.first_ms(side, &event);
        let sides =
            alternate(plan.rounds, async || first(Side::Sessions).await, async || first(Side::Node).await).await?;
        let row = Row::new("first invocation (a create)", sides.ours, "ms");
        report.row(row.against("Node", sides.other, "ms").ratio(sides.ratio));

        let (mut ours, mut other) = (self.start(Side::Sessions).await?, self.start(Side::Node).await?);
        for environment in [&mut ours, &mut other] {
            warm_ms(environment, &event, 200).await?;
        }
        let sides = alternate(
            plan.rounds,
            async || warm_ms(&mut ours, &event, 100).await,
            async || warm_ms(&mut other, &event, 100).await,
        )
        .await?;
        let row = Row::new("warm create, one at a time, p50", sides.ours, "ms");
        report.row(row.against("Node", sides.other, "ms").ratio(sides.ratio));
        Ok(())
    }

    async fn first_ms(&self, side: Side, event: &Bytes) -> Result<f64> {
        let mut firsts = Vec::new();
        for _ in 0..STARTS {
            let mut environment = self.start(side).await?;
            let began = Instant::now();
            let answer = environment.invoke(event).await?;
            firsts.push(ms(began.elapsed()));
            check(&answer, 201)?;
        }
        Ok(median(firsts))
    }

    async fn throughput(&self, plan: &Plan, what: &str, event: Bytes, status: u64, report: &mut Report) -> Result<()> {
        let (mut ours, mut other) = (self.crowd(Side::Sessions).await?, self.crowd(Side::Node).await?);
        for environments in [&mut ours, &mut other] {
            per_second(environments, &event, status).await?;
        }
        let sides = alternate(
            plan.rounds,
            async || per_second(&mut ours, &event, status).await,
            async || per_second(&mut other, &event, status).await,
        )
        .await?;
        let row = Row::new(format!("{what}, {CALLERS} at once"), sides.ours, "/s");
        report.row(row.against("Node", sides.other, "/s").ratio(sides.ratio).at_least(sides.ratio, 3.5, "x"));
        Ok(())
    }

    /// One environment for each caller, as Lambda has it.
    async fn crowd(&self, side: Side) -> Result<Vec<Environment>> {
        let mut environments = Vec::new();
        for _ in 0..CALLERS {
            environments.push(self.start(side).await?);
        }
        Ok(environments)
    }

    async fn memory(&self, report: &mut Report) -> Result<()> {
        let mut used = Vec::new();
        for side in [Side::Sessions, Side::Node] {
            let mut environment = self.start(side).await?;
            let event = request::create(&self.token);
            for _ in 0..REQUESTS_BEFORE_MEMORY {
                environment.invoke(&event).await?;
            }
            used.push(machine::resident_mb(environment.pid()?));
        }
        let row = Row::new(format!("memory after {REQUESTS_BEFORE_MEMORY} creates"), used[0], "MB");
        report.row(row.against("Node", used[1], "MB").ratio(used[0] / used[1]).at_most(used[0], 15.0, "MB"));
        Ok(())
    }
}

/// Median of invocations one after another.
async fn warm_ms(environment: &mut Environment, event: &Bytes, times: usize) -> Result<f64> {
    let mut took = Vec::new();
    for _ in 0..times {
        let began = Instant::now();
        let answer = environment.invoke(event).await?;
        took.push(ms(began.elapsed()));
        check(&answer, 201)?;
    }
    Ok(median(took))
}

/// Requests per second with every environment busy.
async fn per_second(environments: &mut [Environment], event: &Bytes, status: u64) -> Result<f64> {
    let began = Instant::now();
    let callers = environments.iter_mut().map(async |environment| {
        for _ in 0..REQUESTS {
            check(&environment.invoke(event).await?, status)?;
        }
        Ok::<_, anyhow::Error>(())
    });
    futures_util::future::try_join_all(callers).await?;
    Ok((environments.len() * REQUESTS) as f64 / began.elapsed().as_secs_f64())
}

fn check(answer: &[u8], status: u64) -> Result<()> {
    ensure!(request::status(answer) == status, "{status} was expected: {}", String::from_utf8_lossy(answer));
    Ok(())
}

/// A request straight to the stack, for sections that need a session.
pub(crate) async fn new_session(api: &Api) -> Result<serde_json::Value> {
    let body = serde_json::json!({ "title": "bench", "workspace": "/workspace/bench" });
    api.answer(api.request(Method::POST, "/api/sessions").json(&body)).await?.expect(201)
}
