//! Who the caller is.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use web::{ApiError, Caller, scope};
use wire::error::ErrorBody;
use wire::identity::{IdentityView, Me};

use crate::Deps;

#[utoipa::path(get, path = "/api/me", tag = "account", security(("bearer" = [])),
    responses((status = 200, body = Me), (status = 401, body = ErrorBody)))]
pub(crate) async fn get_me(State(deps): State<Deps>, caller: Caller<scope::Known>) -> Result<Json<Me>, ApiError> {
    let user = deps.store.user(caller.user_id).await?.ok_or_else(gone)?;
    let identities = deps.store.identities(caller.user_id).await?;
    Ok(Json(Me {
        user: user.into(),
        identities: identities.into_iter().map(IdentityView::from).collect(),
        scopes: caller.scopes.iter().collect(),
    }))
}

/// The account was deleted a moment ago.
pub(crate) fn gone() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "invalid_token", "the account is not there any more")
}
