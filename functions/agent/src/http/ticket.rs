//! A ticket opens one socket once, so that no token stands in a URL.

use axum::extract::State;
use axum::http::StatusCode;
use domain::{BearerToken, SessionId, limits};
use jiff::SignedDuration;
use web::{ApiError, Caller, Path, scope};
use wire::error::ErrorBody;
use wire::viewer::Ticket;

use crate::{AgentError, Deps};

#[utoipa::path(post, path = "/agent/sessions/{id}/ticket", tag = "agent", security(("bearer" = ["sessions:read"])),
    params(("id" = SessionId, Path)),
    responses((status = 201, body = Ticket, description = "For wss://…/agent/sessions/{id}/ws?ticket=…"),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn create_ticket(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsRead>,
    Path(id): Path<SessionId>,
) -> Result<(StatusCode, axum::Json<Ticket>), ApiError> {
    deps.store.session(caller.user_id, id).await?.ok_or(AgentError::NoSession)?;
    let ticket = BearerToken::mint_ticket();
    let expires_at = web::now() + SignedDuration::from_secs(limits::TICKET_SECONDS);
    let record = store::Ticket { principal: (*caller).clone(), session: id, expires_at };
    deps.store.put_ticket(&ticket.hash(), &record).await?;
    Ok((StatusCode::CREATED, axum::Json(Ticket { ticket: ticket.reveal().to_owned(), expires_at })))
}
