//! Where one environment's process and the stack meet: work in, reports out.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::stats::{Counts, count};
use super::{Answer, FunctionError, InvokeError, lock};

/// One invocation, as the runtime polls it.
pub(super) struct Work {
    pub(super) id: String,
    pub(super) payload: Bytes,
    pub(super) deadline_ms: i64,
    pub(super) trace: String,
}

/// What the runtime tells about itself.
pub(super) enum Report {
    /// It polls for the next invocation, so the last one is over.
    Ready,
    /// It has sent its whole answer.
    Answered(Instant),
    /// It could not start.
    InitFailed(FunctionError),
    /// A fault wants its death before its answer is taken.
    Doomed,
}

/// The invocation that an environment is busy with.
pub(super) struct Current {
    pub(super) id: String,
    pub(super) reply: oneshot::Sender<Result<Answer, InvokeError>>,
    /// A fault: the process dies with its work done and its answer unsent.
    pub(super) doomed: bool,
}

pub(super) struct Slot {
    /// ARN of the function.
    pub(super) arn: String,
    counts: Arc<Counts>,
    work: tokio::sync::Mutex<mpsc::Receiver<Work>>,
    reports: mpsc::UnboundedSender<Report>,
    current: Mutex<Option<Current>>,
}

impl Slot {
    pub(super) fn new(
        arn: &str,
        counts: Arc<Counts>,
        work: mpsc::Receiver<Work>,
        reports: mpsc::UnboundedSender<Report>,
    ) -> Self {
        Self { arn: arn.to_owned(), counts, work: tokio::sync::Mutex::new(work), reports, current: Mutex::new(None) }
    }

    /// Waits for an invocation; `None` once the environment is gone.
    pub(super) async fn next(&self) -> Option<Work> {
        self.report(Report::Ready);
        self.work.lock().await.recv().await
    }

    pub(super) fn report(&self, report: Report) {
        // Nobody listens to an environment that is being ended.
        let _ = self.reports.send(report);
    }

    pub(super) fn begin(&self, current: Current) {
        *lock(&self.current) = Some(current);
    }

    /// The current invocation, if it is this one and has no answer yet.
    pub(super) fn take(&self, id: &str) -> Option<Current> {
        let mut current = lock(&self.current);
        if current.as_ref().is_some_and(|current| current.id == id) { current.take() } else { None }
    }

    /// Takes the error that a function reported for its invocation.
    pub(super) fn refuse(&self, current: Current, error: FunctionError) {
        count(&self.counts.errors);
        // A caller that has gone needs no answer.
        let _ = current.reply.send(Err(error.into()));
    }

    /// Answers the current invocation, whichever it is, with the environment's own error.
    pub(super) fn fail(&self, error: FunctionError) {
        count(&self.counts.errors);
        if let Some(current) = lock(&self.current).take() {
            let _ = current.reply.send(Err(error.into()));
        }
    }
}
