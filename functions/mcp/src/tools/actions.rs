//! What an agent does at the user's services, where others see it. Off until the user switches it
//! on for the account; with `ask` only after the user has seen exactly what will be done.

use axum::http::StatusCode;
use domain::action::{Action, agents_name};
use domain::integration::Connection;
use domain::limits::ACTION_BYTES_MAX;
use domain::session::Policy;
use domain::{Integration, Repository};
use integrations::act::{Done, act, done_before};
use jiff::Timestamp;
use rmcp::model::{CallToolResult, JsonObject};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use web::ApiError;

use crate::result::theirs;
use crate::tool::{Effect, Failed, Spec, Visit, arguments, parsed, schema};

pub(super) static COMMENT: Spec = Spec {
    name: "comment_on_issue",
    title: "Comment on an issue or pull request",
    description: "Comments on an issue or pull request at GitHub, under the user's name.",
    effect: Effect::Acts { service: "github" },
    schema: schema::<Comment>,
    call: |visit, arguments| Box::pin(carry_out::<Comment>(visit, &COMMENT, arguments)),
};

pub(super) static OPEN_PULL_REQUEST: Spec = Spec {
    name: "open_pull_request",
    title: "Open a pull request",
    description: "Opens a pull request at GitHub from a branch that was pushed, under the user's name.",
    effect: Effect::Acts { service: "github" },
    schema: schema::<OpenPullRequest>,
    call: |visit, arguments| Box::pin(carry_out::<OpenPullRequest>(visit, &OPEN_PULL_REQUEST, arguments)),
};

pub(super) static SEND_MAIL: Spec = Spec {
    name: "send_mail",
    title: "Send a mail",
    description: "Sends a mail as plain text from the user's Gmail account.",
    effect: Effect::Acts { service: "gmail" },
    schema: schema::<SendMail>,
    call: |visit, arguments| Box::pin(carry_out::<SendMail>(visit, &SEND_MAIL, arguments)),
};

pub(super) static CREATE_EVENT: Spec = Spec {
    name: "create_event",
    title: "Create a calendar event",
    description: "Creates an event in one of the user's calendars, and invites people to it.",
    effect: Effect::Acts { service: "calendar" },
    schema: schema::<CreateEvent>,
    call: |visit, arguments| Box::pin(carry_out::<CreateEvent>(visit, &CREATE_EVENT, arguments)),
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
    /// The account's name; needed where several may be acted for.
    account: Option<String>,
    /// 1 when absent: the very same asked for again is not done again. 2 does it a second time, and so on.
    occurrence: Option<u32>,
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
    /// The account's name; needed where several may be acted for.
    account: Option<String>,
    /// 1 when absent: the very same asked for again is not done again. 2 does it a second time, and so on.
    occurrence: Option<u32>,
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
    /// The account's name; needed where several may be acted for.
    account: Option<String>,
    /// 1 when absent: the very same asked for again is not done again. 2 does it a second time, and so on.
    occurrence: Option<u32>,
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
    /// RFC 3339.
    ends_at: String,
    /// Mail addresses of whom to invite.
    #[serde(default)]
    people: Vec<String>,
    /// The account's name; needed where several may be acted for.
    account: Option<String>,
    /// 1 when absent: the very same asked for again is not done again. 2 does it a second time, and so on.
    occurrence: Option<u32>,
}

/// What is to be done, for which account, and for which time.
struct Order {
    action: Action,
    account: Option<String>,
    occurrence: Option<u32>,
}

impl TryFrom<Comment> for Order {
    type Error = Failed;

    fn try_from(given: Comment) -> Result<Self, Failed> {
        let Comment { repository: name, number, body, account, occurrence } = given;
        let action = Action::CommentOnIssue { repository: repository(&name)?, number, body };
        Ok(Self { action, account, occurrence })
    }
}

impl TryFrom<OpenPullRequest> for Order {
    type Error = Failed;

    fn try_from(given: OpenPullRequest) -> Result<Self, Failed> {
        let OpenPullRequest { repository: name, title, body, head, base, draft, account, occurrence } = given;
        let action = Action::OpenPullRequest { repository: repository(&name)?, title, body, head, base, draft };
        Ok(Self { action, account, occurrence })
    }
}

impl TryFrom<SendMail> for Order {
    type Error = Failed;

    fn try_from(given: SendMail) -> Result<Self, Failed> {
        let SendMail { to, cc, subject, body, account, occurrence } = given;
        Ok(Self { action: Action::SendMail { to, cc, subject, body }, account, occurrence })
    }
}

impl TryFrom<CreateEvent> for Order {
    type Error = Failed;

    fn try_from(given: CreateEvent) -> Result<Self, Failed> {
        let CreateEvent { calendar, title, description, location, people, account, occurrence, .. } = given;
        let calendar = calendar.unwrap_or_else(|| "primary".to_owned());
        let starts_at: Timestamp = parsed("starts_at", &given.starts_at)?;
        let ends_at = parsed("ends_at", &given.ends_at)?;
        let action = Action::CreateEvent { calendar, title, description, location, starts_at, ends_at, people };
        Ok(Self { action, account, occurrence })
    }
}

fn repository(name: &str) -> Result<Repository, Failed> {
    Repository::parse(name).map_err(|error| Failed::Arguments(format!("repository: {error}")))
}

/// Does it, if the user lets it be done, and has the audit log say so.
async fn carry_out<T>(visit: Visit<'_>, tool: &Spec, given: JsonObject) -> Result<CallToolResult, Failed>
where
    T: DeserializeOwned + TryInto<Order, Error = Failed>,
{
    let order: Order = arguments::<T>(given)?.try_into()?;
    let content = serde_json::to_value(&order.action).map_err(ApiError::internal)?;
    if content.to_string().len() > ACTION_BYTES_MAX {
        return Err(Failed::Arguments(format!("all of it has at most {ACTION_BYTES_MAX} bytes")));
    }
    order.action.check().map_err(|wrong| Failed::Arguments(wrong.to_owned()))?;
    let service = order.action.service();
    let done = permitted(visit, tool, order, content).await;
    match &done {
        Ok(_) => visit.visitor.record(&visit.deps.store, tool.name, "ok").await,
        Err(Failed::Api(error)) => visit.visitor.record(&visit.deps.store, tool.name, error.code()).await,
        // It is not decided yet.
        Err(Failed::Ask(_) | Failed::Arguments(_)) => {}
    }
    done.map(|done| theirs(service, json!({ "done": done.outcome, "at": done.begun_at })))
}

async fn permitted(visit: Visit<'_>, tool: &Spec, order: Order, content: Value) -> Result<Done, Failed> {
    let Order { action, account, occurrence } = order;
    let (visitor, deps) = (visit.visitor, &visit.deps.integrations);
    let integration = actor(visit, action.service(), account.as_deref()).await?;
    let policy = visitor.policy(tool.name, &integration);
    if policy == Policy::Deny {
        return Err(not_permitted(format!("{} is off in this session, or for this token", tool.name)).into());
    }
    let key = key(&visitor.by, &integration, tool.name, &content, occurrence.unwrap_or(1));
    if let Some(done) = done_before(deps, &integration, &action, &key).await? {
        return Ok(done);
    }
    if policy == Policy::Ask && visitor.consent.as_deref() != Some(key.as_str()) {
        if visitor.session.is_none() {
            let message = "the account's user wants to be asked first, and outside of a session nobody can be asked: \
                have it done in a session, or set the account's actions to allow";
            return Err(ApiError::new(StatusCode::FORBIDDEN, "nobody_to_ask", message).into());
        }
        return Err(Failed::Ask(question(tool, &integration, &action, content, &key)));
    }
    Ok(act(deps, &integration, &action, &key, web::now()).await?)
}

/// Whose account it is done for: the one that is named, or the only one that is switched on.
async fn actor(visit: Visit<'_>, service: &str, named: Option<&str>) -> Result<Integration, Failed> {
    let mut accounts = visit.deps.store.all_integrations(visit.visitor.owner).await?;
    accounts.retain(|known| {
        known.service.as_str() == service
            && matches!(known.connection, Connection::Connected | Connection::NeedsReauth)
            && named.is_none_or(|named| name(known) == named)
    });
    if accounts.is_empty() {
        let message = format!("no such {service} account is connected; its user connects one under Integrations");
        return Err(ApiError::new(StatusCode::CONFLICT, "not_connected", message).into());
    }
    accounts.retain(|known| known.actions != Policy::Deny);
    let names = accounts.iter().map(name).collect::<Vec<_>>().join(", ");
    match (accounts.pop(), accounts.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(Failed::Arguments(format!("account: there are several; say which of {names}"))),
        (None, _) => {
            let how = "its user can switch that on for the account under Integrations, to ask first or to allow";
            Err(not_permitted(format!("doing anything at {service} is off; {how}")).into())
        }
    }
}

fn name(integration: &Integration) -> &str {
    integration.account.as_ref().map_or("", |account| &account.name)
}

fn not_permitted(message: String) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "not_permitted", message)
}

/// What the runner shows the user. The consent is good for exactly this.
fn question(tool: &Spec, integration: &Integration, action: &Action, mut content: Value, key: &str) -> Value {
    let account = name(integration);
    content["account"] = account.into();
    let lines: Vec<String> = [format!("account: {account}")].into_iter().chain(action.lines()).collect();
    json!({
        "permission": agents_name(tool.name),
        "lines": lines,
        "action": content,
        "always": format!("{}, as {account}", action.reach()),
        "digest": key,
    })
}

/// The same for the very same, asked for by the same session or token.
fn key(by: &str, integration: &Integration, tool: &str, content: &Value, occurrence: u32) -> String {
    let all = json!([by, integration.id, tool, content, occurrence]);
    hex::encode(Sha256::digest(all.to_string()))
}

#[cfg(test)]
mod tests {
    use domain::integration::Config;
    use domain::{Service, UserId};

    use super::*;

    #[test]
    fn a_consent_is_for_exactly_what_was_shown() {
        let at = Timestamp::UNIX_EPOCH;
        let integration = Integration::new(UserId::mint(at), Service::new("github"), Config::new(), at);
        let other = Integration::new(integration.owner, Service::new("github"), Config::new(), at);
        let content = json!({ "number": 1, "body": "a" });
        let first = key("ses_1", &integration, "comment_on_issue", &content, 1);
        assert_eq!(first, key("ses_1", &integration, "comment_on_issue", &content.clone(), 1));
        for different in [
            key("ses_2", &integration, "comment_on_issue", &content, 1),
            key("ses_1", &other, "comment_on_issue", &content, 1),
            key("ses_1", &integration, "open_pull_request", &content, 1),
            key("ses_1", &integration, "comment_on_issue", &json!({ "number": 1, "body": "b" }), 1),
            key("ses_1", &integration, "comment_on_issue", &content, 2),
        ] {
            assert_ne!(first, different);
        }
    }

    #[test]
    fn every_tool_that_acts_is_known_as_one() {
        let acting: Vec<&str> = super::super::TOOLS
            .iter()
            .filter(|tool| matches!(tool.effect, Effect::Acts { .. }))
            .map(|tool| tool.name)
            .collect();
        assert_eq!(acting, domain::action::TOOLS);
    }
}
