//! `cargo local stack`: the stack for end-to-end tests and benchmarks.
//!
//! It builds and installs nothing, and reads neither `.env` nor keys from the
//! environment: what a test sees must not depend on who runs it.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;
use tokio::sync::oneshot;

use super::Interrupts;
use crate::project::{self, Home, Profile, Project};
use crate::settings::Settings;
use crate::stack::{self, Options, Stack};
use crate::tools::Tools;
use crate::ui;

/// Names a file to which all stacks of a test run tell which rights of the functions they used.
pub(super) const ACCESS_RECORD: &str = "ACCESS_RECORD";

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Folder of the state; it is made if it is not there.
    #[arg(long)]
    home: PathBuf,
    /// Port of the origin; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Keep the table in memory instead of on file.
    #[arg(long)]
    memory: bool,
    /// Run the release binaries.
    #[arg(long)]
    release: bool,
    /// A setting as `.env` would have it; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    settings: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE is wanted")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) fn run(project: &Project, arguments: Arguments) -> Result<()> {
    super::runtime()?.block_on(serve(project, arguments))
}

async fn serve(project: &Project, arguments: Arguments) -> Result<()> {
    let home = Home::at(&arguments.home);
    let access_record = std::env::var_os(ACCESS_RECORD).map_or_else(|| home.path("logs/access.jsonl"), PathBuf::from);
    let mut settings = Settings::default();
    arguments.settings.iter().for_each(|(name, value)| settings.set(name, value));
    let mut interrupts = Interrupts::listen()?;
    let stack = Stack::start(Options {
        lock: home.take()?,
        home,
        listener: project::listen(arguments.port)?,
        in_memory: arguments.memory,
        template: project.path("template.yaml"),
        binaries: project.binaries(Profile::of(arguments.release)),
        client: project.path("client/dist"),
        access_record,
        settings,
        tools: Tools::find(project)?,
    })
    .await?;
    ui::say(json!({
        "origin": stack.origin,
        "token": stack::TOKEN,
        "aws": stack.variables,
        "fakes": stack.fakes_url,
    }));
    tokio::select! {
        _ = stdin_closed() => {}
        () = interrupts.next() => {}
    }
    stack.stop().await;
    Ok(())
}

/// Resolves at the end of stdin, which a thread waits for: its read cannot be cancelled.
fn stdin_closed() -> oneshot::Receiver<()> {
    let (closed, waiting) = oneshot::channel();
    std::thread::spawn(move || {
        let read = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop((read, closed));
    });
    waiting
}
