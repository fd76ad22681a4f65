//! ECS: RunTask as processes of this machine.
//!
//! A task is what the template's task definition says, each container a process
//! group of its own. There is no image, no mount and no network namespace:
//! `container` makes up for them.

mod container;
mod lifecycle;
mod ports;
mod registry;
mod request;
mod task;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::events::Bus;
use super::json::{Refusal, parse};
use super::secrets::Secrets;
use crate::template::TaskDefinition;
use registry::Registry;
use request::{DescribeTasks, RunTask, StopTask};
use task::{Stop, Task};

/// How long containers may take to end when the stack stops: nobody waits half a minute for Ctrl-C.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(4);

/// What this machine gives to every task.
pub struct Host {
    /// Folders and records of tasks.
    pub tasks: PathBuf,
    /// Logs of containers.
    pub logs: PathBuf,
    /// Where a container's program is looked for, before `PATH`.
    pub binaries: PathBuf,
    /// Variables that a container's image would set, by the container's name.
    pub image_variables: BTreeMap<String, BTreeMap<String, String>>,
}

/// The cluster of the local stack.
#[derive(Clone)]
pub struct Ecs {
    inner: Arc<Inner>,
}

struct Inner {
    host: Host,
    definitions: Vec<TaskDefinition>,
    registry: Registry,
    secrets: Secrets,
    bus: Bus,
    ports: ports::Ports,
    running: TaskTracker,
    closing: CancellationToken,
}

impl Ecs {
    /// Opens the cluster, ending what an earlier stack left running.
    pub fn open(host: Host, definitions: Vec<TaskDefinition>, secrets: Secrets, bus: Bus) -> Result<Self> {
        let killed = container::kill_under(&host.tasks);
        if killed > 0 {
            tracing::warn!(killed, "ended processes of tasks that an earlier stack left behind");
        }
        let registry = Registry::open(&host.tasks)?;
        let inner = Inner {
            host,
            definitions,
            registry,
            secrets,
            bus,
            ports: ports::Ports::new(),
            running: TaskTracker::new(),
            closing: CancellationToken::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Records and announces the end of the tasks that ended with an earlier stack.
    ///
    /// Apart from `open`, because it needs functions that can be invoked.
    pub fn settle(&self) {
        for id in self.inner.registry.unfinished() {
            self.change(&id, |task| task.stopped(Stop::new("TerminationNotice", "the local stack was stopped")));
        }
    }

    /// Carries out one operation of the API.
    pub async fn call(&self, operation: &str, input: Value) -> Result<Value, Refusal> {
        match operation {
            "RunTask" => self.run_task(parse(input.clone())?, input),
            "StopTask" => self.stop_task(parse(input)?),
            "DescribeTasks" => Ok(self.describe_tasks(parse(input)?)),
            other => Err(Refusal::unknown_operation(other)),
        }
    }

    /// Stops every task and waits for its end.
    pub async fn shut_down(&self) {
        self.inner.closing.cancel();
        self.inner.registry.stop_all(&Stop::new("UserInitiated", "the local stack is stopping"));
        self.inner.running.close();
        self.inner.running.wait().await;
    }

    fn run_task(&self, request: RunTask, input: Value) -> Result<Value, Refusal> {
        let definition = request.check(&self.inner.definitions)?;
        let names = definition.containers.iter().map(|container| container.name.as_str());
        let task = Task::new(&request, &definition.family, names, input);
        match self.inner.registry.admit(task) {
            registry::Admitted::New(task) => {
                self.announce(&task);
                let answer = json!({ "tasks": [task.describe()], "failures": [] });
                let life = lifecycle::live(self.clone(), task, definition.clone(), request.variables());
                self.inner.running.spawn(life);
                Ok(answer)
            }
            registry::Admitted::Repeat(task) => Ok(json!({ "tasks": [task.describe()], "failures": [] })),
            registry::Admitted::Conflict(arn) => {
                let message = "The provided clientToken is already in use with a different RunTask request.";
                Err(Refusal::new("ConflictException", message).with("resourceIds", json!([arn])))
            }
        }
    }

    fn stop_task(&self, request: StopTask) -> Result<Value, Refusal> {
        let reason = request.reason.unwrap_or_else(|| "Task stopped by user".to_owned());
        let task = self.inner.registry.stop(task::id_of(&request.task), Stop::new("UserInitiated", &reason));
        let task =
            task.ok_or_else(|| Refusal::new("InvalidParameterException", "The referenced task was not found."))?;
        Ok(json!({ "task": task.describe() }))
    }

    fn describe_tasks(&self, request: DescribeTasks) -> Value {
        let (mut tasks, mut failures) = (Vec::new(), Vec::new());
        for name in &request.tasks {
            match self.inner.registry.find(task::id_of(name)) {
                Some(task) => tasks.push(task.describe()),
                None => failures.push(json!({ "arn": name, "reason": "MISSING" })),
            }
        }
        json!({ "tasks": tasks, "failures": failures })
    }

    /// How long a container may take to end: what its definition says, or less when the stack stops.
    async fn patience(&self, stop_timeout: Duration) {
        let hurried = async {
            self.inner.closing.cancelled().await;
            tokio::time::sleep(SHUTDOWN_PATIENCE).await;
        };
        tokio::select! {
            () = tokio::time::sleep(stop_timeout) => {}
            () = hurried => {}
        }
    }

    /// Applies one step of a task's life, records it and tells the bus.
    fn change(&self, id: &str, step: impl FnOnce(&mut Task)) {
        if let Some(task) = self.inner.registry.change(id, step) {
            self.announce(&task);
        }
    }

    fn announce(&self, task: &Task) {
        self.inner.bus.publish("aws.ecs", "ECS Task State Change", &[task.arn()], task.event_detail());
    }
}

#[cfg(test)]
mod tests;
