//! Creates a session. Nothing is started yet: the first message does that.

use axum::extract::State;
use axum::http::StatusCode;
use domain::session::NewSession;
use domain::{Repository, Session, Workspace};
use store::{Created, Idempotency};
use web::audit::Trail;
use web::idempotency::IdempotencyKey;
use web::{ApiError, Caller, Json, scope};
use wire::error::ErrorBody;
use wire::sessions::{CreateSession, SessionView};

use crate::{Deps, check};

#[utoipa::path(post, path = "/api/sessions", tag = "sessions", security(("bearer" = ["sessions:write"])), request_body = CreateSession,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat gets the first answer")),
    responses((status = 201, body = SessionView), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn create_session(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsWrite>,
    trail: Trail,
    key: IdempotencyKey,
    Json(body): Json<CreateSession>,
) -> Result<(StatusCode, axum::Json<SessionView>), ApiError> {
    let fingerprint = serde_json::to_vec(&body).map_err(ApiError::internal)?;
    let request = key.checked()?.map(|key| Idempotency::new(key, &fingerprint));
    let now = web::now();
    let session = Session::new(caller.user_id, new_session(body)?, now);
    let session = match deps.store.create_session(&session, request.as_ref(), now).await? {
        Created::New => session,
        Created::Before(id) => deps.store.session(caller.user_id, id).await?.ok_or_else(ApiError::session_not_found)?,
        Created::Conflict => return Err(ApiError::client_id_reused()),
    };
    trail.concerning(session.id);
    Ok((StatusCode::CREATED, axum::Json(session.into())))
}

fn new_session(body: CreateSession) -> Result<NewSession, ApiError> {
    let workspace = match body.workspace {
        Some(path) => {
            Workspace::parse(&path).map_err(|error| ApiError::bad_request("invalid_workspace", error.to_string()))?
        }
        None => Workspace::default(),
    };
    let repository = body.repository.as_deref().map(Repository::parse).transpose();
    let repository = repository.map_err(|error| ApiError::bad_request("invalid_repository", error.to_string()))?;
    body.title.as_deref().map(check::title).transpose()?;
    body.model.as_deref().map(check::model).transpose()?;
    check::metadata(&body.metadata)?;
    check::permissions(&body.permissions)?;
    Ok(NewSession {
        title: body.title,
        workspace,
        repository,
        model: body.model,
        metadata: body.metadata,
        permissions: body.permissions,
    })
}
