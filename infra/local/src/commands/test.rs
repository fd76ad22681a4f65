//! `cargo local test`: every check of the project, and a table of what came of each.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::ValueEnum;

use super::stack::ACCESS_RECORD;
use super::{openapi, roles};
use crate::project::{Profile, Project};
use crate::python::Python;
use crate::tools::{Tools, npm, on_path};
use crate::{browser, build, licences, steps, ui};

/// OpenCode takes half a gigabyte and a core for each test that starts one.
const TEST_THREADS: &str = "2";

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Only this step; may be repeated.
    #[arg(long, value_enum)]
    only: Vec<Step>,
    /// Passed on to `cargo test`, as in `cargo local test --only rust -- -p store`, or to
    /// Playwright, as in `cargo local test --only browser -- files`.
    #[arg(last = true)]
    passed_on: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Step {
    Format,
    Lint,
    Licences,
    Advisories,
    Openapi,
    Template,
    Workflows,
    Rust,
    /// What the functions' roles allow, against what the tests needed.
    Roles,
    Client,
    Browser,
}

/// What came of a step that did not fail.
pub(super) enum Outcome {
    Passed,
    Skipped(&'static str),
}

struct Line {
    step: Step,
    outcome: Result<Outcome>,
    took: Duration,
}

pub(super) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let asked = |step: &&Step| arguments.only.is_empty() || arguments.only.contains(step);
    let lines: Vec<Line> = Step::value_variants()
        .iter()
        .filter(asked)
        .map(|step| {
            ui::note(format_args!("\n== {}", step.name()));
            let began = Instant::now();
            let outcome = step.run(project, &arguments.passed_on);
            if let Err(error) = &outcome {
                ui::note(format_args!("{error:#}"));
            }
            Line { step: *step, outcome, took: began.elapsed() }
        })
        .collect();
    sum_up(&lines)
}

fn sum_up(lines: &[Line]) -> Result<()> {
    ui::say("");
    for line in lines {
        let (word, detail) = match &line.outcome {
            Ok(Outcome::Passed) => ("passed", String::new()),
            Ok(Outcome::Skipped(reason)) => ("skipped", format!("  {reason}")),
            Err(error) => ("FAILED", format!("  {error}")),
        };
        ui::say(format_args!("  {:<11} {word:<8} {:>9}{detail}", line.step.name(), ui::seconds(line.took)));
    }
    let passed = lines.iter().filter(|line| matches!(line.outcome, Ok(Outcome::Passed))).count();
    let failed = lines.iter().filter(|line| line.outcome.is_err()).count();
    ui::say(format_args!("\n{passed} passed, {failed} failed"));
    if failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Lint => "lint",
            Self::Licences => "licences",
            Self::Advisories => "advisories",
            Self::Openapi => "openapi",
            Self::Template => "template",
            Self::Workflows => "workflows",
            Self::Rust => "rust",
            Self::Roles => "roles",
            Self::Client => "client",
            Self::Browser => "browser",
        }
    }

    fn run(self, project: &Project, passed_on: &[String]) -> Result<Outcome> {
        match self {
            Self::Format => component(project, "fmt", &["--all", "--check"]),
            Self::Lint => {
                component(project, "clippy", &["--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])
            }
            Self::Licences => licences::check(project).map(|()| Outcome::Passed),
            Self::Advisories => advisories(project),
            Self::Openapi => {
                build::binaries(project, Profile::Dev)?;
                openapi::check(project).map(|()| Outcome::Passed)
            }
            Self::Template => template(project),
            Self::Workflows => workflows(project),
            Self::Rust => rust(project, passed_on),
            Self::Roles => roles::check(project),
            Self::Client => client(project),
            Self::Browser => walks(project, passed_on),
        }
    }
}

/// Runs a part of the toolchain that not everybody installs.
fn component(project: &Project, name: &str, arguments: &[&str]) -> Result<Outcome> {
    let mut probe = build::cargo(project);
    if !probe.args([name, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
        return Ok(Outcome::Skipped("this toolchain has no such component; `rustup component add` it"));
    }
    steps::command(build::cargo(project).arg(name).args(arguments))?;
    Ok(Outcome::Passed)
}

fn advisories(project: &Project) -> Result<Outcome> {
    if !on_path("cargo-deny") {
        return Ok(Outcome::Skipped("needs cargo-deny and its advisory database"));
    }
    let config = project.path(licences::CONFIG);
    steps::command(build::cargo(project).args(["deny", "--config"]).arg(config).args(["check", "advisories"]))?;
    Ok(Outcome::Passed)
}

fn template(project: &Project) -> Result<Outcome> {
    // It asks the functions themselves which variables they need.
    build::binaries(project, Profile::Dev)?;
    // The agent's image carries it.
    let tools = Tools::install(project)?;
    let folder = project.path("tests/template");
    let ministack = Python::install(project, "ministack", &folder.join("ministack.txt"))?.program("ministack");
    let mut python = Python::install(project, "python", &folder.join("requirements.txt"))?.command();
    python.args(["-B", "-m", "unittest", "discover", "--start-directory"]).arg(&folder);
    python.envs(tools.image_variables());
    steps::command(python.env("BINARIES", project.binaries(Profile::Dev)).env("MINISTACK", ministack))?;
    Ok(Outcome::Passed)
}

fn rust(project: &Project, passed_on: &[String]) -> Result<Outcome> {
    build::binaries(project, Profile::Dev)?;
    let (tools, mcp_client) = (Tools::install(project)?, mcp_client(project)?);
    let mut tests = build::cargo(project);
    tests.arg("test");
    if passed_on.is_empty() {
        tests.arg("--workspace");
    }
    tests.args(passed_on).envs(tools.image_variables()).env("MCP_CLIENT", mcp_client);
    tests.env(ACCESS_RECORD, roles::fresh_record(project)?);
    if std::env::var_os("RUST_TEST_THREADS").is_none() {
        tests.env("RUST_TEST_THREADS", TEST_THREADS);
    }
    steps::command(&mut tests)?;
    Ok(Outcome::Passed)
}

fn workflows(project: &Project) -> Result<Outcome> {
    let folder = project.path("tests/workflows");
    build::packages(&folder)?;
    npm(&folder, &["run", "--silent", "lint"])?;
    Ok(Outcome::Passed)
}

/// The official MCP client with what it needs; its folder.
fn mcp_client(project: &Project) -> Result<PathBuf> {
    let folder = project.path("tests/mcp");
    build::packages(&folder)?;
    Ok(folder)
}

fn client(project: &Project) -> Result<Outcome> {
    let folder = project.path("client");
    if !folder.join("package.json").is_file() {
        return Ok(Outcome::Skipped("there is no client yet"));
    }
    build::packages(&folder)?;
    for script in ["typecheck", "test"] {
        npm(&folder, &["run", script])?;
    }
    Ok(Outcome::Passed)
}

/// Walks through the client in a real browser, on a stack of its own.
fn walks(project: &Project, passed_on: &[String]) -> Result<Outcome> {
    let Some(chromium) = browser::find_or_install()? else {
        return Ok(Outcome::Skipped("there is no Chromium: install one, or say where it is with CHROMIUM"));
    };
    build::binaries(project, Profile::Dev)?;
    build::client(project)?;
    Tools::install(project)?;
    let folder = project.path("tests/browser");
    build::packages(&folder)?;
    npm(&folder, &["run", "typecheck"])?;
    let target = project.binaries(Profile::Dev).with_file_name("browser");
    let mut playwright = Command::new(folder.join("node_modules/.bin/playwright"));
    playwright.arg("test").args(passed_on).current_dir(&folder);
    playwright.env("CHROMIUM", chromium).env("LOCAL", std::env::current_exe()?);
    playwright.env("SCREENSHOTS", target.join("screenshots")).env("BROWSER_RESULTS", target.join("results"));
    steps::command(&mut playwright)?;
    Ok(Outcome::Passed)
}
