//! Snapshots: the workspace and the agent's memory, put by after each turn, so that the next
//! sandbox begins where this one ended.
//!
//! A snapshot is one file, made at one moment between two turns, and put into the bucket by an
//! address that the relay gives. It counts only when the relay has said so: until then the one
//! before does. What can't be restored is said, never passed over with an empty workspace.

mod changes;
mod courier;
mod frames;
mod pack;
mod restore;
mod tree;
mod unpack;

use std::sync::Arc;

use domain::tree::Tree;
use domain::{Epoch, TurnNumber};
use tempfile::NamedTempFile;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;
use wire::runner::ToRunner;

pub use pack::PackError;
pub use restore::restore;
pub use tree::Roots;

use crate::keep::Shelf;
use crate::limits::DIFF_WAIT;
use crate::relay::Line;
use changes::{State, changes};
use courier::Courier;
use pack::Packed;
use tree::Fingerprint;

/// Makes snapshots and has them delivered.
pub struct Snapshots {
    roots: Roots,
    /// Counts what was packed.
    number: u64,
    last: Option<Fingerprint>,
    before: Before,
    diffs: Option<Diffs>,
    packed: Arc<watch::Sender<Option<Packed>>>,
    to_courier: mpsc::UnboundedSender<ToRunner>,
    tell: mpsc::UnboundedSender<News>,
    news: mpsc::UnboundedReceiver<News>,
    _courier: AbortOnDropHandle<()>,
}

/// A snapshot's file, as long as anyone compares with it, and what lies in it.
#[derive(Debug, Clone)]
pub struct Kept {
    file: Arc<NamedTempFile>,
    tree: Arc<Tree>,
}

/// What the next turn's changes are compared with.
#[derive(Debug, Clone)]
pub enum Before {
    /// The session's first turn is still to come.
    Nothing,
    /// There was something, and what it was is not known.
    Unknown,
    Kept(Kept),
}

/// Keeps the diff of each turn.
#[derive(Clone)]
struct Diffs {
    shelf: Shelf,
    /// The session's folder, from `/workspace` on.
    folder: String,
}

/// What becomes of a snapshot.
#[derive(Debug)]
pub enum News {
    /// Nothing has changed since the one before.
    Unchanged,
    /// The snapshot of this number is made; OpenCode may write again.
    Packed { number: u64, turn: Option<TurnNumber>, fingerprint: Fingerprint, kept: Kept },
    /// There is none.
    NotPacked(PackError),
    /// It is what the next sandbox begins with.
    Delivered { number: u64, version: u64 },
}

impl Snapshots {
    /// Snapshots of what is in `roots`, sent by `line`.
    pub fn new(roots: Roots, epoch: Epoch, line: Line) -> Self {
        let (to_courier, frames) = mpsc::unbounded_channel();
        let (tell, news) = mpsc::unbounded_channel();
        let packed = Arc::new(watch::Sender::new(None));
        let courier = Courier::new(epoch, line, packed.subscribe(), frames, tell.clone());
        let _courier = AbortOnDropHandle::new(tokio::spawn(courier.run()));
        let (before, diffs) = (Before::Unknown, None);
        Self { roots, number: 0, last: None, before, diffs, packed, to_courier, tell, news, _courier }
    }

    /// Keeps what each turn changes in `folder` of the workspaces, beginning from `before`.
    pub fn keep_diffs(&mut self, shelf: Shelf, folder: String, before: Before) {
        (self.before, self.diffs) = (before, Some(Diffs { shelf, folder }));
    }

    /// Begins to make one, unless nothing has changed; how it goes is told by [`Self::news`].
    /// `turn` has just ended, if one has.
    pub fn begin(&mut self, turn: Option<TurnNumber>) {
        self.number += 1;
        let (before, diffs) = (self.before.clone(), self.diffs.clone());
        let (roots, number, last) = (self.roots.clone(), self.number, self.last);
        let (packed, tell) = (self.packed.clone(), self.tell.clone());
        tokio::spawn(async move {
            let made = tokio::task::spawn_blocking(move || pack::pack(&roots, number, last)).await;
            let news = match made.unwrap_or_else(|_| Err(PackError::Failed("it panicked".to_owned()))) {
                Ok(None) => News::Unchanged,
                Ok(Some(made)) => {
                    let kept = Kept { file: made.file.clone(), tree: made.tree.clone() };
                    let _ = tell.send(News::Packed { number, turn, fingerprint: made.fingerprint, kept: kept.clone() });
                    if let (Some(diffs), Some(turn)) = (diffs, turn) {
                        diffs.keep(turn, before, kept).await;
                    }
                    let is_newer =
                        |latest: &Option<Packed>| latest.as_ref().is_none_or(|latest| latest.number < number);
                    packed.send_if_modified(|latest| is_newer(latest).then(|| *latest = Some(made)).is_some());
                    return;
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
            News::Packed { turn, fingerprint, kept, .. } => {
                self.last = Some(*fingerprint);
                // What the agent left running changed since, the next turn's diff shows.
                if turn.is_some() {
                    self.before = Before::Kept(kept.clone());
                }
            }
            News::NotPacked(error) => warn!(%error, "no snapshot was made"),
            News::Unchanged | News::Delivered { .. } => {}
        }
        news
    }
}

impl Before {
    /// Nothing, where something else may come before the first turn.
    pub fn or_unknown(self) -> Self {
        if matches!(self, Self::Nothing) { Self::Unknown } else { self }
    }
}

impl Kept {
    fn state(&self) -> State<'_> {
        State { file: self.file.path(), tree: &self.tree }
    }
}

impl Diffs {
    /// A diff that is not kept is a view less, no loss: the files are in the snapshot.
    async fn keep(self, turn: TurnNumber, before: Before, after: Kept) {
        let folder = self.folder.clone();
        let compared = tokio::task::spawn_blocking(move || match &before {
            Before::Unknown => Ok(None),
            Before::Nothing => changes(turn, None, after.state(), &folder),
            Before::Kept(before) => changes(turn, Some(before.state()), after.state(), &folder),
        });
        let diff = match compared.await {
            Ok(Ok(Some(diff))) => diff,
            Ok(Ok(None)) => return,
            Ok(Err(error)) => return warn!(turn, %error, "the turn's diff could not be made"),
            Err(_) => return warn!(turn, "the turn's diff could not be made: it panicked"),
        };
        match timeout(DIFF_WAIT, self.shelf.keep_diff(&diff)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(turn, %error, "the turn's diff is not kept"),
            Err(_) => warn!(turn, "the turn's diff is not kept: it took too long"),
        }
    }
}
