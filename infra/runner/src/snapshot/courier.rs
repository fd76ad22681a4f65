//! Takes a snapshot to the bucket, and does not rest until the relay has said that it counts.
//!
//! Frames may be lost, so a step that is not answered is repeated; a repeat is harmless, as each
//! upload is whole and the relay's commit is conditional. One at a time: a newer snapshot takes
//! an older one's place between two steps, never in the middle of an upload.

use std::collections::BTreeMap;

use domain::Epoch;
use http::header::CONTENT_LENGTH;
use tokio::fs::File;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};
use wire::runner::{FromRunner, ToRunner};

use super::News;
use super::pack::Packed;
use crate::limits::{FRAME_REPEATS, FRAME_WAIT, UPLOAD_WAIT};
use crate::net;
use crate::relay::{Backoff, Line};

pub(super) struct Courier {
    epoch: Epoch,
    line: Line,
    packed: watch::Receiver<Option<Packed>>,
    frames: mpsc::UnboundedReceiver<ToRunner>,
    tell: mpsc::UnboundedSender<News>,
    bucket: reqwest::Client,
}

/// Why an attempt came to nothing.
#[derive(Debug, thiserror::Error)]
enum NotSent {
    #[error("the relay did not answer")]
    Silence,
    #[error("its file can't be read: {0}")]
    Unreadable(#[from] std::io::Error),
    #[error("the bucket did not take it: {0}")]
    Refused(reqwest::Error),
    #[error("the upload took too long")]
    Slow,
}

impl Courier {
    pub(super) fn new(
        epoch: Epoch,
        line: Line,
        packed: watch::Receiver<Option<Packed>>,
        frames: mpsc::UnboundedReceiver<ToRunner>,
        tell: mpsc::UnboundedSender<News>,
    ) -> Self {
        Self { epoch, line, packed, frames, tell, bucket: net::http() }
    }

    /// Delivers what is packed, until nobody packs any more.
    pub(super) async fn run(mut self) {
        while self.packed.changed().await.is_ok() {
            let packed = self.packed.borrow_and_update().clone();
            if let Some(packed) = packed {
                self.deliver(&packed).await;
            }
        }
    }

    /// Tries until it counts, or until there is a newer one.
    async fn deliver(&mut self, packed: &Packed) {
        let mut backoff = Backoff::default();
        while !self.packed.has_changed().unwrap_or(true) {
            match self.attempt(packed).await {
                Ok(version) => {
                    info!(version, bytes = packed.bytes, "snapshot stored");
                    let _ = self.tell.send(News::Delivered { number: packed.number, version });
                    return;
                }
                Err(error) => {
                    warn!(%error, bytes = packed.bytes, "the snapshot is not stored yet");
                    sleep(backoff.pause()).await;
                }
            }
        }
    }

    /// Ready, upload, stored, committed; the version that it became.
    async fn attempt(&mut self, packed: &Packed) -> Result<u64, NotSent> {
        // What is left of an attempt before is about another upload.
        while self.frames.try_recv().is_ok() {}
        let (epoch, bytes) = (self.epoch, packed.bytes);
        let (version, url, headers) = self
            .ask(FromRunner::SnapshotReady { epoch, bytes }, |frame| match frame {
                ToRunner::SnapshotUpload { version, url, headers } => Some((version, url, headers)),
                _ => None,
            })
            .await?;
        self.put(url, headers, packed).await?;
        self.ask(FromRunner::SnapshotStored { epoch, version, bytes }, |frame| {
            (frame == ToRunner::SnapshotCommitted { version }).then_some(version)
        })
        .await
    }

    /// Says something until it is answered.
    async fn ask<T>(&mut self, frame: FromRunner, answer: impl Fn(ToRunner) -> Option<T>) -> Result<T, NotSent> {
        for _ in 0..FRAME_REPEATS {
            self.line.frame(frame.clone());
            let answered = timeout(FRAME_WAIT, async {
                while let Some(heard) = self.frames.recv().await {
                    if let Some(answer) = answer(heard) {
                        return Some(answer);
                    }
                }
                None
            });
            if let Ok(Some(answer)) = answered.await {
                return Ok(answer);
            }
        }
        Err(NotSent::Silence)
    }

    async fn put(&self, url: String, headers: BTreeMap<String, String>, packed: &Packed) -> Result<(), NotSent> {
        let given = headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(CONTENT_LENGTH.as_str()));
        let request = given.fold(self.bucket.put(url), |request, (name, value)| request.header(name, value));
        // A bucket takes no upload without its length.
        let request = request.header(CONTENT_LENGTH, packed.bytes).body(File::from_std(packed.file.reopen()?));
        let answer = timeout(UPLOAD_WAIT, request.send()).await.map_err(|_| NotSent::Slow)?;
        // The address is a secret: who has it can write.
        let taken = answer.and_then(reqwest::Response::error_for_status).map_err(reqwest::Error::without_url);
        taken.map(drop).map_err(NotSent::Refused)
    }
}

#[cfg(test)]
mod tests;
