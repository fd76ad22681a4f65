//! Who is calling, and whether they may.
//!
//! A handler learns the caller's id, without which it can build no key, from
//! [`Caller`] alone, and that names the scope that it needs: no check can be
//! forgotten. Routes say the same scope in their OpenAPI description; a test
//! calls each with a token that lacks it.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use domain::{BearerToken, MissingScope, Principal, Scope};
use store::Store;

use crate::audit::Trail;
use crate::{ApiError, cookie, limit, origin};

/// The caller, who has the scope `S`. Looked up on every request, so that
/// revoking a token takes effect at once.
#[derive(Debug, Clone)]
pub struct Caller<S> {
    principal: Principal,
    scope: PhantomData<fn() -> S>,
}

impl<S> Deref for Caller<S> {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.principal
    }
}

/// Scopes as types, for [`Caller`].
pub mod scope {
    use domain::Scope;

    /// What a route asks of its caller.
    pub trait Needed {
        /// `None`: to be known is enough.
        const SCOPE: Option<Scope>;
    }

    /// Anybody who is known.
    #[derive(Debug, Clone, Copy)]
    pub struct Known;

    impl Needed for Known {
        const SCOPE: Option<Scope> = None;
    }

    macro_rules! scopes {
        ($($name:ident),*) => {$(
            #[doc = concat!("Callers with [`Scope::", stringify!($name), "`].")]
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl Needed for $name {
                const SCOPE: Option<Scope> = Some(Scope::$name);
            }
        )*};
    }

    scopes!(SessionsRead, SessionsWrite, FilesRead, FilesWrite, IntegrationsRead, IntegrationsWrite, Mcp, Admin);
}

impl<N, S> FromRequestParts<S> for Caller<N>
where
    N: scope::Needed,
    S: Send + Sync,
    Store: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let store = Store::from_ref(state);
        let principal = identify(&store, parts).await?;
        let by = principal.actor.to_string();
        limit::request(&store, principal.user_id, &by).await?;
        Trail::of(parts).caller(&store, principal.user_id, &by);
        N::SCOPE.map_or(Ok(()), |scope| require(&principal, scope))?;
        Ok(Self { principal, scope: PhantomData })
    }
}

/// By the header if there is one, else by the browser's cookie.
async fn identify(store: &Store, parts: &Parts) -> Result<Principal, ApiError> {
    let cookie = cookie::read(&parts.headers, cookie::LOGIN);
    let (Some(cookie), false) = (cookie, parts.headers.contains_key(header::AUTHORIZATION)) else {
        return authenticate(store, &bearer(&parts.headers)?).await;
    };
    origin::require_own(&parts.method, &parts.headers)?;
    let hash = BearerToken::from_text(cookie).hash();
    let principal = store.authenticate_browser(&hash, crate::now()).await?;
    principal.ok_or_else(|| unauthorized("signed_out", "this browser is not signed in any more; sign in again"))
}

/// For whom an API token stands.
pub async fn authenticate(store: &Store, token: &BearerToken) -> Result<Principal, ApiError> {
    let unknown = || unauthorized("invalid_token", "the token is not known, has expired or was revoked");
    if token.is_broken_api() {
        return Err(unknown());
    }
    let principal = store.authenticate(&token.hash(), crate::now()).await?;
    principal.ok_or_else(unknown)
}

/// Refuses a caller without `scope`.
pub fn require(principal: &Principal, scope: Scope) -> Result<(), ApiError> {
    principal.scopes.require(scope).map_err(ApiError::from)
}

impl From<MissingScope> for ApiError {
    fn from(missing: MissingScope) -> Self {
        Self::new(StatusCode::FORBIDDEN, "insufficient_scope", missing.to_string())
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
