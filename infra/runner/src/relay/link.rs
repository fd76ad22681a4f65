//! The driver's end of the line to the relay.

use std::sync::Arc;
use std::time::Duration;

use domain::event::Entry;
use domain::session::Outcome;
use domain::{Epoch, SessionId};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use wire::runner::{FromRunner, ToRunner, Turn, Welcome};

use super::keeper::Keeper;

/// Which session the line is for, and where it goes.
#[derive(Clone)]
pub struct LinkConfig {
    pub session: SessionId,
    pub epoch: Epoch,
    /// Good for this session and epoch only.
    pub token: String,
    /// The socket API's stage, such as `wss://…/live`.
    pub socket_url: String,
    /// The REST API's stage, for what is too large for a socket frame.
    pub api_url: String,
}

/// What comes in by the line.
#[derive(Debug, PartialEq)]
pub enum FromLink {
    Welcome(Box<Welcome>),
    /// A turn to run; it may come twice.
    Turn(Turn),
    /// Anything else that is for the driver.
    Frame(ToRunner),
    /// More waits to be sent than there is memory for.
    Full,
    /// The runner is to end.
    Stop {
        reason: String,
    },
}

/// The driver's end of the line.
#[derive(Clone)]
pub struct Line {
    outgoing: mpsc::UnboundedSender<Outgoing>,
    /// Whether everything that was sent is acknowledged.
    settled: Arc<watch::Sender<bool>>,
}

/// What the driver says.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Entry(Entry),
    Finish(Outcome),
    Frame(FromRunner),
}

impl Line {
    /// Sends an event of a turn. Never blocks: what can't go yet is buffered.
    pub fn event(&self, entry: Entry) {
        self.send(Outgoing::Entry(entry));
    }

    /// Ends a turn.
    pub fn finish(&self, outcome: Outcome) {
        self.send(Outgoing::Finish(outcome));
    }

    /// Sends a frame that its sender repeats until it is answered.
    pub fn frame(&self, frame: FromRunner) {
        let _ = self.outgoing.send(Outgoing::Frame(frame));
    }

    /// Waits until all is acknowledged, at most for `limit`.
    pub async fn flush(&self, limit: Duration) -> bool {
        let mut settled = self.settled.subscribe();
        matches!(timeout(limit, settled.wait_for(|settled| *settled)).await, Ok(Ok(_)))
    }

    fn send(&self, outgoing: Outgoing) {
        self.settled.send_replace(false);
        // A link that is gone has told the driver to stop.
        let _ = self.outgoing.send(outgoing);
    }
}

/// Opens the line and keeps it open in a task of its own.
pub fn dial(config: LinkConfig) -> (Line, mpsc::UnboundedReceiver<FromLink>) {
    let (outgoing, from_driver) = mpsc::unbounded_channel();
    let (to_driver, incoming) = mpsc::unbounded_channel();
    let settled = Arc::new(watch::Sender::new(true));
    tokio::spawn(Keeper::new(config, from_driver, to_driver, settled.clone()).run());
    (Line { outgoing, settled }, incoming)
}

/// A line whose other end is a test.
#[cfg(test)]
pub(crate) fn to_a_test() -> (Line, mpsc::UnboundedReceiver<Outgoing>) {
    let (outgoing, said) = mpsc::unbounded_channel();
    (Line { outgoing, settled: Arc::new(watch::Sender::new(true)) }, said)
}
