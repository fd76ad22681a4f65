//! `runner relay` beside the agent, `runner supervise` in the agent's container, `runner health` in both.

use anyhow::{Result, bail};
use runner::config::Config;
use runner::{health, sidecar, supervise};
use tokio::signal::unix::{SignalKind, signal};

// One thread: the work is passing small things on, and a hop between threads costs more.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    telemetry::init(env!("CARGO_BIN_NAME"));
    let done = match std::env::args().nth(1).as_deref() {
        Some("relay") => sidecar::run(Config::from_env()?, terminated()?).await,
        Some("supervise") => supervise::run(supervise::SuperviseConfig::from_env()?).await,
        Some("health") => health::run().await,
        _ => bail!("usage: runner relay | runner supervise | runner health"),
    };
    telemetry::flush().await;
    done
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
