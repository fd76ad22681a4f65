//! `cargo local up`

use std::net::TcpListener;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use super::Interrupts;
use crate::project::{self, Home, Lock, Profile, Project};
use crate::settings::{Answering, Settings};
use crate::stack::{self, Options, Stack};
use crate::tools::{Tools, on_path};
use crate::{build, steps, ui};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Build and run the release binaries.
    #[arg(long)]
    release: bool,
    /// Port of the origin, instead of PORT or 8787.
    #[arg(long)]
    port: Option<u16>,
}

/// What nobody else may have while we build and run.
struct Claim {
    home: Home,
    lock: Lock,
    listener: TcpListener,
    settings: Settings,
}

pub(super) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    // First, so that a mistake shows before the build and not after it.
    let claim = claim(project, arguments)?;
    let profile = Profile::of(arguments.release);
    steps::run("build", "functions, runner, demo model, fakes", || build::binaries(project, profile))?;
    let tools = Tools::install(project)?;
    let client = steps::run("client", "browser application", || build::client(project))?;
    super::runtime()?.block_on(serve(project, profile, claim, tools, client))
}

fn claim(project: &Project, arguments: &Arguments) -> Result<Claim> {
    ensure!(on_path("npm"), "npm is not on PATH: install Node.js 20 or newer");
    let mut settings = Settings::load(&project.path(".env"))?;
    let home = project.home();
    let lock = home.take()?;
    let listener = project::listen(arguments.port.map_or_else(|| settings.port(), Ok)?)?;
    // As it is printed: the bucket takes a browser's uploads from this origin alone.
    if settings.get("PUBLIC_URL").is_none() {
        settings.set("PUBLIC_URL", &url(listener.local_addr()?.port()));
    }
    Ok(Claim { home, lock, listener, settings })
}

async fn serve(project: &Project, profile: Profile, claim: Claim, tools: Tools, client: bool) -> Result<()> {
    let mut interrupts = Interrupts::listen()?;
    let (began, port) = (Instant::now(), claim.listener.local_addr()?.port());
    let (answering, logs) = (claim.settings.answering(), claim.home.path("logs"));
    let stack = Stack::start(Options {
        home: claim.home,
        lock: claim.lock,
        listener: claim.listener,
        in_memory: false,
        template: project.path("template.yaml"),
        binaries: project.binaries(profile),
        client: project.path("client/dist"),
        access_record: logs.join("access.jsonl"),
        settings: claim.settings,
        tools,
    })
    .await?;
    stack.check_health().await.with_context(|| format!("the stack does not answer; see {}", logs.display()))?;
    ui::step("start", "services, functions, gateways", began.elapsed());
    welcome(port, &answering, stack.fakes_url.as_deref(), client, &logs.display().to_string());
    interrupts.next().await;
    ui::note("\nStopping …");
    tokio::select! {
        () = stack.stop() => ui::note("Stopped. The state stays; `cargo local reset` deletes it."),
        // What still runs dies with this process.
        () = interrupts.next() => bail!("stopped at once; some state may be lost"),
    }
    Ok(())
}

/// Where the product is found: browsers take its cookie from `localhost` without TLS.
fn url(port: u16) -> String {
    format!("http://localhost:{port}")
}

fn welcome(port: u16, answering: &Answering, fakes: Option<&str>, client: bool, logs: &str) {
    let (url, token) = (url(port), stack::TOKEN);
    let model = match answering {
        Answering::Demo => {
            "the demo model, a script; set ANTHROPIC_API_KEY, OPENAI_API_KEY or GOOGLE_API_KEY in .env for a real one"
        }
        Answering::Model(model) => model,
    };
    let accounts = fakes.map_or_else(String::new, |url| {
        format!("\n  Fakes   {url} plays GitHub or Google where .env has no client id")
    });
    let client = if client { "" } else { "   (the browser application is not built)" };
    ui::say(format_args!(
        r#"
Agent Ops runs at {url}{client}

  Token   {token}
  Model   {model}{accounts}
  Logs    {logs}

Try it: this opens a session, sends a message and shows the answer as it comes.

  A={url} T='Authorization: Bearer {token}' J='Content-Type: application/json'
  S=$(curl -s $A/api/sessions -H "$T" -H "$J" -d '{{"workspace":"/workspace/demo"}}' | grep -o 'ses_[0-9A-Za-z]*' | head -1)
  curl -N $A/agent/sessions/$S/messages -H "$T" -H "$J" -H 'Accept: text/event-stream' -d '{{"content":"Write a haiku about rivers into haiku.txt"}}'

Ctrl-C stops everything."#
    ));
}
