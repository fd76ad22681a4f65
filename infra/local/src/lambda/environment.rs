//! One execution environment: a process that is frozen between invocations.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::slot::{Report, Slot, Work};
use super::stats::Counts;
use super::{FunctionError, Shared, lock};
use crate::process;

/// Lambda gives a start ten seconds.
const INIT_LIMIT: Duration = Duration::from_secs(10);

pub(super) struct Environment {
    name: String,
    leader: u32,
    child: Child,
    slot: Arc<Slot>,
    work: mpsc::Sender<Work>,
    reports: mpsc::UnboundedReceiver<Report>,
    shared: Arc<Shared>,
    init: Option<Duration>,
}

impl Environment {
    /// Starts the process that `command` describes; its runtime finds its own path of the API.
    pub(super) fn start(
        name: String,
        arn: &str,
        mut command: Command,
        counts: &Arc<Counts>,
        shared: &Arc<Shared>,
    ) -> io::Result<Self> {
        command.env("AWS_LAMBDA_RUNTIME_API", format!("http://{}/{name}", shared.address));
        command.stdin(Stdio::null()).kill_on_drop(true);
        process::contain(&mut command, Signal::KILL);
        let (work, inbox) = mpsc::channel(1);
        let (outbox, reports) = mpsc::unbounded_channel();
        let slot = Arc::new(Slot::new(arn, counts.clone(), inbox, outbox));
        lock(&shared.slots).insert(name.clone(), slot.clone());
        let child = command.spawn().inspect_err(|_| drop(lock(&shared.slots).remove(&name)))?;
        let leader = child.id().expect("a process that nobody has waited for has an id");
        lock(&shared.leaders).push(leader);
        Ok(Self { name, leader, child, slot, work, reports, shared: shared.clone(), init: None })
    }

    pub(super) fn slot(&self) -> &Slot {
        &self.slot
    }

    pub(super) fn leader(&self) -> u32 {
        self.leader
    }

    /// Whether the process is still there.
    pub(super) fn alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for the runtime's first poll and says how long the start took; nothing if it was done before.
    pub(super) async fn initialised(&mut self) -> Result<Duration, FunctionError> {
        if self.init.is_some() {
            return Ok(Duration::ZERO);
        }
        let began = Instant::now();
        match timeout(INIT_LIMIT, self.until_ready()).await {
            Ok(ready) => ready?,
            Err(_) => return Err(error("Runtime.InitTimeout", "the function did not start in 10 seconds")),
        };
        self.init = Some(began.elapsed());
        Ok(began.elapsed())
    }

    /// Hands over one invocation and waits until the runtime polls again; says how long it took.
    pub(super) async fn run(
        &mut self,
        work: Work,
        limit: Duration,
        kill: Option<Duration>,
    ) -> Result<Duration, FunctionError> {
        let began = Instant::now();
        let id = work.id.clone();
        process::signal_group(self.leader, Signal::CONT);
        self.work.try_send(work).map_err(|_| error("Runtime.Busy", "the environment took no work"))?;
        let answered = tokio::select! {
            biased;
            answered = self.until_ready() => answered?,
            () = sleep(limit) => return Err(timed_out(&id, limit)),
            () = fault(kill) => return Err(error("Runtime.ExitError", "signal: killed (fault)")),
        };
        Ok(answered.unwrap_or_else(Instant::now) - began)
    }

    /// Nothing runs between invocations.
    pub(super) fn freeze(&self) {
        process::signal_group(self.leader, Signal::STOP);
    }

    /// Waits for the next poll and says when the answer before it was complete.
    async fn until_ready(&mut self) -> Result<Option<Instant>, FunctionError> {
        let mut answered = None;
        loop {
            let report = tokio::select! {
                biased;
                Some(report) = self.reports.recv() => report,
                status = self.child.wait() => return Err(exited(status)),
            };
            match report {
                Report::Ready => return Ok(answered),
                Report::Answered(at) => answered = Some(at),
                Report::InitFailed(error) => return Err(error),
                Report::Doomed => return Err(error("Runtime.ExitError", "signal: killed (fault)")),
            }
        }
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        process::signal_group(self.leader, Signal::KILL);
        lock(&self.shared.slots).remove(&self.name);
        lock(&self.shared.leaders).retain(|leader| *leader != self.leader);
    }
}

async fn fault(kill: Option<Duration>) {
    match kill {
        Some(delay) => sleep(delay).await,
        None => std::future::pending().await,
    }
}

fn error(kind: &str, message: &str) -> FunctionError {
    FunctionError { error_type: kind.to_owned(), error_message: message.to_owned() }
}

fn timed_out(id: &str, limit: Duration) -> FunctionError {
    error(
        "Sandbox.Timedout",
        &format!("RequestId: {id} Error: Task timed out after {:.2} seconds", limit.as_secs_f64()),
    )
}

fn exited(status: io::Result<ExitStatus>) -> FunctionError {
    let how = status.map_or_else(|error| error.to_string(), |status| status.to_string());
    error("Runtime.ExitError", &format!("the runtime exited: {how}"))
}
