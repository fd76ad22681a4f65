//! What callers ask of ECS, and what it refuses.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::json::Refusal;
use crate::template::TaskDefinition;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunTask {
    #[serde(default = "default_cluster")]
    pub(super) cluster: String,
    task_definition: String,
    pub(super) client_token: Option<String>,
    pub(super) started_by: Option<String>,
    pub(super) group: Option<String>,
    count: Option<u32>,
    launch_type: Option<String>,
    network_configuration: Option<serde_json::Value>,
    #[serde(default)]
    overrides: Overrides,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Overrides {
    #[serde(default)]
    container_overrides: Vec<ContainerOverride>,
}

#[derive(Deserialize)]
struct ContainerOverride {
    name: String,
    #[serde(default)]
    environment: Vec<Variable>,
}

#[derive(Deserialize)]
struct Variable {
    name: String,
    value: String,
}

#[derive(Deserialize)]
pub(super) struct StopTask {
    pub(super) task: String,
    pub(super) reason: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct DescribeTasks {
    pub(super) tasks: Vec<String>,
}

fn default_cluster() -> String {
    "default".to_owned()
}

impl RunTask {
    /// Finds the task definition and refuses what ECS would refuse.
    pub(super) fn check<'a>(&self, definitions: &'a [TaskDefinition]) -> Result<&'a TaskDefinition, Refusal> {
        let family = family(&self.task_definition);
        let definition = definitions
            .iter()
            .find(|definition| definition.family == family)
            .ok_or_else(|| Refusal::new("ClientException", "TaskDefinition not found."))?;
        if self.count.unwrap_or(1) != 1 {
            return Err(invalid("the local stack starts one task at a time"));
        }
        if self.client_token.as_ref().is_some_and(|token| token.is_empty() || token.len() > 64) {
            return Err(invalid("clientToken is 1 to 64 characters"));
        }
        if self.started_by.as_ref().is_some_and(|by| by.len() > 128) {
            return Err(invalid("startedBy length should be less than or equal to 128."));
        }
        if self.network_configuration.is_none() {
            return Err(invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified."));
        }
        if self.launch_type.as_deref().is_some_and(|kind| kind != "FARGATE") {
            return Err(invalid("the cluster has no container instances: launchType must be FARGATE"));
        }
        self.check_overrides(definition)?;
        Ok(definition)
    }

    /// Variables given with the call, by the container's name.
    pub(super) fn variables(self) -> BTreeMap<String, BTreeMap<String, String>> {
        let of = |container: ContainerOverride| {
            let variables = container.environment.into_iter().map(|variable| (variable.name, variable.value));
            (container.name, variables.collect())
        };
        self.overrides.container_overrides.into_iter().map(of).collect()
    }

    fn check_overrides(&self, definition: &TaskDefinition) -> Result<(), Refusal> {
        for given in &self.overrides.container_overrides {
            if !definition.containers.iter().any(|container| container.name == given.name) {
                let message =
                    format!("Override for container named {} is not a container in the TaskDefinition.", given.name);
                return Err(invalid(message));
            }
        }
        Ok(())
    }
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterException", message)
}

/// The family in `family`, `family:revision` or an ARN that ends with one.
fn family(task_definition: &str) -> &str {
    let name = task_definition.rsplit('/').next().unwrap_or(task_definition);
    name.split(':').next().unwrap_or(name)
}
