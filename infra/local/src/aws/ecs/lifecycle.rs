//! The life of one task, from RunTask to STOPPED.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;

use anyhow::Result;
use rustix::process::Signal;
use tokio::process::Child;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Ecs;
use super::container::{self, Pod};
use super::task::{Stop, Task};
use crate::process;
use crate::template::TaskDefinition;

type Variables = BTreeMap<String, BTreeMap<String, String>>;

/// A container that ended: its name, and its exit code as a shell would give it.
type Exit = (String, i32);

/// Runs a task to its end. Whatever happens, the task is recorded as stopped and its folder removed.
pub(super) async fn live(ecs: Ecs, task: Task, definition: TaskDefinition, given: Variables) {
    let inner = ecs.inner.clone();
    let Some(stop_requests) = inner.registry.stop_requests(&task.id) else { return };
    ecs.change(&task.id, Task::pending);
    let pod = container::choose_ports(&definition, &inner.ports).map(|ports| Pod {
        host: &inner.host,
        secrets: &inner.secrets,
        id: &task.id,
        ports,
    });
    let stop = match pod {
        Ok(pod) => run(&ecs, &pod, &definition, &given, stop_requests).await,
        Err(error) => failed_to_start(&error),
    };
    let folder = inner.host.tasks.join(&task.id);
    let swept = folder.clone();
    // Reads all of /proc: not a thing for a thread that others wait for.
    let _ = tokio::task::spawn_blocking(move || container::kill_under(&swept)).await;
    if let Err(error) = tokio::fs::remove_dir_all(&folder).await {
        tracing::warn!(%error, folder = %folder.display(), "cannot remove the folder of a task");
    }
    // While the stack stops nobody can hear of it: the next one records it and tells (`Ecs::settle`).
    if !inner.closing.is_cancelled() {
        ecs.change(&task.id, |task| task.stopped(stop));
    }
}

async fn run(
    ecs: &Ecs,
    pod: &Pod<'_>,
    definition: &TaskDefinition,
    given: &Variables,
    mut stop_requests: watch::Receiver<Option<Stop>>,
) -> Stop {
    let mut containers = match Containers::start(pod, definition, given) {
        Ok(containers) => containers,
        Err(error) => return failed_to_start(&error),
    };
    ecs.change(pod.id, Task::running);
    let stop = tokio::select! {
        asked = stop_requests.wait_for(Option::is_some) => asked.ok().and_then(|asked| asked.clone()),
        () = containers.essential_exit(ecs, pod.id, definition) => None,
    };
    let stop = stop.unwrap_or_else(|| Stop::new("EssentialContainerExited", "Essential container in task exited"));
    ecs.change(pod.id, |task| task.stopping(stop.clone()));
    containers.stop(ecs, pod.id, definition).await;
    stop
}

fn failed_to_start(error: &anyhow::Error) -> Stop {
    tracing::error!("a task failed to start: {error:#}");
    Stop::new("TaskFailedToStart", &format!("CannotStartContainerError: {error:#}"))
}

/// The processes of a task.
struct Containers {
    leaders: Vec<(String, u32)>,
    exits: JoinSet<Exit>,
}

impl Containers {
    /// Starts all of them, or none: dropping the first ones on a later failure kills them.
    fn start(pod: &Pod, definition: &TaskDefinition, given: &Variables) -> Result<Self> {
        let mut containers = Self { leaders: Vec::new(), exits: JoinSet::new() };
        let nothing = BTreeMap::new();
        for container in &definition.containers {
            let child = pod.start(container, given.get(&container.name).unwrap_or(&nothing))?;
            containers.leaders.extend(child.id().map(|leader| (container.name.clone(), leader)));
            containers.exits.spawn(exit(container.name.clone(), child));
        }
        Ok(containers)
    }

    /// Resolves when a container that the task cannot do without has ended.
    async fn essential_exit(&mut self, ecs: &Ecs, id: &str, definition: &TaskDefinition) {
        while let Some((name, code)) = self.next_exit().await {
            ecs.inner.registry.change(id, |task| task.exited(&name, code));
            if definition.containers.iter().any(|container| container.name == name && container.essential) {
                return;
            }
        }
    }

    /// SIGTERM, time to end, SIGKILL.
    async fn stop(&mut self, ecs: &Ecs, id: &str, definition: &TaskDefinition) {
        self.leaders.iter().for_each(|(_, leader)| process::signal(*leader, Signal::TERM));
        let patience = definition.containers.iter().map(|container| container.stop_timeout).max().unwrap_or_default();
        tokio::select! {
            () = self.record_exits(ecs, id) => return,
            () = ecs.patience(patience) => {}
        }
        self.leaders.iter().for_each(|(_, leader)| process::signal_group(*leader, Signal::KILL));
        self.record_exits(ecs, id).await;
    }

    async fn record_exits(&mut self, ecs: &Ecs, id: &str) {
        while let Some((name, code)) = self.next_exit().await {
            ecs.inner.registry.change(id, |task| task.exited(&name, code));
        }
    }

    async fn next_exit(&mut self) -> Option<Exit> {
        let (name, code) = self.exits.join_next().await?.ok()?;
        // With its first process a container ends whole.
        for (_, leader) in self.leaders.extract_if(.., |(each, _)| *each == name) {
            process::signal_group(leader, Signal::KILL);
        }
        Some((name, code))
    }
}

impl Drop for Containers {
    fn drop(&mut self) {
        self.leaders.iter().for_each(|(_, leader)| process::signal_group(*leader, Signal::KILL));
    }
}

async fn exit(container: String, mut child: Child) -> Exit {
    let code =
        child.wait().await.map_or(255, |status| status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)));
    (container, code)
}
