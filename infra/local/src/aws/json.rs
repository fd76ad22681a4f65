//! The AWS JSON protocol: one listener for the services that speak it, told
//! apart by the `X-Amz-Target` header.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{ecs::Ecs, events::Bus, secrets::Secrets, sqs::Sqs};

/// The services behind `AWS_ENDPOINT_URL`.
#[derive(Clone)]
pub struct Services {
    /// Secrets Manager.
    pub secrets: Secrets,
    /// EventBridge.
    pub events: Bus,
    /// ECS.
    pub ecs: Ecs,
    /// SQS.
    pub queues: Sqs,
}

/// An error as the SDKs expect it: they map `code` to their typed variant.
#[derive(Debug, PartialEq)]
pub struct Refusal {
    code: &'static str,
    message: String,
    more: Value,
}

impl Refusal {
    /// A 400 with this error code and message.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), more: Value::Null }
    }

    /// Adds a member to the error's body.
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.more[name] = value;
        self
    }

    /// For an operation that this emulation does not know.
    pub fn unknown_operation(operation: &str) -> Self {
        Self::new("UnknownOperationException", format!("the local stack does not emulate {operation}"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "__type": self.code, "message": self.message });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), self.more) {
            body.extend(more);
        }
        answer(StatusCode::BAD_REQUEST, &body)
    }
}

/// Reads an operation's input, refusing what does not fit as AWS does.
pub fn parse<T: DeserializeOwned>(input: Value) -> Result<T, Refusal> {
    serde_json::from_value(input).map_err(|error| Refusal::new("SerializationException", error.to_string()))
}

/// Routes each request to its service.
pub fn router(services: Services) -> Router {
    Router::new().route("/", post(handle)).with_state(services)
}

async fn handle(State(services): State<Services>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match call(&services, target, &body).await {
        Ok(output) => answer(StatusCode::OK, &output),
        Err(refusal) => refusal.into_response(),
    }
}

async fn call(services: &Services, target: &str, body: &[u8]) -> Result<Value, Refusal> {
    let input =
        serde_json::from_slice(body).map_err(|error| Refusal::new("SerializationException", error.to_string()))?;
    match target.split_once('.') {
        Some(("secretsmanager", operation)) => services.secrets.call(operation, input),
        Some(("AWSEvents", operation)) => services.events.call(operation, input),
        Some(("AmazonEC2ContainerServiceV20141113", operation)) => services.ecs.call(operation, input).await,
        Some(("AmazonSQS", operation)) => services.queues.call(operation, input),
        _ => Err(Refusal::unknown_operation(target)),
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], body.to_string()).into_response()
}
