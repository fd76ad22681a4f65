//! Between two turns: what was done is put by, and a sandbox that nobody uses goes.

use std::time::Duration;

use domain::event::EventBody;
use domain::{Epoch, TurnNumber};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};
use wire::runner::{FromRunner, ToRunner, Turn};

use super::Driver;
use crate::limits::{FRAME_WAIT, REFUSED_STOP};
use crate::relay::FromLink;
use crate::snapshot::{News, PackError, Snapshots};

/// What is going on while no turn is in hand.
pub struct Rest {
    epoch: Epoch,
    /// None when there is nothing that may be put by.
    snapshots: Option<Snapshots>,
    /// A snapshot is being made. OpenCode writes its data in turns, so the next one waits.
    packing: bool,
    /// The snapshot that is not delivered yet.
    under_way: Option<u64>,
    /// The turn that waits.
    held: Option<Turn>,
    idle_stop: Duration,
    idle_since: Instant,
    leaving: Leaving,
}

/// How far an idle sandbox is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaving {
    No,
    /// What changed since the last turn is put by.
    PuttingBy,
    /// The relay was asked; it answers with a stop or a turn.
    Asked {
        again_at: Instant,
    },
}

impl Rest {
    /// The rest of the runner of this `epoch`.
    pub fn new(epoch: Epoch, snapshots: Option<Snapshots>) -> Self {
        Self {
            epoch,
            snapshots,
            packing: false,
            under_way: None,
            held: None,
            idle_stop: Duration::from_secs(domain::limits::IDLE_STOP_SECONDS),
            idle_since: Instant::now(),
            leaving: Leaving::No,
        }
    }

    /// How long nobody may want anything before the sandbox goes.
    pub(super) fn idle_stop(&mut self, wait: Duration) {
        self.idle_stop = wait;
    }

    /// Gives the turn back if it may begin; else keeps it.
    pub(super) fn admit(&mut self, turn: Turn) -> Option<Turn> {
        self.leaving = Leaving::No;
        if !self.packing {
            return Some(turn);
        }
        self.held = Some(turn);
        None
    }

    /// A turn that waits is to be stopped as soon as it begins.
    pub(super) fn abort(&mut self, turn: TurnNumber) {
        self.held.iter_mut().filter(|held| held.number == turn).for_each(|held| held.abort = true);
    }

    pub(super) fn turn_over(&mut self, turn: TurnNumber) {
        self.idle_since = Instant::now();
        self.put_by(Some(turn));
    }

    pub(super) fn hear(&self, frame: ToRunner) {
        self.snapshots.iter().for_each(|snapshots| snapshots.hear(frame.clone()));
    }

    /// The next thing that becomes of a snapshot.
    pub(super) async fn news(&mut self) -> News {
        match &mut self.snapshots {
            Some(snapshots) => snapshots.news().await,
            None => std::future::pending().await,
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        match self.leaving {
            _ if self.is_busy() => None,
            Leaving::No => Some(self.idle_since + self.idle_stop),
            Leaving::PuttingBy => Some(self.idle_since),
            Leaving::Asked { again_at } => Some(again_at),
        }
    }

    fn is_busy(&self) -> bool {
        self.packing || self.under_way.is_some()
    }

    fn put_by(&mut self, turn: Option<TurnNumber>) {
        if let Some(snapshots) = &mut self.snapshots {
            snapshots.begin(turn);
            self.packing = true;
        }
    }
}

impl Driver {
    /// Waits until the last snapshot is delivered, at most for `limit`.
    pub async fn put_by(&mut self, incoming: &mut UnboundedReceiver<FromLink>, limit: Duration) {
        self.rest.held = None;
        if timeout(limit, self.deliver(incoming)).await.is_err() {
            warn!("the last snapshot was not delivered in time");
        }
    }

    async fn deliver(&mut self, incoming: &mut UnboundedReceiver<FromLink>) {
        while self.rest.is_busy() {
            tokio::select! {
                news = self.rest.news() => self.put_by_news(news),
                heard = incoming.recv() => match heard {
                    Some(FromLink::Frame(frame)) => self.rest.hear(frame),
                    // The relay wants nothing of this runner any more.
                    Some(FromLink::Stop { .. }) | None => return,
                    Some(_) => {}
                },
            }
        }
    }

    /// Takes in what becomes of a snapshot.
    pub(super) fn put_by_news(&mut self, news: News) {
        let rest = &mut self.rest;
        match news {
            News::Delivered { number, version } => {
                self.line.event(EventBody::WorkspaceUpdated { version }.of_session());
                rest.under_way = rest.under_way.filter(|latest| *latest != number);
                return;
            }
            News::Packed { number, .. } => rest.under_way = Some(number),
            // The user was told at the end of the turn.
            News::NotPacked(error) if rest.leaving == Leaving::No => self.line.event(warning(&error).of_session()),
            News::NotPacked(_) | News::Unchanged => {}
        }
        self.rest.packing = false;
        if let Some(turn) = self.rest.held.take() {
            self.begin(turn);
        }
    }

    /// Does what is due by the clock while no turn is in hand.
    pub(super) fn tick_idle(&mut self, now: Instant) {
        if self.rest.next_deadline().is_none_or(|at| at > now) {
            return;
        }
        if self.rest.leaving == Leaving::No {
            info!("nobody wants anything; putting everything by");
            self.rest.leaving = Leaving::PuttingBy;
            self.rest.put_by(None);
        } else {
            self.rest.leaving = Leaving::Asked { again_at: now + FRAME_WAIT };
            self.line.frame(FromRunner::Leave { epoch: self.rest.epoch });
        }
    }

    /// No turn can be run here: leave soon, so that the next message gets another sandbox.
    pub(super) fn leave_soon(&mut self) {
        self.rest.idle_stop(REFUSED_STOP);
    }
}

fn warning(error: &PackError) -> EventBody {
    let (code, message) = match error {
        PackError::TooLarge => (
            "snapshot_too_large",
            "the workspace is larger than can be kept (1 GB compressed, 8 GB of files): what changed since it was \
             last kept is lost when the sandbox ends; delete what is not needed",
        ),
        PackError::Restless | PackError::Failed(_) => {
            ("snapshot_failed", "the workspace could not be kept after this turn; it is tried again after the next one")
        }
    };
    EventBody::WorkspaceWarning { code: code.to_owned(), message: message.to_owned() }
}
