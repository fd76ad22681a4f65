//! Texts that are too large for a message: put by the runner, read by the owner.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{SessionId, limits};
use web::{ApiError, Caller, Json, Path, scope};
use wire::error::ErrorBody;
use wire::runner::{KeepAt, KeepText};

use crate::http::append::authenticate;
use crate::{AgentError, Deps};

/// The runner has a text to keep; the answer says where to put it.
pub(crate) async fn keep_output(
    State(deps): State<Deps>,
    Path(id): Path<SessionId>,
    headers: HeaderMap,
    Json(text): Json<KeepText>,
) -> Result<axum::Json<KeepAt>, ApiError> {
    let claim = authenticate(&deps, &headers, id).await?;
    if text.bytes > limits::KEPT_BYTES_MAX {
        let message = format!("{} bytes are kept at most", limits::KEPT_BYTES_MAX);
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message));
    }
    let name = text.name.parse().map_err(|()| ApiError::bad_request("invalid_body", "the name is malformed"))?;
    let session = deps.store.session(claim.user_id, id).await?.ok_or(AgentError::NoSession)?;
    session.fence(claim.epoch).map_err(AgentError::from)?;
    let upload = deps.store.kept_upload(&session, claim.epoch, &name, text.bytes).await?;
    let href = format!("/agent/sessions/{id}/outputs/{}", upload.name);
    Ok(axum::Json(KeepAt { href, url: upload.url, headers: upload.headers }))
}

#[utoipa::path(get, path = "/agent/sessions/{id}/outputs/{name}", tag = "agent", security(("bearer" = ["sessions:read"])),
    params(("id" = SessionId, Path), ("name" = String, Path)),
    responses((status = 200, content_type = "text/plain", body = String,
            description = "What `full_output` or `full_input` of a tool call points to"),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn get_output(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsRead>,
    Path((id, name)): Path<(SessionId, String)>,
) -> Result<Response, ApiError> {
    deps.store.session(caller.user_id, id).await?.ok_or(AgentError::NoSession)?;
    let kept = match name.parse() {
        Ok(name) => deps.store.kept(caller.user_id, id, &name).await?,
        Err(()) => None,
    };
    let Some(text) = kept else {
        let message = "there is no text of this name, or it is no longer kept";
        return Err(ApiError::new(StatusCode::NOT_FOUND, "output_not_found", message));
    };
    let mut response = Body::from_stream(text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    // What a tool printed is not a page of ours, whatever it looks like.
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}
