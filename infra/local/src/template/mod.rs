//! `template.yaml` as the local stack reads it: resolved and typed, so that a
//! missing route, variable or schedule fails on the laptop and not in the cloud.
//!
//! What it does not understand it refuses, by the name of the resource: a
//! template that loads here says what it means.

mod browser;
mod function;
mod intrinsics;
mod resource;
mod schedule;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::Value;

pub use browser::Cors;
pub use function::{EventRule, Function, Rate, RestRoute, Schedule, SocketRoute};
pub use resource::{Bucket, Container, GatewayResponse, Mount, Queue, Secret, SecretValue, Table, TaskDefinition};

use intrinsics::Resolver;

/// Where the stack is "deployed": what the template's intrinsics resolve against.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// Name of the stack; physical names begin with it.
    pub stack: String,
    /// `us-east-1`
    pub region: String,
    /// Twelve digits.
    pub account: String,
    /// The local origin, which every API's AWS host name is mapped to as DNS would.
    pub origin: SocketAddr,
    /// Values for the template's parameters; the others keep their defaults.
    pub parameters: BTreeMap<String, String>,
}

impl Deployment {
    /// A deployment named `agent-ops` whose APIs answer at `origin`.
    pub fn at(origin: SocketAddr) -> Self {
        Self {
            stack: "agent-ops".into(),
            region: "us-east-1".into(),
            account: "000000000000".into(),
            origin,
            parameters: BTreeMap::new(),
        }
    }

    /// Sets one parameter of the template.
    pub fn with(mut self, parameter: &str, value: &str) -> Self {
        self.parameters.insert(parameter.into(), value.into());
        self
    }
}

/// The template, resolved.
#[derive(Debug)]
pub struct Template {
    /// Functions by logical id.
    pub functions: BTreeMap<String, Function>,
    /// The REST API.
    pub rest: RestApi,
    /// The WebSocket API.
    pub socket: SocketApi,
    /// What runs by the clock.
    pub schedules: Vec<Schedule>,
    /// What runs by an event.
    pub rules: Vec<EventRule>,
    /// Names of the event buses beside `default`.
    pub buses: Vec<String>,
    /// DynamoDB tables.
    pub tables: Vec<Table>,
    /// S3 buckets.
    pub buckets: Vec<Bucket>,
    /// SQS queues.
    pub queues: Vec<Queue>,
    /// Secrets Manager's secrets.
    pub secrets: Vec<Secret>,
    /// ECS task definitions.
    pub task_definitions: Vec<TaskDefinition>,
    /// The stack's outputs, resolved.
    pub outputs: BTreeMap<String, String>,
}

/// A REST API with its routes.
#[derive(Debug, Clone)]
pub struct RestApi {
    /// The API's id, first label of its AWS host name.
    pub id: String,
    /// `live`
    pub stage: String,
    /// Every method and path that it knows.
    pub routes: Vec<RestRoute>,
    /// The gateway's own refusals, by type (`DEFAULT_4XX`).
    pub responses: BTreeMap<String, GatewayResponse>,
    /// Content types of bodies that pass as bytes.
    pub binary_types: Vec<String>,
    /// Whether, and how, it answers browsers that ask before they call.
    pub cors: Option<Cors>,
    /// Headers of the client's pages, which are served beside it.
    pub page_headers: Vec<(String, String)>,
}

/// A WebSocket API with its routes.
#[derive(Debug, Clone)]
pub struct SocketApi {
    /// The API's id, first label of its AWS host name.
    pub id: String,
    /// `live`
    pub stage: String,
    /// `$request.body.action`
    pub selection: String,
    /// Every route key that it knows.
    pub routes: Vec<SocketRoute>,
}

impl Template {
    /// Reads and resolves the template at `path`.
    pub fn load(path: &Path, deployment: &Deployment) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text, deployment).with_context(|| path.display().to_string())
    }

    /// Resolves a template's text.
    pub fn parse(text: &str, deployment: &Deployment) -> Result<Self> {
        let document = yaml::to_json(text)?;
        let resolver = Resolver::new(&document, deployment)?;
        let resources = Resources::resolve(&document, &resolver)?;
        Self::typed(&resources, &document, &resolver)
    }

    fn typed(resources: &Resources, document: &Value, resolver: &Resolver) -> Result<Self> {
        let globals = resolver.resolve(&document["Globals"]["Function"]).context("Globals")?;
        let parts = function::read_all(resources, &globals)?;
        let template = Self {
            rest: rest_api(resources, parts.routes)?,
            socket: socket_api(resources)?,
            functions: parts.functions,
            schedules: parts.schedules,
            rules: parts.rules,
            buses: resources.of("AWS::Events::EventBus").map(|bus| bus.name.clone()).collect(),
            tables: resources.read("AWS::DynamoDB::Table", resource::table)?,
            buckets: resources.read("AWS::S3::Bucket", resource::bucket)?,
            queues: resources.read("AWS::SQS::Queue", resource::queue)?,
            secrets: resources.read("AWS::SecretsManager::Secret", resource::secret)?,
            task_definitions: resources.read("AWS::ECS::TaskDefinition", resource::task_definition)?,
            outputs: outputs(document, resolver)?,
        };
        template.check()?;
        Ok(template)
    }

    /// Every route leads to a function, every rule to a bus and every dead letter to a queue that exists.
    fn check(&self) -> Result<()> {
        let routes = self.rest.routes.iter().map(|r| (format!("route {} {}", r.method, r.path), &r.function));
        let sockets = self.socket.routes.iter().map(|r| (format!("socket route {}", r.key), &r.function));
        if let Some(rule) = self.rules.iter().find(|rule| rule.bus != "default" && !self.buses.contains(&rule.bus)) {
            bail!("{}: there is no bus {}", rule.id, rule.bus);
        }
        for function in self.functions.values() {
            if let Some(arn) = &function.dead_letters
                && !self.queues.iter().any(|queue| queue.arn == *arn)
            {
                bail!("{}: there is no queue {arn}", function.id);
            }
        }
        for (what, function) in routes.chain(sockets) {
            if !self.functions.contains_key(function) {
                bail!("{what} leads to {function}, which is not a function of this template");
            }
        }
        Ok(())
    }
}

/// One resource: its logical id, its physical name, its resolved properties.
#[derive(Debug)]
struct Resource {
    id: String,
    kind: String,
    name: String,
    /// Empty for a type whose ARN nothing asks for.
    arn: String,
    properties: Value,
    metadata: Value,
}

impl Resource {
    fn resolve(id: &str, body: &Value, resolver: &Resolver) -> Result<Self> {
        Ok(Self {
            id: id.to_owned(),
            kind: body["Type"].as_str().ok_or_else(|| anyhow!("it has no Type"))?.to_owned(),
            name: resolver.physical_name(id),
            arn: resolver.arn_of(id).unwrap_or_default(),
            properties: resolver.resolve(&body["Properties"])?,
            metadata: resolver.resolve(&body["Metadata"])?,
        })
    }
}

#[derive(Debug)]
struct Resources(Vec<Resource>);

impl Resources {
    fn resolve(document: &Value, resolver: &Resolver) -> Result<Self> {
        let all = document["Resources"].as_object().ok_or_else(|| anyhow!("the template has no Resources"))?;
        let mut resources = Vec::new();
        for (id, body) in all {
            if body["Condition"].as_str().map_or(Ok(true), |condition| resolver.holds(condition))? {
                resources.push(Resource::resolve(id, body, resolver).with_context(|| id.clone())?);
            }
        }
        Ok(Self(resources))
    }

    fn of<'a>(&'a self, kind: &str) -> impl Iterator<Item = &'a Resource> {
        self.0.iter().filter(move |resource| resource.kind == kind)
    }

    fn read<T>(&self, kind: &str, read: fn(&Resource) -> Result<T>) -> Result<Vec<T>> {
        self.of(kind).map(|resource| read(resource).with_context(|| resource.id.clone())).collect()
    }

    fn only(&self, kind: &str) -> Result<&Resource> {
        let mut found = self.of(kind);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => bail!("the template has no {kind}"),
            (Some(_), Some(second)) => bail!("{} is a second {kind}; this stack serves one", second.id),
        }
    }
}

fn rest_api(resources: &Resources, routes: Vec<RestRoute>) -> Result<RestApi> {
    let api = resources.only("AWS::Serverless::Api")?;
    for route in &routes {
        if route.api != api.name {
            bail!("route {} {} names an API that this template does not have", route.method, route.path);
        }
    }
    Ok(RestApi {
        id: api.name.clone(),
        stage: resource::stage(api)?,
        routes,
        responses: resource::gateway_responses(api).with_context(|| api.id.clone())?,
        binary_types: resource::binary_types(api),
        cors: browser::cors(api)?,
        page_headers: browser::page_headers(resources)?,
    })
}

fn socket_api(resources: &Resources) -> Result<SocketApi> {
    let api = resources.only("AWS::Serverless::WebSocketApi")?;
    Ok(SocketApi {
        id: api.name.clone(),
        stage: resource::stage(api)?,
        selection: resource::selection(api)?,
        routes: function::socket_routes(api, resources).with_context(|| api.id.clone())?,
    })
}

fn outputs(document: &Value, resolver: &Resolver) -> Result<BTreeMap<String, String>> {
    let all = document["Outputs"].as_object().into_iter().flatten();
    all.map(|(name, body)| {
        let value = resolver.resolve(&body["Value"]).with_context(|| format!("output {name}"))?;
        Ok((name.clone(), value.as_str().unwrap_or_default().to_owned()))
    })
    .collect()
}
