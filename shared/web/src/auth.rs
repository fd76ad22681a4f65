//! Who is calling. A handler that takes [`Authenticated`] can only build keys
//! that begin with the caller's id.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use domain::{BearerToken, UserId};
use store::Store;

use crate::ApiError;

/// The caller, by API token. The token is looked up on every request, so that
/// revoking it takes effect at once.
#[derive(Debug, Clone, Copy)]
pub struct Authenticated {
    pub user_id: UserId,
}

impl<S> FromRequestParts<S> for Authenticated
where
    S: Send + Sync,
    Store: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let token = bearer(&parts.headers)?;
        authenticate(&Store::from_ref(state), &token).await
    }
}

/// The user for whom `token` stands.
pub async fn authenticate(store: &Store, token: &BearerToken) -> Result<Authenticated, ApiError> {
    match store.authenticate(&token.hash(), crate::now()).await? {
        Some(principal) => Ok(Authenticated { user_id: principal.user_id }),
        None => Err(unauthorized("invalid_token", "the token is not known, has expired or was revoked")),
    }
}

/// The token of the `Authorization` header.
pub fn bearer(headers: &HeaderMap) -> Result<BearerToken, ApiError> {
    let header = headers
        .get(header::AUTHORIZATION)
        .ok_or_else(|| unauthorized("unauthenticated", "send an API token: Authorization: Bearer <token>"))?;
    let text = header.to_str().unwrap_or_default();
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => {
            Ok(BearerToken::from_text(token.trim()))
        }
        _ => Err(unauthorized("invalid_token", "the Authorization header must read: Bearer <token>")),
    }
}

fn unauthorized(code: &'static str, message: &str) -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, code, message)
}
