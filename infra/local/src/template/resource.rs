//! Stores, secrets, tasks and what else the emulated services are made from.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Resource;

/// A DynamoDB table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its physical name.
    pub name: String,
    /// The attribute that holds an item's expiry, in seconds.
    pub ttl_attribute: Option<String>,
    /// The body of DynamoDB's CreateTable.
    pub create: Value,
}

/// An S3 bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Its physical name.
    pub name: String,
}

/// An SQS queue.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Its physical name.
    pub name: String,
    /// What a function's `DeadLetterQueue` names.
    pub arn: String,
}

/// A secret of Secrets Manager.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Its physical name.
    pub name: String,
    /// What `Ref` gives, and what a task definition's `ValueFrom` begins with.
    pub arn: String,
    /// Where its first value comes from.
    pub value: SecretValue,
}

/// Where a secret's first value comes from.
#[derive(Debug, Clone)]
pub enum SecretValue {
    /// Written in the template.
    Given(String),
    /// Made at the first deployment.
    Generated {
        /// JSON object that the generated password is put into.
        template: Option<String>,
        /// The key in it.
        key: Option<String>,
        /// In characters.
        length: usize,
        /// Letters and digits only.
        exclude_punctuation: bool,
    },
}

/// An ECS task definition.
#[derive(Debug, Clone)]
pub struct TaskDefinition {
    /// What RunTask names.
    pub family: String,
    /// Names of the volumes that its containers share.
    pub volumes: Vec<String>,
    /// In the template's order.
    pub containers: Vec<Container>,
}

/// A container of a task.
#[derive(Debug, Clone)]
pub struct Container {
    /// What `containerOverrides` names.
    pub name: String,
    /// Whether its end is the task's end.
    pub essential: bool,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Plain variables.
    pub environment: BTreeMap<String, String>,
    /// Variables from secrets: name to `arn:key::`.
    pub secrets: BTreeMap<String, String>,
    /// Ports that it may listen on.
    pub ports: Vec<u16>,
    /// Volumes as it sees them.
    pub mounts: Vec<Mount>,
    /// Between SIGTERM and SIGKILL.
    pub stop_timeout: Duration,
}

/// A volume at a path of a container.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Mount {
    /// Name of the volume.
    #[serde(rename = "SourceVolume")]
    pub volume: String,
    /// Where the container sees it.
    #[serde(rename = "ContainerPath")]
    pub path: PathBuf,
}

/// One of the gateway's own answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GatewayResponse {
    /// Instead of the type's own status.
    pub status: Option<u16>,
    /// For `application/json`.
    pub template: Option<String>,
}

pub(super) fn table(resource: &Resource) -> Result<Table> {
    let properties = &resource.properties;
    let mut create = json!({ "TableName": resource.name, "BillingMode": "PAY_PER_REQUEST" });
    for key in ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"] {
        if !properties[key].is_null() {
            create[key] = properties[key].clone();
        }
    }
    if create["KeySchema"].is_null() {
        bail!("it has no KeySchema");
    }
    let ttl = &properties["TimeToLiveSpecification"];
    let ttl_attribute = (ttl["Enabled"] == true).then(|| ttl["AttributeName"].as_str().map(str::to_owned)).flatten();
    Ok(Table { name: resource.name.clone(), ttl_attribute, create })
}

pub(super) fn queue(resource: &Resource) -> Result<Queue> {
    Ok(Queue { name: resource.name.clone(), arn: resource.arn.clone() })
}

pub(super) fn bucket(resource: &Resource) -> Result<Bucket> {
    Ok(Bucket { name: resource.name.clone() })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Generate {
    generate_string_key: Option<String>,
    secret_string_template: Option<String>,
    #[serde(default = "default_length")]
    password_length: usize,
    #[serde(default)]
    exclude_punctuation: bool,
}

fn default_length() -> usize {
    32
}

pub(super) fn secret(resource: &Resource) -> Result<Secret> {
    let given = resource.properties["SecretString"].as_str();
    let value = match (given, &resource.properties["GenerateSecretString"]) {
        (Some(text), _) => SecretValue::Given(text.to_owned()),
        (None, Value::Null) => bail!("it has neither SecretString nor GenerateSecretString"),
        (None, generate) => {
            let generate = Generate::deserialize(generate)?;
            SecretValue::Generated {
                template: generate.secret_string_template,
                key: generate.generate_string_key,
                length: generate.password_length,
                exclude_punctuation: generate.exclude_punctuation,
            }
        }
    };
    Ok(Secret { name: resource.name.clone(), arn: resource.arn.clone(), value })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawTask {
    family: String,
    #[serde(default)]
    volumes: Vec<Named>,
    container_definitions: Vec<RawContainer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawContainer {
    name: String,
    #[serde(default = "yes")]
    essential: bool,
    #[serde(default)]
    command: Vec<String>,
    #[serde(default)]
    environment: Vec<Pair>,
    #[serde(default)]
    secrets: Vec<Pair>,
    #[serde(default)]
    port_mappings: Vec<Port>,
    #[serde(default)]
    mount_points: Vec<Mount>,
    #[serde(default = "half_a_minute")]
    stop_timeout: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pair {
    name: String,
    #[serde(alias = "ValueFrom")]
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Port {
    container_port: u16,
}

fn yes() -> bool {
    true
}

fn half_a_minute() -> u64 {
    30
}

pub(super) fn task_definition(resource: &Resource) -> Result<TaskDefinition> {
    let task = RawTask::deserialize(&resource.properties)?;
    let volumes: Vec<String> = task.volumes.into_iter().map(|volume| volume.name).collect();
    let containers: Vec<Container> = task.container_definitions.into_iter().map(container).collect();
    for container in &containers {
        if let Some(mount) = container.mounts.iter().find(|mount| !volumes.contains(&mount.volume)) {
            bail!("container {} mounts {}, which is no volume of the task", container.name, mount.volume);
        }
    }
    Ok(TaskDefinition { family: task.family, volumes, containers })
}

fn container(raw: RawContainer) -> Container {
    let pairs = |pairs: Vec<Pair>| pairs.into_iter().map(|pair| (pair.name, pair.value)).collect();
    Container {
        name: raw.name,
        essential: raw.essential,
        command: raw.command,
        environment: pairs(raw.environment),
        secrets: pairs(raw.secrets),
        ports: raw.port_mappings.into_iter().map(|port| port.container_port).collect(),
        mounts: raw.mount_points,
        stop_timeout: Duration::from_secs(raw.stop_timeout),
    }
}

pub(super) fn stage(api: &Resource) -> Result<String> {
    Ok(api.properties["StageName"].as_str().ok_or_else(|| anyhow!("{} has no StageName", api.id))?.to_owned())
}

pub(super) fn selection(api: &Resource) -> Result<String> {
    let expression = api.properties["RouteSelectionExpression"].as_str();
    Ok(expression.ok_or_else(|| anyhow!("{} has no RouteSelectionExpression", api.id))?.to_owned())
}

/// As SAM reads them: `~1` stands for a slash.
pub(super) fn binary_types(api: &Resource) -> Vec<String> {
    let all = api.properties["BinaryMediaTypes"].as_array().into_iter().flatten();
    all.filter_map(Value::as_str).map(|kind| kind.replace("~1", "/")).collect()
}

pub(super) fn gateway_responses(api: &Resource) -> Result<BTreeMap<String, GatewayResponse>> {
    let all = api.properties["GatewayResponses"].as_object().into_iter().flatten();
    all.map(|(kind, body)| {
        let status = match &body["StatusCode"] {
            Value::Null => None,
            Value::String(digits) => Some(digits.parse().with_context(|| format!("GatewayResponses {kind}"))?),
            number => number.as_u64().and_then(|status| u16::try_from(status).ok()),
        };
        let template = body["ResponseTemplates"]["application/json"].as_str().map(str::to_owned);
        Ok((kind.clone(), GatewayResponse { status, template }))
    })
    .collect()
}
