//! Functions, and the events that lead to them.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use serde::Deserialize;
use serde_json::{Map, Value};

pub use super::schedule::Rate;
use super::{Resource, Resources};

/// A Lambda function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Logical id in the template.
    pub id: String,
    /// `agent-ops-SessionsFunction`
    pub name: String,
    /// Of the function, not of a version.
    pub arn: String,
    /// Cargo's name of the binary (`Metadata.BuildProperties.Binary`).
    pub binary: String,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// In megabytes.
    pub memory_mb: u32,
    /// ARN of the queue that gets the events which it failed to carry out.
    pub dead_letters: Option<String>,
    /// `JSON` or `Text`.
    pub log_format: String,
    /// The function's own variables.
    pub environment: BTreeMap<String, String>,
}

/// A method and path of the REST API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestRoute {
    /// Upper case, or `ANY`.
    pub method: String,
    /// `/api/sessions/{id}`
    pub path: String,
    /// Logical id of the function.
    pub function: String,
    /// Whether the answer is streamed (`ResponseTransferMode: RESPONSE_STREAM`).
    pub streaming: bool,
    /// Id of the REST API.
    pub api: String,
}

/// A route key of the WebSocket API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketRoute {
    /// `$connect`, `$disconnect`, `$default` or a value that the selection expression finds.
    pub key: String,
    /// Logical id of the function.
    pub function: String,
}

/// A function that runs by the clock.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// `AgentEventsFunction/Sweep`
    pub id: String,
    /// Logical id of the function.
    pub function: String,
    /// When.
    pub rate: Rate,
    /// What the function is given; none: the service's own envelope.
    pub input: Option<String>,
    /// EventBridge Scheduler (`ScheduleV2`) rather than a rule: the default envelope differs.
    pub scheduler: bool,
}

/// A function that runs by an event on a bus.
#[derive(Debug, Clone)]
pub struct EventRule {
    /// `AgentEventsFunction/TaskStopped`
    pub id: String,
    /// Logical id of the function.
    pub function: String,
    /// Name of the bus; `default` is AWS's own, with the events of its services.
    pub bus: String,
    /// EventBridge's pattern.
    pub pattern: Value,
}

/// Everything that the functions' resources say.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) functions: BTreeMap<String, Function>,
    pub(super) routes: Vec<RestRoute>,
    pub(super) schedules: Vec<Schedule>,
    pub(super) rules: Vec<EventRule>,
}

/// Reads every function with its events, on top of the template's `Globals`.
pub(super) fn read_all(resources: &Resources, globals: &Value) -> Result<Parts> {
    let mut parts = Parts::default();
    for resource in resources.of("AWS::Serverless::Function") {
        read(resource, globals, &mut parts).with_context(|| resource.id.clone())?;
    }
    Ok(parts)
}

/// Reads the routes of a WebSocket API.
pub(super) fn socket_routes(api: &Resource, resources: &Resources) -> Result<Vec<SocketRoute>> {
    let by_arn: BTreeMap<&str, &str> = resources
        .of("AWS::Serverless::Function")
        .map(|function| (function.arn.as_str(), function.id.as_str()))
        .collect();
    let routes = api.properties["Routes"].as_object().ok_or_else(|| anyhow!("it has no Routes"))?;
    let routes = routes.iter().map(|(key, body)| {
        let arn = body["FunctionArn"].as_str().ok_or_else(|| anyhow!("route {key} has no FunctionArn"))?;
        let function = by_arn.get(arn).ok_or_else(|| anyhow!("route {key} leads to {arn}, which is no function"))?;
        Ok(SocketRoute { key: key.clone(), function: (*function).to_owned() })
    });
    routes.collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    #[serde(default = "three_seconds")]
    timeout: u64,
    #[serde(default = "smallest_memory")]
    memory_size: u32,
    #[serde(default)]
    environment: Environment,
    #[serde(default)]
    logging_config: Logging,
    dead_letter_queue: Option<DeadLetterQueue>,
    #[serde(default)]
    events: BTreeMap<String, Source>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeadLetterQueue {
    target_arn: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    #[serde(default)]
    variables: Map<String, Value>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Logging {
    log_format: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "Type", content = "Properties")]
enum Source {
    Api(ApiEvent),
    #[serde(rename_all = "PascalCase")]
    ScheduleV2 {
        schedule_expression: String,
        input: Option<String>,
    },
    #[serde(rename_all = "PascalCase")]
    Schedule {
        schedule: String,
        input: Option<String>,
    },
    #[serde(rename_all = "PascalCase", alias = "CloudWatchEvent")]
    EventBridgeRule {
        event_bus_name: Option<String>,
        pattern: Value,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ApiEvent {
    rest_api_id: String,
    path: String,
    method: String,
    response_transfer_mode: Option<String>,
}

// What Lambda gives a function that says nothing.
fn three_seconds() -> u64 {
    3
}

fn smallest_memory() -> u32 {
    128
}

fn read(resource: &Resource, globals: &Value, parts: &mut Parts) -> Result<()> {
    let properties = Properties::deserialize(overlay(globals, &resource.properties))?;
    let binary = resource.metadata["BuildProperties"]["Binary"].as_str();
    let function = Function {
        id: resource.id.clone(),
        name: resource.name.clone(),
        arn: resource.arn.clone(),
        binary: binary.ok_or_else(|| anyhow!("it has no Metadata.BuildProperties.Binary"))?.to_owned(),
        timeout: Duration::from_secs(properties.timeout),
        memory_mb: properties.memory_size,
        dead_letters: properties.dead_letter_queue.map(|queue| queue.target_arn),
        log_format: properties.logging_config.log_format.unwrap_or_else(|| "Text".into()),
        environment: variables(properties.environment.variables)?,
    };
    parts.functions.insert(function.id.clone(), function);
    for (name, source) in properties.events {
        parts.add(&resource.id, &name, source).with_context(|| format!("event {name}"))?;
    }
    Ok(())
}

impl Parts {
    fn add(&mut self, function: &str, name: &str, source: Source) -> Result<()> {
        let (id, function) = (format!("{function}/{name}"), function.to_owned());
        match source {
            Source::Api(api) => self.routes.push(route(api, function)?),
            Source::ScheduleV2 { schedule_expression, input } => {
                let rate = Rate::parse(&schedule_expression)?;
                self.schedules.push(Schedule { id, function, rate, input, scheduler: true });
            }
            Source::Schedule { schedule, input } => {
                let rate = Rate::parse(&schedule)?;
                self.schedules.push(Schedule { id, function, rate, input, scheduler: false });
            }
            Source::EventBridgeRule { event_bus_name, pattern } => {
                let bus = event_bus_name.unwrap_or_else(|| "default".into());
                self.rules.push(EventRule { id, function, bus, pattern });
            }
        }
        Ok(())
    }
}

fn route(event: ApiEvent, function: String) -> Result<RestRoute> {
    let streaming = match event.response_transfer_mode.as_deref() {
        None | Some("BUFFERED") => false,
        Some("RESPONSE_STREAM") => true,
        Some(other) => bail!("`{other}` is no ResponseTransferMode"),
    };
    if !event.path.starts_with('/') {
        bail!("path `{}` does not begin with a slash", event.path);
    }
    let method = match event.method.to_uppercase().as_str() {
        "*" => "ANY".to_owned(),
        other => other.to_owned(),
    };
    Ok(RestRoute { method, path: event.path, function, streaming, api: event.rest_api_id })
}

fn variables(variables: Map<String, Value>) -> Result<BTreeMap<String, String>> {
    let texts = variables.into_iter().map(|(name, value)| {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            other => bail!("variable {name} is {other}, not a string"),
        };
        Ok((name, text))
    });
    texts.collect()
}

/// SAM's way with `Globals`: maps are merged, anything else is replaced.
fn overlay(base: &Value, over: &Value) -> Value {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            let mut merged = base.clone();
            for (key, value) in over {
                let below = base.get(key).unwrap_or(&Value::Null);
                merged.insert(key.clone(), overlay(below, value));
            }
            Value::Object(merged)
        }
        (base, Value::Null) => base.clone(),
        (_, over) => over.clone(),
    }
}
