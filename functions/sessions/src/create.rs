//! Creates a session. Nothing is started yet: the first message does that.

use axum::extract::State;
use axum::http::StatusCode;
use domain::session::NewSession;
use domain::{Session, Workspace, limits};
use web::{ApiError, Authenticated, Json};
use wire::error::ErrorBody;
use wire::sessions::{CreateSession, SessionView};

use crate::Deps;

#[utoipa::path(post, path = "/api/sessions", tag = "sessions", security(("bearer" = [])), request_body = CreateSession,
    responses((status = 201, body = SessionView), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub(crate) async fn create_session(
    State(deps): State<Deps>,
    caller: Authenticated,
    Json(body): Json<CreateSession>,
) -> Result<(StatusCode, axum::Json<SessionView>), ApiError> {
    let session = Session::new(caller.user_id, check(body)?, web::now());
    deps.store.create_session(&session).await?;
    Ok((StatusCode::CREATED, axum::Json(session.into())))
}

fn check(body: CreateSession) -> Result<NewSession, ApiError> {
    let workspace = match body.workspace {
        Some(path) => {
            Workspace::parse(&path).map_err(|error| ApiError::bad_request("invalid_workspace", error.to_string()))?
        }
        None => Workspace::default(),
    };
    if body.title.as_ref().is_some_and(|title| title.chars().count() > limits::TITLE_CHARS_MAX) {
        return Err(invalid(format!("title has at most {} characters", limits::TITLE_CHARS_MAX)));
    }
    let metadata_bytes = serde_json::to_vec(&body.metadata).map_err(ApiError::internal)?.len();
    if metadata_bytes > limits::METADATA_BYTES_MAX {
        return Err(invalid(format!("metadata is at most {} bytes of JSON", limits::METADATA_BYTES_MAX)));
    }
    if let Some(model) = &body.model {
        check_model(model)?;
    }
    Ok(NewSession { title: body.title, workspace, model: body.model, metadata: body.metadata })
}

/// `provider/model`; whether the provider knows the model shows when it is asked.
fn check_model(model: &str) -> Result<(), ApiError> {
    let well_formed = model.len() <= limits::MODEL_BYTES_MAX
        && model.chars().all(|c| c.is_ascii_graphic())
        && model.split_once('/').is_some_and(|(provider, name)| {
            matches!(provider, "anthropic" | "openai" | "google" | "compatible") && !name.is_empty()
        });
    if well_formed {
        return Ok(());
    }
    Err(ApiError::bad_request(
        "invalid_model",
        "model reads provider/model, with provider one of anthropic, openai, google, compatible",
    ))
}

fn invalid(message: String) -> ApiError {
    ApiError::bad_request("invalid_body", message)
}
