//! Sends a message and reads the history.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Scope, SessionId, limits};
use serde::Deserialize;
use store::LogReader;
use utoipa::IntoParams;
use web::idempotency::{self, IdempotencyKey};
use web::{ApiError, Caller, Json, Path, Query, auth, page, scope};
use wire::error::ErrorBody;
use wire::messages::{MessageAccepted, MessagePage, SendMessage};

use crate::follow::{Follow, follow};
use crate::http::events::{Deadline, sse};
use crate::submit::{SubmitMessage, submit_message};
use crate::{AgentError, Deps};

#[utoipa::path(post, path = "/agent/sessions/{id}/messages", tag = "agent", security(("bearer" = ["sessions:write"])),
    params(("id" = SessionId, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same as client_id, which goes before it")),
    request_body = SendMessage,
    responses(
        (status = 200, description = "With Accept: text/event-stream: the turn's events until it ends",
            content_type = "text/event-stream", body = String),
        (status = 202, body = MessageAccepted, description = "Stored; its turn has begun or it waits"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 413, body = ErrorBody), (status = 422, body = ErrorBody)))]
pub(crate) async fn send_message(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsWrite>,
    Path(id): Path<SessionId>,
    headers: HeaderMap,
    key: IdempotencyKey,
    deadline: Deadline,
    Json(body): Json<SendMessage>,
) -> Result<Response, ApiError> {
    // The header says the same in another place.
    let client_id = check(&body)?.or(key.checked()?);
    if !body.attachments.is_empty() {
        auth::require(&caller, Scope::FilesRead)?;
    }
    let SendMessage { content, attachments, .. } = body;
    let command = SubmitMessage { owner: caller.user_id, session: id, content, attachments, client_id };
    let accepted = submit_message(&deps, command).await?;
    if !wants_stream(&headers) {
        return Ok((StatusCode::ACCEPTED, axum::Json(accepted)).into_response());
    }
    // A repeat may come when the turn is long over.
    let log = LogReader::new(caller.user_id, id, accepted.after);
    let (owner, actor, turn) = (caller.user_id, caller.actor, Some(accepted.turn));
    let deadline = deadline.of(&caller);
    let turn = Follow { log, first: Vec::new(), owner, actor, session: id, busy: true, turn, deadline };
    Ok(sse(Body::from_stream(follow(deps, turn))))
}

fn wants_stream(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .any(|accept| accept.to_str().is_ok_and(|text| text.to_ascii_lowercase().contains("text/event-stream")))
}

/// The rules for a message, from whichever way it came; returns its idempotency key.
pub(crate) fn check(body: &SendMessage) -> Result<Option<String>, ApiError> {
    check_content(&body.content)?;
    body.client_id.clone().map(|key| idempotency::check(key, "client_id")).transpose()
}

/// The rules for a prompt's text.
pub(crate) fn check_content(content: &str) -> Result<(), ApiError> {
    if content.trim().is_empty() {
        return Err(ApiError::bad_request("invalid_body", "content is empty"));
    }
    if content.len() > limits::PROMPT_BYTES_MAX {
        let message = format!("content is larger than {} bytes", limits::PROMPT_BYTES_MAX);
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message));
    }
    Ok(())
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// Entries of a page: 1 to 100, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `asc` (oldest first, when absent) or `desc`.
    #[param(inline)]
    order: Option<Order>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    Asc,
    Desc,
}

#[utoipa::path(get, path = "/agent/sessions/{id}/messages", tag = "agent", security(("bearer" = ["sessions:read"])),
    params(("id" = SessionId, Path), HistoryQuery),
    responses((status = 200, body = MessagePage), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn list_messages(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsRead>,
    Path(id): Path<SessionId>,
    Query(query): Query<HistoryQuery>,
) -> Result<axum::Json<MessagePage>, ApiError> {
    let limit = page::limit(query.limit)?;
    let after = page::cursor(query.cursor.as_deref())?;
    // The head first: what is written from here on is behind it.
    let (session, head) = deps.store.session_and_head(caller.user_id, id).await?.ok_or(AgentError::NoSession)?;
    let newest_first = query.order == Some(Order::Desc);
    let (messages, next) = deps.store.messages(caller.user_id, id, after, newest_first, limit).await?;
    // The answer of a turn in hand is in the log alone so far: follow from its beginning.
    let head = session.turn.map_or(head, |turn| turn.after);
    Ok(axum::Json(MessagePage { messages, next_cursor: next.map(|position| position.to_string()), head }))
}
