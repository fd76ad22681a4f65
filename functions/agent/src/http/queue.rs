//! Changes a message that waits.

use axum::Json as Answer;
use axum::extract::State;
use domain::{Message, MessageId, SessionId};
use web::{ApiError, Caller, Json, Path, scope};
use wire::error::ErrorBody;
use wire::messages::EditMessage;

use crate::http::messages::check_content;
use crate::{Deps, queue};

#[utoipa::path(patch, path = "/agent/sessions/{id}/messages/{message_id}", tag = "agent", security(("bearer" = ["sessions:write"])),
    params(("id" = SessionId, Path), ("message_id" = MessageId, Path)), request_body = EditMessage,
    responses((status = 200, body = Message), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody, description = "It does not wait")))]
pub(crate) async fn edit_message(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsWrite>,
    Path((id, message_id)): Path<(SessionId, MessageId)>,
    Json(body): Json<EditMessage>,
) -> Result<Answer<Message>, ApiError> {
    check_content(&body.content)?;
    Ok(Answer(queue::edit(&deps, caller.user_id, id, message_id, &body.content).await?))
}

#[utoipa::path(delete, path = "/agent/sessions/{id}/messages/{message_id}", tag = "agent", security(("bearer" = ["sessions:write"])),
    params(("id" = SessionId, Path), ("message_id" = MessageId, Path)),
    responses((status = 200, body = Message, description = "Taken back"), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody, description = "It does not wait")))]
pub(crate) async fn cancel_message(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsWrite>,
    Path((id, message_id)): Path<(SessionId, MessageId)>,
) -> Result<Answer<Message>, ApiError> {
    Ok(Answer(queue::cancel(&deps, caller.user_id, id, message_id).await?))
}
