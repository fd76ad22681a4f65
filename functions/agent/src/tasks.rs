//! Sandboxes as ECS tasks: one per session and epoch.

use aws_config::SdkConfig;
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, ContainerOverride, KeyValuePair, LaunchType, NetworkConfiguration,
    TaskOverride,
};
use domain::{BearerToken, RunnerClaim};
use web::config::{self, Missing};

/// Names the task's session in its state-change events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TaskGroup(pub(crate) RunnerClaim);

#[derive(Clone)]
pub(crate) struct Tasks {
    client: Client,
    cluster: String,
    task_definition: String,
    subnets: Vec<String>,
    security_group: String,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    #[error("ECS refused")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("ECS started no task: {0}")]
    NotStarted(String),
}

impl Tasks {
    pub(crate) fn from_env(sdk: &SdkConfig) -> Result<Self, Missing> {
        Ok(Self {
            client: Client::new(sdk),
            cluster: config::required("CLUSTER")?,
            task_definition: config::required("TASK_DEFINITION")?,
            subnets: config::required("SUBNETS")?.split(',').map(str::to_owned).collect(),
            security_group: config::required("SECURITY_GROUP")?,
        })
    }

    /// Starts the task of a session's epoch and returns its ARN. Repeating it is
    /// safe: the client token is the epoch's, and so is the runner's token.
    pub(crate) async fn start(&self, claim: &RunnerClaim, token: &BearerToken) -> Result<String, TaskError> {
        let variable = |name: &str, value: &str| KeyValuePair::builder().name(name).value(value).build();
        let runner = ContainerOverride::builder()
            .name("runner")
            .environment(variable("SESSION_ID", &claim.session_id.to_string()))
            .environment(variable("EPOCH", &claim.epoch.to_string()))
            .environment(variable("RUNNER_TOKEN", token.reveal()))
            .build();
        let network = AwsVpcConfiguration::builder()
            .set_subnets(Some(self.subnets.clone()))
            .security_groups(&self.security_group)
            // Public subnets without a NAT: the address is for going out, nothing may come in.
            .assign_public_ip(AssignPublicIp::Enabled)
            .build()
            .map_err(|error| TaskError::Refused(error.into()))?;
        let started = self
            .client
            .run_task()
            .cluster(&self.cluster)
            .task_definition(&self.task_definition)
            .launch_type(LaunchType::Fargate)
            .network_configuration(NetworkConfiguration::builder().awsvpc_configuration(network).build())
            .overrides(TaskOverride::builder().container_overrides(runner).build())
            .client_token(format!("{}-{}", claim.session_id, claim.epoch))
            .started_by(claim.session_id.to_string())
            .group(TaskGroup(*claim).to_string())
            .count(1)
            .send()
            .await
            .map_err(|error| TaskError::Refused(error.into()))?;
        match started.tasks().first().and_then(|task| task.task_arn()) {
            Some(arn) => Ok(arn.to_owned()),
            None => {
                let reason = started.failures().first().and_then(|failure| failure.reason());
                Err(TaskError::NotStarted(reason.unwrap_or("no reason given").to_owned()))
            }
        }
    }

    /// Ends a task; one that has ended is fine.
    pub(crate) async fn stop(&self, task_arn: &str, reason: &str) {
        let stopped = self.client.stop_task().cluster(&self.cluster).task(task_arn).reason(reason).send().await;
        if let Err(error) = stopped {
            let cause = aws_smithy_types::error::display::DisplayErrorContext(&error);
            tracing::warn!(task.arn = task_arn, error = %cause, "a task was not stopped");
        }
    }
}

impl std::fmt::Display for TaskGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.0.user_id, self.0.session_id, self.0.epoch)
    }
}

impl std::str::FromStr for TaskGroup {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut fields = text.split('/');
        let mut next = || fields.next().ok_or(());
        let claim = RunnerClaim {
            user_id: next()?.parse().map_err(|_| ())?,
            session_id: next()?.parse().map_err(|_| ())?,
            epoch: next()?.parse().map_err(|_| ())?,
        };
        Ok(Self(claim))
    }
}
