//! The supervisor: keeps OpenCode alive in the agent's container and cleans up behind it.
//!
//! It asks the runner's gateway for the setup, writes OpenCode's configuration, starts it, and
//! starts it again when it dies: ECS's own restart waits a minute, this does not wait. It knows
//! no secret but the password that the agent knows too, and prints none.

mod checkout;
mod files;
mod opencode;
mod orphans;
mod setup;

use std::env;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use crate::sandbox::SandboxSetup;
use opencode::Opencode;

/// An OpenCode that lived at least this long died of something new: start it again at once.
const LIFE_MIN: Duration = Duration::from_secs(1);
/// The first and the longest pause before starting one that keeps dying.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// What the supervisor is told by its environment.
#[derive(Debug, Clone)]
pub struct SuperviseConfig {
    /// `OPENCODE_BIN`: the binary of OpenCode itself.
    pub opencode_bin: PathBuf,
    /// `OPENCODE_PORT`: where it listens on loopback.
    pub opencode_port: u16,
    /// `GATEWAY_URL`: where the runner answers `GET /sandbox`.
    pub gateway_url: String,
}

impl SuperviseConfig {
    /// Reads the environment; an absent variable is named.
    pub fn from_env() -> Result<Self> {
        let read = |name: &str| env::var(name).with_context(|| format!("{name} is not set"));
        Ok(Self {
            opencode_bin: read("OPENCODE_BIN")?.into(),
            opencode_port: read("OPENCODE_PORT")?.parse().context("OPENCODE_PORT is not a port")?,
            gateway_url: read("GATEWAY_URL")?.trim_end_matches('/').to_owned(),
        })
    }
}

/// Runs until SIGTERM or SIGINT.
pub async fn run(config: SuperviseConfig) -> Result<()> {
    let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut stopped = std::pin::pin!(async move {
        tokio::select! { _ = terminated.recv() => {}, _ = interrupted.recv() => {} }
    });
    orphans::adopt();
    let setup = tokio::select! {
        setup = setup::fetch(&config.gateway_url) => setup,
        () = &mut stopped => return Ok(()),
    };
    files::prepare(&setup)?;
    tokio::select! {
        () = checkout::clone(&setup) => {}
        () = &mut stopped => return Ok(()),
    }
    keep_alive(&config, &setup, stopped).await
}

/// Starts OpenCode again and again, until `stopped`.
async fn keep_alive(
    config: &SuperviseConfig,
    setup: &SandboxSetup,
    mut stopped: impl Future<Output = ()> + Unpin,
) -> Result<()> {
    let mut deaths = 0;
    loop {
        files::prepare(setup)?;
        let started = Instant::now();
        let mut opencode = Opencode::start(config, setup)?;
        let ended = tokio::select! {
            ended = opencode.ended() => ended?,
            () = &mut stopped => return opencode.stop().await,
        };
        orphans::end_all().await;
        deaths = if started.elapsed() < LIFE_MIN { deaths + 1 } else { 0 };
        let pause = pause(deaths);
        warn!(%ended, lived_ms = started.elapsed().as_millis() as u64, pause_ms = pause.as_millis() as u64, "opencode died");
        tokio::select! { () = sleep(pause) => {}, () = &mut stopped => return Ok(()) }
        info!("starting opencode again");
    }
}

/// None after a decent life, then twice as long each time.
fn pause(deaths: u32) -> Duration {
    match deaths {
        0 | 1 => Duration::ZERO,
        more => PAUSE_MAX.min(PAUSE_MIN * 2_u32.saturating_pow(more - 2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_repeated_early_deaths_are_paused_for() {
        let pauses: Vec<_> = [0, 1, 2, 3, 4, 40].map(|deaths| pause(deaths).as_millis()).into();
        assert_eq!(pauses, [0, 0, 100, 200, 400, 10_000]);
    }
}
