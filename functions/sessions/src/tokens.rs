//! API tokens. Each is shown once, when it is made.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use domain::token::TokenRecord;
use domain::{Actor, BearerToken, Scopes, TokenId, UserId, limits};
use jiff::{SignedDuration, Timestamp};
use store::{Created, Idempotency};
use web::audit::Trail;
use web::idempotency::IdempotencyKey;
use web::{ApiError, Caller, Json, Path, scope};
use wire::error::ErrorBody;
use wire::identity::{CreateToken, CreatedToken, RenameToken, TokenPage, TokenView};

use crate::{Deps, revoke};

#[utoipa::path(post, path = "/api/tokens", tag = "account", security(("bearer" = ["admin"])),
    request_body = CreateToken,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat makes no second token")),
    responses((status = 201, body = CreatedToken, description = "The only answer that shows the token"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody)))]
pub(crate) async fn create_token(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    trail: Trail,
    key: IdempotencyKey,
    Json(body): Json<CreateToken>,
) -> Result<(StatusCode, Answer<CreatedToken>), ApiError> {
    let fingerprint = serde_json::to_vec(&body).map_err(ApiError::internal)?;
    let request = key.checked()?.map(|key| Idempotency::new(key, &fingerprint));
    let scopes: Scopes = body.scopes.into_iter().collect();
    caller.scopes.require_all(&scopes)?;
    let now = web::now();
    check_name(&body.name)?;
    check(&scopes, body.expires_at, now)?;
    if deps.store.tokens(caller.user_id).await?.len() >= limits::TOKENS_MAX {
        let message = format!("there are {} tokens; revoke some first", limits::TOKENS_MAX);
        return Err(ApiError::new(StatusCode::CONFLICT, "too_many_tokens", message));
    }
    let (token, record) = mint(caller.user_id, body.name, scopes, body.expires_at, now);
    match deps.store.put_token(&token.hash(), &record, request.as_ref()).await? {
        Created::New => {}
        // What is stored of a token is its hash, so that not even a repeat is shown it again.
        Created::Before(id) => {
            let message = format!("this request made token {id}, which was shown then; revoke it and make another");
            return Err(ApiError::new(StatusCode::CONFLICT, "token_shown", message));
        }
        Created::Conflict => return Err(ApiError::client_id_reused()),
    }
    trail.concerning(record.id);
    let created = CreatedToken { token: token.reveal().to_owned(), view: record.into() };
    Ok((StatusCode::CREATED, Answer(created)))
}

fn mint(
    user_id: UserId,
    name: String,
    scopes: Scopes,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> (BearerToken, TokenRecord) {
    let token = BearerToken::mint_api();
    let (id, hint) = (TokenId::mint(now), token.hint());
    let record = TokenRecord { id, user_id, name, scopes, hint, created_at: now, expires_at, used_at: None };
    (token, record)
}

#[utoipa::path(get, path = "/api/tokens", tag = "account", security(("bearer" = ["admin"])),
    responses((status = 200, body = TokenPage, description = "Newest first"), (status = 401, body = ErrorBody)))]
pub(crate) async fn list_tokens(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
) -> Result<Answer<TokenPage>, ApiError> {
    let tokens = deps.store.tokens(caller.user_id).await?.into_iter().map(TokenView::from).collect();
    Ok(Answer(TokenPage { tokens, next_cursor: None }))
}

#[utoipa::path(patch, path = "/api/tokens/{id}", tag = "account", security(("bearer" = ["admin"])),
    params(("id" = TokenId, Path)), request_body = RenameToken,
    responses((status = 200, body = TokenView), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn rename_token(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    Path(id): Path<TokenId>,
    Json(body): Json<RenameToken>,
) -> Result<Answer<TokenView>, ApiError> {
    check_name(&body.name)?;
    let renamed = deps.store.rename_token(caller.user_id, id, &body.name).await?;
    renamed.map(|record| Answer(record.into())).ok_or_else(not_found)
}

#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "account", security(("bearer" = ["admin"])),
    params(("id" = TokenId, Path)),
    responses((status = 204, description = "Good for nothing from now on"), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn revoke_token(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    Path(id): Path<TokenId>,
) -> Result<StatusCode, ApiError> {
    match revoke::actor(&deps, caller.user_id, Actor::Token(id)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(not_found()),
    }
}

fn not_found() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "token_not_found", "there is no token of this id")
}

fn check_name(name: &str) -> Result<(), ApiError> {
    let length = name.chars().count();
    if name.trim().is_empty() || length > limits::TOKEN_NAME_CHARS_MAX || name.chars().any(char::is_control) {
        let message = format!("name has 1 to {} printable characters", limits::TOKEN_NAME_CHARS_MAX);
        return Err(ApiError::bad_request("invalid_body", message));
    }
    Ok(())
}

fn check(scopes: &Scopes, expires_at: Option<Timestamp>, now: Timestamp) -> Result<(), ApiError> {
    if scopes.is_empty() {
        return Err(ApiError::bad_request("invalid_body", "scopes names at least one scope"));
    }
    let latest = now + SignedDuration::from_hours(24 * limits::TOKEN_DAYS_MAX);
    if expires_at.is_some_and(|end| end <= now || end > latest) {
        let message = format!("expires_at is in the future, {} days at most", limits::TOKEN_DAYS_MAX);
        return Err(ApiError::bad_request("invalid_body", message));
    }
    Ok(())
}
