//! The browsers in which a user is signed in.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Actor, LoginId};
use web::audit::Trail;
use web::{ApiError, Caller, Path, cookie, origin, scope};
use wire::error::ErrorBody;
use wire::identity::{LoginPage, LoginView};

use crate::{Deps, revoke};

#[utoipa::path(get, path = "/api/me/logins", tag = "account", security(("bearer" = ["admin"])),
    responses((status = 200, body = LoginPage, description = "Newest first"), (status = 401, body = ErrorBody)))]
pub(crate) async fn list_logins(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
) -> Result<Json<LoginPage>, ApiError> {
    let now = web::now();
    let logins = deps.store.logins(caller.user_id).await?;
    let live = logins.into_iter().filter(|login| login.principal_at(now).is_some());
    let view = |login: domain::LoginRecord| {
        let current = caller.actor == Actor::Browser(login.id);
        LoginView::new(login, current)
    };
    Ok(Json(LoginPage { logins: live.map(view).collect(), next_cursor: None }))
}

#[utoipa::path(delete, path = "/api/me/logins/{id}", tag = "account", security(("bearer" = ["admin"])),
    params(("id" = LoginId, Path)),
    responses((status = 204, description = "Signed out there"), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn delete_login(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    Path(id): Path<LoginId>,
) -> Result<StatusCode, ApiError> {
    match revoke::actor(&deps, caller.user_id, Actor::Browser(id)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::new(StatusCode::NOT_FOUND, "login_not_found", "no browser of this id is signed in")),
    }
}

#[utoipa::path(post, path = "/auth/signout", tag = "account",
    responses((status = 204, description = "This browser is signed out, also if it was before"),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn sign_out(State(deps): State<Deps>, trail: Trail, headers: HeaderMap) -> Result<Response, ApiError> {
    origin::require_own(&Method::POST, &headers)?;
    if let Some(principal) = revoke::browser(&deps, &headers).await? {
        trail.caller(&deps.store, principal.user_id, principal.actor);
    }
    Ok(signed_out())
}

#[utoipa::path(post, path = "/auth/signout-everywhere", tag = "account", security(("bearer" = ["admin"])),
    responses((status = 204, description = "Every browser of the user is signed out; API tokens stay"),
        (status = 401, body = ErrorBody)))]
pub(crate) async fn sign_out_everywhere(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
) -> Result<Response, ApiError> {
    loop {
        let logins = deps.store.logins(caller.user_id).await?;
        if logins.is_empty() {
            return Ok(signed_out());
        }
        for login in logins {
            revoke::actor(&deps, caller.user_id, Actor::Browser(login.id)).await?;
        }
    }
}

fn signed_out() -> Response {
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie::clear(cookie::LOGIN))]).into_response()
}
