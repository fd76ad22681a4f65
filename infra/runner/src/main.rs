//! `runner relay` beside the agent, `runner supervise` in the agent's container.

use anyhow::{Result, bail};
use runner::config::Config;
use runner::{sidecar, supervise};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

// One thread: the work is passing small things on, and a hop between threads costs more.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    match std::env::args().nth(1).as_deref() {
        Some("relay") => sidecar::run(Config::from_env()?, terminated()?).await,
        Some("supervise") => supervise::run(supervise::SuperviseConfig::from_env()?).await,
        _ => bail!("usage: runner relay | runner supervise"),
    }
}

/// Resolves when the container is to stop.
fn terminated() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
