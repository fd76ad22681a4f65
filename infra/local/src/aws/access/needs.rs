//! Which actions on which resources a call needs, as AWS's service
//! authorization reference has it.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Query;
use http::{Method, Uri};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{Inner, Need, arn};

impl Need {
    fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into() }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct TableCall {
    table_name: String,
    index_name: Option<String>,
    /// `{"Put": {"TableName"…}}`
    transact_items: Vec<BTreeMap<String, Named>>,
    request_items: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    table_name: String,
}

/// A transaction needs what its parts would need.
pub(super) fn dynamodb(operation: &str, body: &[u8]) -> BTreeSet<Need> {
    let call: TableCall = serde_json::from_slice(body).unwrap_or_default();
    let need = |operation: &str, table: &str| {
        Need::new(format!("dynamodb:{operation}"), arn("dynamodb", &format!("table/{table}")))
    };
    let part = |(kind, part): (&String, &Named)| match kind.as_str() {
        "ConditionCheck" => need("ConditionCheckItem", &part.table_name),
        other => need(&format!("{other}Item"), &part.table_name),
    };
    match (operation, call.index_name) {
        ("TransactWriteItems" | "TransactGetItems", _) => call.transact_items.iter().flatten().map(part).collect(),
        ("BatchGetItem" | "BatchWriteItem", _) => {
            call.request_items.keys().map(|table| need(operation, table)).collect()
        }
        (_, Some(index)) => [need(operation, &format!("{}/index/{index}", call.table_name))].into(),
        (_, None) => [need(operation, &call.table_name)].into(),
    }
}

/// The services that speak AWS JSON.
pub(super) fn json(inner: &Inner, target: &str, body: &[u8]) -> BTreeSet<Need> {
    let input: Value = serde_json::from_slice(body).unwrap_or_default();
    let (service, operation) = target.split_once('.').unwrap_or((target, ""));
    let resources: Vec<String> = match service {
        "secretsmanager" => {
            let secret = |name: &str| arn("secretsmanager", &format!("secret:{name}"));
            named(&input["SecretId"], secret).into_iter().collect()
        }
        "AWSEvents" => {
            let entries = input["Entries"].as_array().into_iter().flatten();
            let bus = |name: &str| arn("events", &format!("event-bus/{name}"));
            entries.flat_map(|entry| named(&entry["EventBusName"], bus)).collect()
        }
        "AmazonSQS" => {
            let queue = |url: &str| arn("sqs", url.rsplit('/').next().unwrap_or_default());
            named(&input["QueueUrl"], queue).into_iter().collect()
        }
        "AmazonEC2ContainerServiceV20141113" => return ecs(inner, operation, &input),
        _ => return BTreeSet::new(),
    };
    let service = match service {
        "AWSEvents" => "events",
        "AmazonSQS" => "sqs",
        other => other,
    };
    resources.into_iter().map(|resource| Need::new(format!("{service}:{operation}"), resource)).collect()
}

fn ecs(inner: &Inner, operation: &str, input: &Value) -> BTreeSet<Need> {
    let action = format!("ecs:{operation}");
    if operation == "RunTask" {
        let definition = named(&input["taskDefinition"], |name| arn("ecs", &format!("task-definition/{name}")));
        let family = definition.iter().flat_map(|arn| arn.rsplit('/').next()).next().unwrap_or_default();
        let family = family.split(':').next().unwrap_or_default().to_owned();
        // By family alone it is the newest revision; which of the two names is judged AWS does not say.
        let newest = definition.iter().filter(|arn| arn.ends_with(&format!("/{family}"))).map(|arn| format!("{arn}:1"));
        let definitions: Vec<String> = newest.chain(definition.clone()).collect();
        let passed = inner.passed.get(&family).into_iter().flatten();
        let passed = passed.map(|role| Need::new("iam:PassRole", role));
        return definitions.into_iter().map(|definition| Need::new(&action, definition)).chain(passed).collect();
    }
    let cluster = input["cluster"].as_str().unwrap_or("default").rsplit('/').next().unwrap_or_default();
    let many = input["tasks"].as_array().into_iter().flatten().chain(std::iter::once(&input["task"]));
    let tasks = many.flat_map(|task| named(task, |id| arn("ecs", &format!("task/{cluster}/{id}"))));
    tasks.map(|task| Need::new(&action, task)).collect()
}

/// The ARN that is given, or made of the name that is.
fn named(value: &Value, make: impl Fn(&str) -> String) -> Option<String> {
    let text = value.as_str()?;
    Some(if text.starts_with("arn:") { text.to_owned() } else { make(text) })
}

/// `@connections` of a stage: `/_socket/{stage}/@connections/{id}`.
pub(super) fn connection(inner: &Inner, method: &Method, path: &str) -> Option<Need> {
    let below = path.strip_prefix("/_socket/").filter(|below| below.contains("/@connections/"))?;
    let (stage, connection) = below.split_once('/')?;
    let resource = arn("execute-api", &format!("{}/{stage}/{method}/{connection}", inner.socket));
    Some(Need::new("execute-api:ManageConnections", resource))
}

/// A call of S3, by path-style address.
pub(super) struct ObjectCall {
    pub(super) needs: BTreeSet<Need>,
    /// Answered by 404 only to who may list the bucket, to others by 403.
    pub(super) telling: Option<Need>,
    /// Its body names the objects.
    pub(super) deletes_many: bool,
}

pub(super) fn s3(method: &Method, uri: &Uri) -> ObjectCall {
    let path = percent_decode_str(uri.path().trim_start_matches('/')).decode_utf8_lossy();
    let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
    let list = Need::new("s3:ListBucket", format!("arn:aws:s3:::{bucket}"));
    let asks = |name: &str| query(uri).iter().any(|(given, _)| given == name);
    let on_key = |action: &str| Need::new(action, format!("arn:aws:s3:::{bucket}/{key}"));
    let plain = |need: Need| ObjectCall { needs: [need].into(), telling: None, deletes_many: false };
    match (method.as_str(), key.is_empty()) {
        ("POST", true) => ObjectCall { needs: BTreeSet::new(), telling: None, deletes_many: asks("delete") },
        (_, true) if asks("uploads") => plain(Need { action: "s3:ListBucketMultipartUploads".into(), ..list }),
        (_, true) => plain(list),
        ("GET", false) if asks("uploadId") => plain(on_key("s3:ListMultipartUploadParts")),
        ("DELETE", false) if asks("uploadId") => plain(on_key("s3:AbortMultipartUpload")),
        ("GET" | "HEAD", false) => ObjectCall { telling: Some(list), ..plain(on_key("s3:GetObject")) },
        ("DELETE", false) => plain(on_key("s3:DeleteObject")),
        (_, false) => plain(on_key("s3:PutObject")),
    }
}

/// DeleteObjects needs the right to delete each. Our keys have nothing that XML would escape.
pub(super) fn deleted(uri: &Uri, body: &[u8]) -> BTreeSet<Need> {
    let bucket = uri.path().trim_matches('/');
    let body = String::from_utf8_lossy(body);
    let keys = body.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
    keys.map(|key| Need::new("s3:DeleteObject", format!("arn:aws:s3:::{bucket}/{key}"))).collect()
}

pub(super) fn query(uri: &Uri) -> Vec<(String, String)> {
    Query::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default()
}
