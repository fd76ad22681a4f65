//! CloudFormation's intrinsic functions, against one local deployment.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::{Map, Value, json};

use super::Deployment;

const SUFFIX: &str = "amazonaws.com";

/// Resolves values of one template.
pub(super) struct Resolver<'a> {
    deployment: &'a Deployment,
    parameters: BTreeMap<String, String>,
    conditions: Map<String, Value>,
    /// Type of each resource, by logical id.
    kinds: BTreeMap<String, String>,
    /// Physical names that the template itself gives.
    names: BTreeMap<String, String>,
    /// What is where in the cloud, and where it is here.
    hosts: Vec<(String, String)>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(document: &Value, deployment: &'a Deployment) -> Result<Self> {
        let resources = document["Resources"].as_object().into_iter().flatten();
        let kind = |(id, body): (&String, &Value)| (id.clone(), body["Type"].as_str().unwrap_or_default().to_owned());
        let mut resolver = Self {
            deployment,
            parameters: parameters(document, deployment)?,
            conditions: document["Conditions"].as_object().cloned().unwrap_or_default(),
            kinds: resources.clone().map(kind).collect(),
            names: BTreeMap::new(),
            hosts: resources.clone().flat_map(|(id, body)| hosts(id, body, deployment)).collect(),
        };
        for (id, body) in resources {
            if let Some(name) = given_name(body) {
                let name = resolver.resolve(name).with_context(|| id.clone())?;
                resolver.names.insert(id.clone(), text(&name)?.to_owned());
            }
        }
        let buckets = resolver.kinds.iter().filter(|(_, kind)| *kind == "AWS::S3::Bucket").map(|(id, _)| id);
        let hosts: Vec<_> = buckets.map(|id| (resolver.bucket_host(id), deployment.buckets)).collect();
        resolver
            .hosts
            .extend(hosts.into_iter().map(|(host, here)| (format!("https://{host}"), format!("http://{here}"))));
        Ok(resolver)
    }

    /// The value with every intrinsic replaced and every API's and bucket's host name mapped to where it is here.
    pub(super) fn resolve(&self, value: &Value) -> Result<Value> {
        match value {
            Value::String(text) => Ok(Value::String(self.mapped(text))),
            Value::Array(items) => items.iter().map(|item| self.resolve(item)).collect(),
            Value::Object(entries) => match intrinsic(entries) {
                Some((function, argument)) => self.call(function, argument),
                None => self.object(entries),
            },
            plain => Ok(plain.clone()),
        }
    }

    /// Whether a resource's or an `Fn::If`'s condition holds.
    pub(super) fn holds(&self, condition: &str) -> Result<bool> {
        let body = self.conditions.get(condition).ok_or_else(|| anyhow!("there is no condition {condition}"))?;
        let value = self.resolve(body).with_context(|| format!("condition {condition}"))?;
        value.as_bool().ok_or_else(|| anyhow!("condition {condition} is neither true nor false"))
    }

    /// What `Ref` gives for most resources, and what the emulated service calls it.
    pub(super) fn physical_name(&self, id: &str) -> String {
        if let Some(name) = self.names.get(id) {
            return name.clone();
        }
        match self.kinds.get(id).map(String::as_str) {
            Some("AWS::Serverless::Api" | "AWS::Serverless::WebSocketApi") => id.to_lowercase(),
            Some("AWS::S3::Bucket") => format!("{}-{id}", self.deployment.stack).to_lowercase(),
            _ => format!("{}-{id}", self.deployment.stack),
        }
    }

    /// The ARN of a resource whose type has one that anything asks for.
    pub(super) fn arn_of(&self, id: &str) -> Option<String> {
        self.attribute(id, "Arn").or_else(|_| self.attribute(id, "Id")).ok()
    }

    fn object(&self, entries: &Map<String, Value>) -> Result<Value> {
        let resolved = entries.iter().map(|(key, value)| Ok((key.clone(), self.resolve(value)?)));
        Ok(Value::Object(resolved.collect::<Result<_>>()?))
    }

    fn call(&self, function: &str, argument: &Value) -> Result<Value> {
        match function {
            "Ref" => self.reference(text(argument)?),
            "Condition" => Ok(Value::Bool(self.holds(text(argument)?)?)),
            "Fn::GetAtt" => self.attribute(text(&argument[0])?, text(&argument[1])?).map(Value::String),
            "Fn::Sub" => self.substitute(argument),
            "Fn::Join" => self.join(argument),
            "Fn::Select" => self.select(argument),
            "Fn::If" => {
                let branch = if self.holds(text(&argument[0])?)? { 1 } else { 2 };
                self.resolve(&argument[branch])
            }
            "Fn::Equals" => Ok(Value::Bool(self.resolve(&argument[0])? == self.resolve(&argument[1])?)),
            "Fn::Not" => Ok(Value::Bool(self.resolve(&argument[0])? == Value::Bool(false))),
            "Fn::GetAZs" => Ok(json!(["a", "b", "c"].map(|zone| format!("{}{zone}", self.deployment.region)))),
            unknown => bail!("{unknown} is not an intrinsic function that the local stack knows"),
        }
    }

    fn reference(&self, name: &str) -> Result<Value> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(Value::String(value.clone()));
        }
        if name == "AWS::NoValue" {
            return Ok(Value::Null);
        }
        let value = match self.kinds.get(name).map(String::as_str) {
            None => self.pseudo(name)?,
            Some("AWS::SecretsManager::Secret") => self.attribute(name, "Id")?,
            Some("AWS::SQS::Queue") => {
                let Deployment { region, account, .. } = self.deployment;
                format!("https://sqs.{region}.{SUFFIX}/{account}/{}", self.physical_name(name))
            }
            Some("AWS::ECS::TaskDefinition") => bail!("!Ref {name}: name the task definition by its family"),
            Some(_) => self.physical_name(name),
        };
        Ok(Value::String(value))
    }

    fn pseudo(&self, name: &str) -> Result<String> {
        Ok(match name {
            "AWS::Partition" => "aws".into(),
            "AWS::Region" => self.deployment.region.clone(),
            "AWS::AccountId" => self.deployment.account.clone(),
            "AWS::StackName" => self.deployment.stack.clone(),
            "AWS::URLSuffix" => SUFFIX.into(),
            unknown => bail!("{unknown} is neither a parameter nor a resource"),
        })
    }

    fn attribute(&self, id: &str, attribute: &str) -> Result<String> {
        let kind = self.kinds.get(id).ok_or_else(|| anyhow!("!GetAtt {id}.{attribute}: there is no resource {id}"))?;
        let name = self.physical_name(id);
        Ok(match (kind.as_str(), attribute) {
            ("AWS::DynamoDB::Table", "Arn") => self.arn("dynamodb", &format!("table/{name}")),
            ("AWS::S3::Bucket", "RegionalDomainName") => self.bucket_host(id),
            ("AWS::S3::Bucket", "Arn") => format!("arn:aws:s3:::{name}"),
            ("AWS::SecretsManager::Secret", "Id") => self.arn("secretsmanager", &format!("secret:{name}")),
            ("AWS::Serverless::Function", "Arn") => self.arn("lambda", &format!("function:{name}")),
            ("AWS::Events::EventBus", "Arn") => self.arn("events", &format!("event-bus/{name}")),
            ("AWS::SQS::Queue", "Arn") => self.arn("sqs", &name),
            ("AWS::SQS::Queue", "QueueName") => name,
            ("AWS::ECS::Cluster", "Arn") => self.arn("ecs", &format!("cluster/{name}")),
            ("AWS::IAM::Role", "Arn") => format!("arn:aws:iam::{}:role/{name}", self.deployment.account),
            ("AWS::EC2::SecurityGroup", "GroupId") => format!("sg-{name}"),
            ("AWS::CloudFront::Distribution", "DomainName") => format!("{}.cloudfront.net", id.to_lowercase()),
            ("AWS::CloudFront::Function", "FunctionARN") => {
                format!("arn:aws:cloudfront::{}:function/{name}", self.deployment.account)
            }
            ("AWS::CloudFront::OriginAccessControl", "Id") => name,
            ("AWS::ECR::Repository", "RepositoryUri") => {
                format!(
                    "{}.dkr.ecr.{}.{SUFFIX}/{}",
                    self.deployment.account,
                    self.deployment.region,
                    name.to_lowercase()
                )
            }
            _ => bail!("!GetAtt {id}.{attribute}: the local stack does not know this attribute of {kind}"),
        })
    }

    /// Where a bucket answers in the cloud.
    fn bucket_host(&self, id: &str) -> String {
        format!("{}.s3.{}.{SUFFIX}", self.physical_name(id), self.deployment.region)
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.deployment.region, self.deployment.account)
    }

    fn substitute(&self, argument: &Value) -> Result<Value> {
        let (pattern, local) = match argument {
            Value::Array(parts) => (text(&parts[0])?, parts.get(1).and_then(Value::as_object)),
            other => (text(other)?, None),
        };
        let mut output = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, tail) = after.split_once('}').ok_or_else(|| anyhow!("`{pattern}` has an open ${{"))?;
            output.push_str(before);
            output.push_str(&self.variable(name, local).with_context(|| format!("in `{pattern}`"))?);
            rest = tail;
        }
        output.push_str(rest);
        Ok(Value::String(self.mapped(&output)))
    }

    fn variable(&self, name: &str, local: Option<&Map<String, Value>>) -> Result<String> {
        let value = match (name.strip_prefix('!'), local.and_then(|own| own.get(name)), name.split_once('.')) {
            (Some(literal), ..) => return Ok(format!("${{{literal}}}")),
            (_, Some(own), _) => self.resolve(own)?,
            (_, _, Some((id, attribute))) => return self.attribute(id, attribute),
            _ => self.reference(name)?,
        };
        Ok(text(&value)?.to_owned())
    }

    fn join(&self, argument: &Value) -> Result<Value> {
        let parts = self.resolve(&argument[1])?;
        let parts = parts.as_array().ok_or_else(|| anyhow!("Fn::Join needs a list"))?;
        let parts: Vec<&str> = parts.iter().map(text).collect::<Result<_>>()?;
        Ok(Value::String(parts.join(text(&argument[0])?)))
    }

    fn select(&self, argument: &Value) -> Result<Value> {
        let index = self.resolve(&argument[0])?;
        let index = index.as_u64().or_else(|| index.as_str()?.parse().ok());
        let items = self.resolve(&argument[1])?;
        let chosen = index.and_then(|at| items.get(usize::try_from(at).ok()?));
        chosen.cloned().ok_or_else(|| anyhow!("Fn::Select has nothing at {}", argument[0]))
    }

    /// Maps host names of the cloud to what stands for them here, as DNS and TLS do there.
    fn mapped(&self, text: &str) -> String {
        self.hosts.iter().fold(text.to_owned(), |text, (cloud, local)| text.replace(cloud, local))
    }
}

/// The property that names a resource of the types that functions name at run time.
fn given_name(body: &Value) -> Option<&Value> {
    let property = match body["Type"].as_str()? {
        "AWS::Events::EventBus" | "AWS::SecretsManager::Secret" => "Name",
        "AWS::DynamoDB::Table" => "TableName",
        "AWS::S3::Bucket" => "BucketName",
        "AWS::ECS::Cluster" => "ClusterName",
        "AWS::Serverless::Function" => "FunctionName",
        _ => return None,
    };
    body["Properties"].get(property)
}

/// A REST API's stage is the origin itself, since its routes begin after it;
/// the socket's stage is kept, below a path that no route can have.
fn hosts(id: &str, body: &Value, deployment: &Deployment) -> Vec<(String, String)> {
    let origin = deployment.origin;
    let host = format!("{}.execute-api.{}.{SUFFIX}", id.to_lowercase(), deployment.region);
    let stage = body["Properties"]["StageName"].as_str().unwrap_or_default();
    match body["Type"].as_str() {
        Some("AWS::Serverless::Api") => vec![(format!("https://{host}/{stage}"), format!("http://{origin}"))],
        Some("AWS::CloudFront::Distribution") => {
            vec![(format!("https://{}.cloudfront.net", id.to_lowercase()), format!("http://{origin}"))]
        }
        Some("AWS::Serverless::WebSocketApi") => vec![
            (format!("wss://{host}/{stage}"), format!("ws://{origin}/_socket/{stage}")),
            (format!("https://{host}/{stage}"), format!("http://{origin}/_socket/{stage}")),
        ],
        _ => Vec::new(),
    }
}

fn parameters(document: &Value, deployment: &Deployment) -> Result<BTreeMap<String, String>> {
    let declared = document["Parameters"].as_object().cloned().unwrap_or_default();
    if let Some(unknown) = deployment.parameters.keys().find(|name| !declared.contains_key(*name)) {
        bail!("the template has no parameter {unknown}");
    }
    let values = declared.iter().map(|(name, body)| {
        let given = deployment.parameters.get(name).map(String::as_str);
        let value = given.or(body["Default"].as_str()).ok_or_else(|| anyhow!("parameter {name} has no value"))?;
        match body["AllowedValues"].as_array() {
            Some(allowed) if !allowed.iter().any(|one| one == value) => bail!("parameter {name} cannot be `{value}`"),
            _ => Ok((name.clone(), value.to_owned())),
        }
    });
    values.collect()
}

/// An object with one key that names a function is a call.
fn intrinsic(entries: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (key, argument) = entries.iter().next()?;
    let is_call = key == "Ref" || key == "Condition" || key.starts_with("Fn::");
    (entries.len() == 1 && is_call).then_some((key.as_str(), argument))
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().ok_or_else(|| anyhow!("{value} is not a string"))
}
