//! Brings back the last snapshot, before OpenCode starts.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use domain::limits::{TREE_BYTES_MAX, TREE_UNPACKED_BYTES_MAX};
use domain::tree::{TRAILER_BYTES, Tree, list_bytes};
use tempfile::NamedTempFile;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};
use wire::runner::SnapshotSource;

use super::tree::Roots;
use super::unpack::unpack;
use super::{Before, Kept};
use crate::limits::{RESTORE_ATTEMPTS, RESTORE_PAUSE, TRANSFER_SILENCE};
use crate::net;

/// Makes the folders what the snapshot says; tries a few times. What was restored is what the
/// next turn's changes are compared with.
pub async fn restore(source: &SnapshotSource, roots: &Roots) -> Result<Before> {
    let mut attempt = 1;
    loop {
        match once(source, roots).await {
            Ok(before) => {
                info!(version = source.version, bytes = source.bytes, "the snapshot is restored");
                return Ok(before);
            }
            Err(error) if attempt == RESTORE_ATTEMPTS => return Err(error),
            Err(error) => warn!(version = source.version, attempt, error = %format!("{error:#}"), "not restored yet"),
        }
        attempt += 1;
        sleep(RESTORE_PAUSE).await;
    }
}

async fn once(source: &SnapshotSource, roots: &Roots) -> Result<Before> {
    let mut file = download(source).await.context("the snapshot could not be read")?;
    let roots = roots.clone();
    tokio::task::spawn_blocking(move || {
        file.rewind()?;
        unpack(file.as_file(), &roots).context("the snapshot could not be unpacked")?;
        let tree = listed(file.as_file_mut()).unwrap_or_else(|error| {
            warn!(%error, "the snapshot's list could not be read");
            None
        });
        Ok(tree.map_or(Before::Unknown, |tree| Before::Kept(Kept { file: Arc::new(file), tree: Arc::new(tree) })))
    })
    .await?
}

/// The list at a snapshot's end, if it has one.
fn listed(file: &mut File) -> Result<Option<Tree>> {
    let trailer_bytes = i64::try_from(TRAILER_BYTES)?;
    let mut trailer = Vec::new();
    file.seek(SeekFrom::End(-trailer_bytes))?;
    file.read_to_end(&mut trailer)?;
    let Some(length) = list_bytes(&trailer).filter(|length| *length <= TREE_BYTES_MAX) else { return Ok(None) };
    file.seek(SeekFrom::End(-trailer_bytes - i64::try_from(length)?))?;
    let decoder = zstd::Decoder::new(file.take(length))?;
    Ok(Some(serde_json::from_reader(decoder.take(TREE_UNPACKED_BYTES_MAX))?))
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
