//! Snapshots: the workspace and the agent's memory, put by after each turn, so that the next
//! sandbox begins where this one ended.
//!
//! A snapshot is one file, made at one moment between two turns, and put into the bucket by an
//! address that the relay gives. It counts only when the relay has said so: until then the one
//! before does. What can't be restored is said, never passed over with an empty workspace.

mod courier;
mod pack;
mod restore;
mod tree;
mod unpack;

use std::sync::Arc;

use domain::Epoch;
use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;
use wire::runner::ToRunner;

pub use pack::PackError;
pub use restore::restore;
pub use tree::Roots;

use crate::relay::Line;
use courier::Courier;
use pack::Packed;
use tree::Fingerprint;

/// Makes snapshots and has them delivered.
pub struct Snapshots {
    roots: Roots,
    /// Counts what was packed.
    number: u64,
    last: Option<Fingerprint>,
    packed: Arc<watch::Sender<Option<Packed>>>,
    to_courier: mpsc::UnboundedSender<ToRunner>,
    tell: mpsc::UnboundedSender<News>,
    news: mpsc::UnboundedReceiver<News>,
    _courier: AbortOnDropHandle<()>,
}

/// What becomes of a snapshot.
#[derive(Debug)]
pub enum News {
    /// Nothing has changed since the one before.
    Unchanged,
    /// The snapshot of this number is made; OpenCode may write again.
    Packed { number: u64, fingerprint: Fingerprint },
    /// There is none.
    NotPacked(PackError),
    /// It is what the next sandbox begins with.
    Delivered { number: u64 },
}

impl Snapshots {
    /// Snapshots of what is in `roots`, sent by `line`.
    pub fn new(roots: Roots, epoch: Epoch, line: Line) -> Self {
        let (to_courier, frames) = mpsc::unbounded_channel();
        let (tell, news) = mpsc::unbounded_channel();
        let packed = Arc::new(watch::Sender::new(None));
        let courier = Courier::new(epoch, line, packed.subscribe(), frames, tell.clone());
        let _courier = AbortOnDropHandle::new(tokio::spawn(courier.run()));
        Self { roots, number: 0, last: None, packed, to_courier, tell, news, _courier }
    }

    /// Begins to make one, unless nothing has changed; how it goes is told by [`Self::news`].
    pub fn begin(&mut self) {
        self.number += 1;
        let (roots, number, last) = (self.roots.clone(), self.number, self.last);
        let (packed, tell) = (self.packed.clone(), self.tell.clone());
        tokio::spawn(async move {
            let made = tokio::task::spawn_blocking(move || pack::pack(&roots, number, last)).await;
            let news = match made.unwrap_or_else(|_| Err(PackError::Failed("it panicked".to_owned()))) {
                Ok(None) => News::Unchanged,
                Ok(Some(made)) => {
                    let fingerprint = made.fingerprint;
                    packed.send_replace(Some(made));
                    News::Packed { number, fingerprint }
                }
                Err(error) => News::NotPacked(error),
            };
            // The driver may be gone.
            let _ = tell.send(news);
        });
    }

    /// Takes in what the relay says of snapshots.
    pub fn hear(&self, frame: ToRunner) {
        let _ = self.to_courier.send(frame);
    }

    /// The next thing that becomes of a snapshot. Safe to be dropped and called again.
    pub async fn news(&mut self) -> News {
        let news = self.news.recv().await.expect("a sender is held here");
        match &news {
            News::Packed { fingerprint, .. } => self.last = Some(*fingerprint),
            News::NotPacked(error) => warn!(%error, "no snapshot was made"),
            News::Unchanged | News::Delivered { .. } => {}
        }
        news
    }
}
