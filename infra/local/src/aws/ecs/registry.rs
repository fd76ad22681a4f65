//! The tasks that ECS knows: in memory, and on disk so that a stack that died
//! is cleaned up after.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::task::{Stop, Task};

/// How long a stopped task can still be described, and its token still counts: as ECS.
const STOPPED_KEPT: SignedDuration = SignedDuration::from_hours(1);

/// Every task of the last hour.
pub(super) struct Registry {
    folder: PathBuf,
    entries: Mutex<HashMap<String, Entry>>,
}

struct Entry {
    task: Task,
    stop: watch::Sender<Option<Stop>>,
}

/// What became of a request to run a task.
pub(super) enum Admitted {
    /// It is to be started.
    New(Task),
    /// This very request was made before.
    Repeat(Task),
    /// Its token was used for another request, which started this task.
    Conflict(String),
}

impl Registry {
    /// Reads what is on disk and forgets what is too old.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let mut entries = HashMap::new();
        for file in fs::read_dir(folder)?.flatten().map(|entry| entry.path()) {
            if file.extension().is_some_and(|extension| extension == "json") {
                // A record cut short by a crash describes nothing that still runs.
                match serde_json::from_slice::<Task>(&fs::read(&file)?) {
                    Ok(task) => drop(entries.insert(task.id.clone(), Entry::new(task))),
                    Err(_) => fs::remove_file(&file)?,
                }
            }
        }
        let registry = Self { folder: folder.to_owned(), entries: Mutex::new(entries) };
        registry.forget_old(&mut registry.lock());
        Ok(registry)
    }

    /// Takes a new task in, unless its token was seen.
    pub(super) fn admit(&self, task: Task) -> Admitted {
        let mut entries = self.lock();
        self.forget_old(&mut entries);
        let same_token = |entry: &&Entry| task.client_token.is_some() && entry.task.client_token == task.client_token;
        if let Some(earlier) = entries.values().find(same_token) {
            return if earlier.task.request == task.request {
                Admitted::Repeat(earlier.task.clone())
            } else {
                Admitted::Conflict(earlier.task.arn())
            };
        }
        self.keep(&task);
        entries.insert(task.id.clone(), Entry::new(task.clone()));
        Admitted::New(task)
    }

    pub(super) fn find(&self, id: &str) -> Option<Task> {
        self.lock().get(id).map(|entry| entry.task.clone())
    }

    /// Applies a change, counts it and keeps the result.
    pub(super) fn change(&self, id: &str, step: impl FnOnce(&mut Task)) -> Option<Task> {
        let mut entries = self.lock();
        let task = &mut entries.get_mut(id)?.task;
        step(task);
        task.bump();
        self.keep(task);
        Some(task.clone())
    }

    /// Asks a task to stop; one that has stopped stays as it is.
    pub(super) fn stop(&self, id: &str, stop: Stop) -> Option<Task> {
        let mut entries = self.lock();
        let entry = entries.get_mut(id)?;
        entry.ask_to_stop(stop);
        Some(entry.task.clone())
    }

    /// Asks every task to stop.
    pub(super) fn stop_all(&self, stop: &Stop) {
        self.lock().values_mut().for_each(|entry| entry.ask_to_stop(stop.clone()));
    }

    /// Resolves when somebody asks the task to stop.
    pub(super) fn stop_requests(&self, id: &str) -> Option<watch::Receiver<Option<Stop>>> {
        Some(self.lock().get(id)?.stop.subscribe())
    }

    /// Tasks that have no end on record.
    pub(super) fn unfinished(&self) -> Vec<String> {
        let entries = self.lock();
        let unfinished = entries.values().filter(|entry| entry.task.stopped_at().is_none());
        unfinished.map(|entry| entry.task.id.clone()).collect()
    }

    fn forget_old(&self, entries: &mut HashMap<String, Entry>) {
        let now = Timestamp::now();
        entries.retain(|id, entry| {
            let keep = entry.task.stopped_at().is_none_or(|at| now.duration_since(at) < STOPPED_KEPT);
            if !keep {
                let _ = fs::remove_file(self.record(id));
            }
            keep
        });
    }

    /// Only its owner may read a record: it holds the token given to the runner.
    fn keep(&self, task: &Task) {
        let written = serde_json::to_vec(task).map_err(std::io::Error::from).and_then(|record| {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true).mode(0o600).open(self.record(&task.id))?.write_all(&record)
        });
        if let Err(error) = written {
            tracing::error!(%error, "cannot keep the record of a task");
        }
    }

    fn record(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        // A panic while it was held leaves a map that is whole.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn new(task: Task) -> Self {
        Self { task, stop: watch::Sender::new(None) }
    }

    fn ask_to_stop(&mut self, stop: Stop) {
        if self.task.stopped_at().is_none() {
            self.task.stopping(stop.clone());
            self.stop.send_if_modified(|asked| {
                let first = asked.is_none();
                asked.get_or_insert(stop);
                first
            });
        }
    }
}
