//! A task and the steps of its life.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::request::RunTask;
use crate::aws::{ACCOUNT, REGION};
use crate::lambda::request_id;

/// One task, as it is kept on disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) id: String,
    pub(super) client_token: Option<String>,
    /// What was asked for: a repeat with the same token must equal it.
    pub(super) request: Value,
    cluster: String,
    family: String,
    group: String,
    started_by: Option<String>,
    status: Status,
    desired: Status,
    version: u64,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    stopping_at: Option<Timestamp>,
    stopped_at: Option<Timestamp>,
    stop: Option<Stop>,
    containers: Vec<Container>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Provisioning,
    Pending,
    Running,
    Stopped,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Container {
    name: String,
    status: Status,
    exit_code: Option<i32>,
}

/// Why a task ends, in ECS's words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Stop {
    code: String,
    reason: String,
}

impl Stop {
    pub(super) fn new(code: &str, reason: &str) -> Self {
        Self { code: code.to_owned(), reason: reason.to_owned() }
    }
}

impl Task {
    pub(super) fn new<'a>(
        request: &RunTask,
        family: &str,
        containers: impl Iterator<Item = &'a str>,
        input: Value,
    ) -> Self {
        let pending = |name: &str| Container { name: name.to_owned(), status: Status::Pending, exit_code: None };
        Self {
            id: request_id().replace('-', ""),
            client_token: request.client_token.clone(),
            request: input,
            cluster: cluster_arn(&request.cluster),
            family: family.to_owned(),
            group: request.group.clone().unwrap_or_else(|| format!("family:{family}")),
            started_by: request.started_by.clone(),
            status: Status::Provisioning,
            desired: Status::Running,
            version: 1,
            created_at: Timestamp::now(),
            started_at: None,
            stopping_at: None,
            stopped_at: None,
            stop: None,
            containers: containers.map(pending).collect(),
        }
    }

    pub(super) fn arn(&self) -> String {
        let cluster = self.cluster.rsplit('/').next().unwrap_or_default();
        format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task/{cluster}/{}", self.id)
    }

    pub(super) fn stopped_at(&self) -> Option<Timestamp> {
        self.stopped_at
    }

    pub(super) fn pending(&mut self) {
        self.status = Status::Pending;
    }

    pub(super) fn running(&mut self) {
        self.status = Status::Running;
        self.started_at = Some(Timestamp::now());
        for container in &mut self.containers {
            container.status = Status::Running;
        }
    }

    /// Notes why the task is to end; the first reason stays.
    pub(super) fn stopping(&mut self, stop: Stop) {
        self.desired = Status::Stopped;
        self.stopping_at.get_or_insert_with(Timestamp::now);
        self.stop.get_or_insert(stop);
    }

    pub(super) fn exited(&mut self, container: &str, exit_code: i32) {
        if let Some(container) = self.containers.iter_mut().find(|each| each.name == container) {
            container.status = Status::Stopped;
            container.exit_code = Some(exit_code);
        }
    }

    pub(super) fn stopped(&mut self, stop: Stop) {
        self.stopping(stop);
        self.status = Status::Stopped;
        self.stopped_at = Some(Timestamp::now());
        for container in &mut self.containers {
            container.status = Status::Stopped;
        }
    }

    /// Counts a change; callers of the API and readers of events order by it.
    pub(super) fn bump(&mut self) {
        self.version += 1;
    }

    /// As the API answers: times in seconds.
    pub(super) fn describe(&self) -> Value {
        self.render(|at| json!(at.as_millisecond() as f64 / 1000.0))
    }

    /// As the bus carries it: times as text, and never without `updatedAt`.
    pub(super) fn event_detail(&self) -> Value {
        let mut detail = self.render(|at| at.to_string().into());
        detail["updatedAt"] = Timestamp::now().to_string().into();
        detail
    }

    fn render(&self, time: impl Fn(Timestamp) -> Value) -> Value {
        let optional = |at: Option<Timestamp>| at.map_or(Value::Null, &time);
        let mut rendered = json!({
            "taskArn": self.arn(),
            "clusterArn": self.cluster,
            "taskDefinitionArn": format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{}:1", self.family),
            "containers": self.containers.iter().map(|each| self.render_container(each)).collect::<Vec<_>>(),
            "overrides": self.request.get("overrides").cloned().unwrap_or_else(|| json!({ "containerOverrides": [] })),
            "lastStatus": self.status,
            "desiredStatus": self.desired,
            "group": self.group,
            "launchType": "FARGATE",
            "startedBy": self.started_by,
            "version": self.version,
            "createdAt": time(self.created_at),
            "startedAt": optional(self.started_at),
            "stoppingAt": optional(self.stopping_at),
            "stoppedAt": optional(self.stopped_at),
            "stopCode": self.stop.as_ref().map(|stop| &stop.code),
            "stoppedReason": self.stop.as_ref().map(|stop| &stop.reason),
        });
        if let Some(members) = rendered.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
        rendered
    }

    fn render_container(&self, container: &Container) -> Value {
        let mut rendered = json!({
            "containerArn": format!("{}/{}", self.arn(), container.name),
            "taskArn": self.arn(),
            "name": container.name,
            "lastStatus": container.status,
        });
        if let Some(exit_code) = container.exit_code {
            rendered["exitCode"] = exit_code.into();
        }
        rendered
    }
}

/// The id in a task's id or ARN.
pub(super) fn id_of(task: &str) -> &str {
    task.rsplit('/').next().unwrap_or(task)
}

fn cluster_arn(cluster: &str) -> String {
    if cluster.starts_with("arn:") {
        cluster.to_owned()
    } else {
        format!("arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{cluster}")
    }
}
