//! What was synced from the user's services, and what they say right now.

use domain::limits::{MCP_BODY_BYTES, MCP_RAW_BYTES_MAX, MCP_STALE_MINUTES};
use domain::search::Query as Search;
use domain::{Entity, EntityId};
use jiff::{SignedDuration, Timestamp};
use rmcp::model::{CallToolResult, JsonObject};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{EntityFilter, EntityPosition};
use web::ApiError;
use wire::entities::EntityView;

use super::limit;
use crate::result::{cut, pruned, theirs};
use crate::tool::{Effect, Failed, Spec, Visit, arguments, parsed, schema};

pub(super) static SEARCH: Spec = Spec {
    name: "search_entities",
    title: "Search synced data",
    description: "Finds issues, pull requests, repositories, mails, threads and calendar events that were synced from \
        the user's services, newest first. Each comes with the beginning of its text; read_entity gives the whole.",
    effect: Effect::Reads,
    schema: schema::<Find>,
    call: |visit, arguments| Box::pin(search(visit, arguments)),
};

pub(super) static READ: Spec = Spec {
    name: "read_entity",
    title: "Read one entity",
    description: "Reads one entity whole: the synced copy, and what the service itself says right now if the copy \
        may be stale. Of a mail the live reading is the only one with its full text.",
    effect: Effect::Asks,
    schema: schema::<Read>,
    call: |visit, arguments| Box::pin(read(visit, arguments)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Find {
    /// Words that all have to be there, each as the beginning of one; absent: everything.
    text: Option<String>,
    /// `issue`, `pull_request`, `repository`, `message`, `thread` or `event`.
    kind: Option<String>,
    /// `github`, `gmail` or `calendar`.
    provider: Option<String>,
    /// In the service's own words, such as `open`.
    state: Option<String>,
    /// Events that start, or all else that changed, at this time or later: RFC 3339.
    from: Option<String>,
    /// … before this time.
    to: Option<String>,
    /// Entities of a page: 1 to 50, 20 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

async fn search(visit: Visit<'_>, given: JsonObject) -> Result<CallToolResult, Failed> {
    let find: Find = arguments(given)?;
    let (deps, owner) = (visit.deps, visit.visitor.owner);
    let kind = find.kind.as_deref().map(|kind| parsed("kind", kind)).transpose()?;
    let provider = find.provider.as_deref().map(|provider| parsed("provider", provider)).transpose()?;
    let time = |name, text: &Option<String>| text.as_deref().map(|text| parsed::<Timestamp>(name, text)).transpose();
    let (from, to) = (time("from", &find.from)?, time("to", &find.to)?);
    let position = |text: &String| {
        text.parse::<EntityPosition>().map_err(|()| Failed::Arguments("cursor: take it from next_cursor".to_owned()))
    };
    let after = find.cursor.as_ref().map(position).transpose()?;
    let limit = limit(find.limit)?;
    let text = find.text.as_deref().filter(|text| !text.trim().is_empty());
    let (entities, next) = match text {
        Some(text) => {
            let query = Search::new(text, kind, provider, find.state);
            if query.is_empty() {
                return Err(Failed::Arguments("text: it has no word to look for".to_owned()));
            }
            deps.store.search(owner, &query, from, to, after, limit).await?
        }
        None => {
            let kinds = match kind {
                Some(kind) => vec![kind],
                None => deps.integrations.providers().await?.kinds(),
            };
            let filter = EntityFilter { kinds, provider, state: find.state, from, until: to };
            deps.store.entities(owner, &filter, after, limit).await?
        }
    };
    let rows: Vec<Value> = entities.into_iter().map(|entity| row(entity, MCP_BODY_BYTES)).collect();
    let found = json!({ "entities": rows, "next_cursor": next.map(|position| position.to_string()) });
    Ok(theirs("synced from the user's services; each entity names its provider and URL", found))
}

/// An entity with the beginning of its text.
fn row(entity: Entity, body_bytes: usize) -> Value {
    let view = EntityView::from(entity);
    let (body, is_cut) = cut(&view.body, body_bytes);
    let mut row = json!({ "body": body, "body_is_cut": is_cut });
    let rest = json!({
        "id": view.id, "provider": view.provider, "kind": view.kind, "title": view.title, "url": view.url,
        "state": view.state, "author": view.author, "people": view.people, "labels": view.labels,
        "starts_at": view.starts_at, "ends_at": view.ends_at,
        "created_at": view.created_at, "updated_at": view.updated_at,
    });
    if let (Value::Object(row), Value::Object(rest)) = (&mut row, rest) {
        row.extend(rest.into_iter().filter(|(_, value)| !value.is_null()));
    }
    row
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Read {
    /// As `search_entities` gives it: `ent_…`.
    id: String,
    /// Whether the service is asked: `auto` (when absent: if the copy is older than ten minutes), `always` or `never`.
    #[serde(default)]
    live: Live,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Live {
    #[default]
    Auto,
    Always,
    Never,
}

async fn read(visit: Visit<'_>, given: JsonObject) -> Result<CallToolResult, Failed> {
    let Read { id, live } = arguments(given)?;
    let (deps, owner, id) = (visit.deps, visit.visitor.owner, parsed::<EntityId>("id", &id)?);
    let entity = deps.store.entity(owner, id).await?.filter(|entity| entity.deleted_at.is_none());
    let entity = entity.ok_or_else(not_found)?;
    let synced_at = integrations::live::synced_at(&deps.integrations, owner, &entity).await?;
    let is_stale = synced_at.is_none_or(|at| at < web::now() - SignedDuration::from_mins(MCP_STALE_MINUTES));
    let mut told = json!({ "synced_at": synced_at });
    if live == Live::Always || (live == Live::Auto && is_stale) {
        match integrations::live::look(&deps.integrations, owner, &entity).await {
            Ok(now) => told["live"] = pruned(now, MCP_RAW_BYTES_MAX),
            // The copy is better than nothing, as long as it is said to be one.
            Err(error) => told["live_error"] = ApiError::from(error).detail("").message.into(),
        }
    }
    let source = format!("{} {}", entity.provider, entity.url.as_deref().unwrap_or(&entity.external_id));
    told["entity"] = row(entity, usize::MAX);
    Ok(theirs(&source, told))
}

fn not_found() -> ApiError {
    let message = "there is no entity of this id";
    ApiError::new(axum::http::StatusCode::NOT_FOUND, "entity_not_found", message)
}
