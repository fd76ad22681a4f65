//! What an agent does at the user's services: off unless the user has said otherwise, tool by
//! tool, and with `ask` only after the user has seen exactly what will be done.

use domain::Repository;
use domain::session::Policy;
use integrations::providers::Action;
use jiff::Timestamp;
use rmcp::model::{CallToolResult, JsonObject};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use web::ApiError;

use crate::result::theirs;
use crate::tool::{Effect, Failed, Spec, Visit, arguments, parsed, schema};

pub(super) static COMMENT: Spec = Spec {
    name: "comment_on_issue",
    title: "Comment on an issue or pull request",
    description: "Comments on an issue or pull request at GitHub, under the user's name.",
    effect: Effect::Acts,
    schema: schema::<Comment>,
    call: |visit, arguments| Box::pin(async move { act(visit, "comment_on_issue", arguments, Comment::action).await }),
};

pub(super) static OPEN_PULL_REQUEST: Spec = Spec {
    name: "open_pull_request",
    title: "Open a pull request",
    description: "Opens a pull request at GitHub from a branch that was pushed, under the user's name.",
    effect: Effect::Acts,
    schema: schema::<OpenPullRequest>,
    call: |visit, arguments| {
        Box::pin(async move { act(visit, "open_pull_request", arguments, OpenPullRequest::action).await })
    },
};

pub(super) static SEND_MAIL: Spec = Spec {
    name: "send_mail",
    title: "Send a mail",
    description: "Sends a mail as plain text from the user's Gmail account.",
    effect: Effect::Acts,
    schema: schema::<SendMail>,
    call: |visit, arguments| Box::pin(async move { act(visit, "send_mail", arguments, SendMail::action).await }),
};

pub(super) static CREATE_EVENT: Spec = Spec {
    name: "create_event",
    title: "Create a calendar event",
    description: "Creates an event in one of the user's calendars, and invites people to it.",
    effect: Effect::Acts,
    schema: schema::<CreateEvent>,
    call: |visit, arguments| Box::pin(async move { act(visit, "create_event", arguments, CreateEvent::action).await }),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Comment {
    /// `owner/name`
    repository: String,
    /// Of the issue or pull request.
    number: u64,
    /// Markdown.
    body: String,
}

impl Comment {
    fn action(self) -> Result<Action, Failed> {
        Ok(Action::Comment { repository: repository(&self.repository)?, number: self.number, body: self.body })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OpenPullRequest {
    /// `owner/name`
    repository: String,
    title: String,
    /// Markdown.
    #[serde(default)]
    body: String,
    /// The branch with the changes.
    head: String,
    /// The branch that they are for.
    base: String,
    #[serde(default)]
    draft: bool,
}

impl OpenPullRequest {
    fn action(self) -> Result<Action, Failed> {
        let Self { repository: name, title, body, head, base, draft } = self;
        Ok(Action::OpenPullRequest { repository: repository(&name)?, title, body, head, base, draft })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SendMail {
    /// Mail addresses.
    to: Vec<String>,
    #[serde(default)]
    cc: Vec<String>,
    subject: String,
    /// Plain text.
    body: String,
}

impl SendMail {
    fn action(self) -> Result<Action, Failed> {
        let Self { to, cc, subject, body } = self;
        Ok(Action::SendMail { to, cc, subject, body })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CreateEvent {
    /// The calendar's id; the account's own when absent.
    calendar: Option<String>,
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    location: String,
    /// RFC 3339, such as `2026-12-01T10:00:00Z`.
    starts_at: String,
    ends_at: String,
    /// Mail addresses of whom to invite.
    #[serde(default)]
    people: Vec<String>,
}

impl CreateEvent {
    fn action(self) -> Result<Action, Failed> {
        let Self { calendar, title, description, location, starts_at, ends_at, people } = self;
        let calendar = calendar.unwrap_or_else(|| "primary".to_owned());
        let (starts_at, ends_at) = (parsed::<Timestamp>("starts_at", &starts_at)?, parsed("ends_at", &ends_at)?);
        Ok(Action::CreateEvent { calendar, title, description, location, starts_at, ends_at, people })
    }
}

fn repository(name: &str) -> Result<Repository, Failed> {
    Repository::parse(name).map_err(|error| Failed::Arguments(format!("repository: {error}")))
}

/// Does it, if the user lets it be done.
async fn act<T: serde::de::DeserializeOwned>(
    visit: Visit<'_>,
    tool: &'static str,
    given: JsonObject,
    action: fn(T) -> Result<Action, Failed>,
) -> Result<CallToolResult, Failed> {
    let exactly = Value::Object(given.clone());
    let action = action(arguments(given)?)?;
    match visit.visitor.policy(tool) {
        Policy::Deny => return Err(off(tool).into()),
        Policy::Ask => {
            let digest = digest(tool, &exactly);
            if visit.visitor.consent.as_deref() != Some(digest.as_str()) {
                return Err(Failed::Ask(json!({ "permission": tool, "action": exactly, "digest": digest })));
            }
        }
        Policy::Allow => {}
    }
    let service = action.service();
    let done = integrations::live::act(&visit.deps.integrations, visit.visitor.owner, &action).await;
    visit.visitor.record(&visit.deps.store, tool, &done).await;
    Ok(theirs(service, json!({ "done": done? })))
}

/// A consent is for exactly this call.
fn digest(tool: &str, exactly: &Value) -> String {
    let digest = Sha256::new().chain_update(tool).chain_update("\n").chain_update(exactly.to_string()).finalize();
    hex::encode(digest)
}

fn off(tool: &str) -> ApiError {
    let message = format!("{tool} is off; its user can turn it on in the session's permissions, as ask or allow");
    ApiError::new(axum::http::StatusCode::FORBIDDEN, "not_permitted", message)
}
