//! Stops a turn; answers what the agent asks.

use axum::extract::State;
use axum::http::StatusCode;
use domain::SessionId;
use web::{ApiError, Caller, Json, Path, scope};
use wire::error::ErrorBody;
use wire::messages::{AnswerPermission, AnswerQuestion, Asked};
use wire::runner::ToRunner;

use crate::{Deps, control};

fn asked(done: bool) -> (StatusCode, axum::Json<Asked>) {
    let status = if done { "done" } else { "asked" };
    (StatusCode::ACCEPTED, axum::Json(Asked { status: status.to_owned() }))
}

#[utoipa::path(post, path = "/agent/sessions/{id}/abort", tag = "agent", security(("bearer" = ["sessions:write"])),
    params(("id" = SessionId, Path)),
    responses((status = 202, body = Asked, description = "The end comes as turn.aborted"),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn abort_turn(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsWrite>,
    Path(id): Path<SessionId>,
) -> Result<(StatusCode, axum::Json<Asked>), ApiError> {
    Ok(asked(control::abort(&deps, caller.user_id, id).await?))
}

#[utoipa::path(post, path = "/agent/sessions/{id}/permissions/{permission_id}", tag = "agent",
    security(("bearer" = ["sessions:write"])), params(("id" = SessionId, Path), ("permission_id" = String, Path)),
    request_body = AnswerPermission,
    responses((status = 202, body = Asked, description = "The effect comes as permission.answered"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
pub(crate) async fn answer_permission(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsWrite>,
    Path((id, permission_id)): Path<(SessionId, String)>,
    Json(AnswerPermission { reply }): Json<AnswerPermission>,
) -> Result<(StatusCode, axum::Json<Asked>), ApiError> {
    control::answer(&deps, caller.user_id, id, &ToRunner::Permission { permission_id, reply }).await?;
    Ok(asked(false))
}

#[utoipa::path(post, path = "/agent/sessions/{id}/questions/{question_id}", tag = "agent",
    security(("bearer" = ["sessions:write"])), params(("id" = SessionId, Path), ("question_id" = String, Path)),
    request_body = AnswerQuestion,
    responses((status = 202, body = Asked, description = "The effect comes as question.answered"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
pub(crate) async fn answer_question(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsWrite>,
    Path((id, question_id)): Path<(SessionId, String)>,
    Json(AnswerQuestion { answers }): Json<AnswerQuestion>,
) -> Result<(StatusCode, axum::Json<Asked>), ApiError> {
    control::answer(&deps, caller.user_id, id, &ToRunner::Question { question_id, answers }).await?;
    Ok(asked(false))
}
