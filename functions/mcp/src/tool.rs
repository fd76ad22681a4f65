//! What a tool is: a name, a schema made from its arguments' type, and a use-case.

use std::sync::Arc;

use domain::Integration;
use domain::session::Policy;
use futures_util::future::BoxFuture;
use rmcp::handler::server::tool::schema_for_input;
use rmcp::model::{CallToolResult, JsonObject, Tool, ToolAnnotations};
use serde::de::DeserializeOwned;
use serde_json::Value;
use web::ApiError;

use crate::Deps;
use crate::visitor::Visitor;

/// One tool.
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    pub(crate) effect: Effect,
    pub(crate) schema: fn() -> Arc<JsonObject>,
    pub(crate) call: for<'a> fn(Visit<'a>, JsonObject) -> BoxFuture<'a, Result<CallToolResult, Failed>>,
}

/// What it does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Looks at what is stored here.
    Reads,
    /// Looks at a service as well.
    Asks,
    /// Adds to what is stored here.
    Adds,
    /// Does something at a service, where others see it.
    Acts { service: &'static str },
}

/// One call of a tool.
#[derive(Clone, Copy)]
pub(crate) struct Visit<'a> {
    pub(crate) deps: &'a Deps,
    pub(crate) visitor: &'a Visitor,
}

/// Why there is no result.
pub(crate) enum Failed {
    /// The arguments are not what the schema says.
    Arguments(String),
    Api(ApiError),
    /// The user is to be shown this, and to say yes.
    Ask(Value),
}

impl<E: Into<ApiError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Api(error.into())
    }
}

impl Spec {
    /// Whether there is such a tool for this visitor, who has connected these.
    pub(crate) fn is_for(&self, visitor: &Visitor, integrations: &[Integration]) -> bool {
        let Effect::Acts { service } = self.effect else { return true };
        let mut accounts = integrations.iter().filter(|known| known.service.as_str() == service);
        accounts.any(|account| match visitor.policy(self.name, account) {
            Policy::Allow => true,
            Policy::Ask => visitor.session.is_some(),
            Policy::Deny => false,
        })
    }

    pub(crate) fn describe(&self) -> Tool {
        let annotations = ToolAnnotations::with_title(self.title)
            .read_only(matches!(self.effect, Effect::Reads | Effect::Asks))
            .destructive(false)
            .idempotent(matches!(self.effect, Effect::Reads | Effect::Asks))
            .open_world(matches!(self.effect, Effect::Asks | Effect::Acts { .. }));
        Tool::new(self.name, self.description, (self.schema)()).with_annotations(annotations)
    }
}

/// The schema of a tool's arguments.
pub(crate) fn schema<T: schemars::JsonSchema + 'static>() -> Arc<JsonObject> {
    schema_for_input::<T>().expect("arguments are structs")
}

/// The arguments, if they are what the schema says.
pub(crate) fn arguments<T: DeserializeOwned>(given: JsonObject) -> Result<T, Failed> {
    serde_json::from_value(Value::Object(given)).map_err(|error| Failed::Arguments(error.to_string()))
}

/// An argument that has a form of its own, such as an id.
pub(crate) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(name: &str, text: &str) -> Result<T, Failed> {
    text.parse().map_err(|error| Failed::Arguments(format!("{name}: {error}")))
}
