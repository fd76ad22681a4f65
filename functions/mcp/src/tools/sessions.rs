//! The user's sessions.

use rmcp::model::{CallToolResult, JsonObject};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::limit;
use crate::result::ours;
use crate::tool::{Effect, Failed, Spec, Visit, arguments, parsed, schema};

pub(super) static LIST: Spec = Spec {
    name: "list_sessions",
    title: "List sessions",
    description: "Lists the user's agent sessions, newest first: id, title, status, workspace and times.",
    effect: Effect::Reads,
    schema: schema::<List>,
    call: |visit, arguments| Box::pin(list(visit, arguments)),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct List {
    /// Sessions of a page: 1 to 50, 20 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

async fn list(visit: Visit<'_>, given: JsonObject) -> Result<CallToolResult, Failed> {
    let List { limit: asked, cursor } = arguments(given)?;
    let after = cursor.as_deref().map(|text| parsed("cursor", text)).transpose()?;
    let (sessions, more) = visit.deps.store.sessions(visit.visitor.owner, after, limit(asked)?).await?;
    let next_cursor = sessions.last().filter(|_| more).map(|session| session.id.to_string());
    let row = |session: &domain::Session| {
        json!({
            "id": session.id,
            "title": session.title,
            "status": session.status(),
            "workspace": session.workspace,
            "created_at": session.created_at,
            "last_active_at": session.last_active_at,
            "this_one": visit.visitor.session == Some(session.id),
        })
    };
    let sessions: Vec<Value> = sessions.iter().map(row).collect();
    Ok(ours(json!({ "sessions": sessions, "next_cursor": next_cursor })))
}
