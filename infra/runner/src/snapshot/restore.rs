//! Brings back the last snapshot, before OpenCode starts.

use std::io::{Seek, Write};

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};
use wire::runner::SnapshotSource;

use super::tree::Roots;
use super::unpack::unpack;
use crate::limits::{RESTORE_ATTEMPTS, RESTORE_PAUSE, TRANSFER_SILENCE};
use crate::net;

/// Makes the folders what the snapshot says; tries a few times.
pub async fn restore(source: &SnapshotSource, roots: &Roots) -> Result<()> {
    let mut attempt = 1;
    loop {
        match once(source, roots).await {
            Ok(()) => {
                info!(version = source.version, bytes = source.bytes, "the snapshot is restored");
                return Ok(());
            }
            Err(error) if attempt == RESTORE_ATTEMPTS => return Err(error),
            Err(error) => warn!(version = source.version, attempt, error = %format!("{error:#}"), "not restored yet"),
        }
        attempt += 1;
        sleep(RESTORE_PAUSE).await;
    }
}

async fn once(source: &SnapshotSource, roots: &Roots) -> Result<()> {
    let mut file = download(source).await.context("the snapshot could not be read")?;
    let roots = roots.clone();
    tokio::task::spawn_blocking(move || {
        file.rewind()?;
        unpack(file, &roots).context("the snapshot could not be unpacked")
    })
    .await?
}

/// Whole before anything is unpacked. Errors must not name the address: who has it can read.
async fn download(source: &SnapshotSource) -> Result<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    let request = timeout(TRANSFER_SILENCE, net::http().get(&source.url).send()).await?;
    let mut answer = request.and_then(reqwest::Response::error_for_status).map_err(reqwest::Error::without_url)?;
    let mut bytes = 0;
    while let Some(chunk) = timeout(TRANSFER_SILENCE, answer.chunk()).await?.map_err(reqwest::Error::without_url)? {
        bytes += chunk.len() as u64;
        ensure!(bytes <= source.bytes, "it is larger than it was");
        file.write_all(&chunk)?;
    }
    ensure!(bytes == source.bytes, "only {bytes} of {} bytes came", source.bytes);
    Ok(file)
}
