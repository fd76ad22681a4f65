//! Sends a browser to the provider.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::login::{ReturnPath, SigninRecord};
use domain::{BearerToken, IdentityProvider, limits};
use jiff::SignedDuration;
use oauth2::{CsrfToken, PkceCodeChallenge, Scope};
use serde::Deserialize;
use utoipa::IntoParams;
use web::{ApiError, Path, Query, cookie, origin};
use wire::error::ErrorBody;
use wire::identity::SigninProviders;

use super::refusal::SigninError;
use crate::Deps;

#[utoipa::path(get, path = "/auth/providers", tag = "account", responses((status = 200, body = SigninProviders)))]
pub(crate) async fn list_signin_providers(State(deps): State<Deps>) -> Result<Json<SigninProviders>, ApiError> {
    let mut providers = Vec::new();
    for provider in IdentityProvider::ALL {
        match deps.providers.client_id(provider).await {
            Ok(_) => providers.push(provider),
            Err(SigninError::Secret(error)) => return Err(error.into()),
            Err(_) => {}
        }
    }
    Ok(Json(SigninProviders { providers }))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StartQuery {
    /// Page of this origin to go to afterwards; `/` when absent.
    return_to: Option<String>,
}

#[utoipa::path(get, path = "/auth/{provider}", tag = "account",
    params(("provider" = IdentityProvider, Path), StartQuery),
    responses((status = 303, description = "To the provider, or to /signin?error=<code>"),
        (status = 400, body = ErrorBody)))]
pub(crate) async fn start_signin(
    State(deps): State<Deps>,
    Path(provider): Path<IdentityProvider>,
    Query(query): Query<StartQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let return_to = match query.return_to.as_deref() {
        Some(path) => ReturnPath::parse(path)
            .ok_or_else(|| ApiError::bad_request("invalid_query", "return_to is the path of a page of this origin"))?,
        None => ReturnPath::default(),
    };
    Ok(start(&deps, provider, return_to, &headers).await.unwrap_or_else(SigninError::into_page))
}

async fn start(
    deps: &Deps,
    provider: IdentityProvider,
    return_to: ReturnPath,
    headers: &HeaderMap,
) -> Result<Response, SigninError> {
    let redirect_uri = format!("{}/auth/{provider}/callback", origin::own(headers));
    let client = deps.providers.client(provider, &redirect_uri).await?;
    let (state, nonce) = (BearerToken::mint_cookie(), BearerToken::mint_cookie());
    let browser = browser(headers);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let scopes: &[&str] = match provider {
        // For an OAuth app; a GitHub App has its permissions.
        IdentityProvider::Github => &["read:user", "user:email"],
        IdentityProvider::Google => &["openid", "email", "profile"],
    };
    let told = CsrfToken::new(state.reveal().to_owned());
    let mut request = client
        .authorize_url(|| told)
        .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
        .set_pkce_challenge(challenge);
    if provider == IdentityProvider::Google {
        request = request.add_extra_param("nonce", nonce.reveal()).add_extra_param("prompt", "select_account");
    }
    let (url, _) = request.url();
    let record = SigninRecord {
        provider,
        browser: browser.hash(),
        code_verifier: verifier.into_secret(),
        nonce: nonce.reveal().to_owned(),
        redirect_uri,
        return_to,
        expires_at: web::now() + SignedDuration::from_secs(limits::SIGNIN_SECONDS_MAX),
    };
    deps.store.put_signin(&state.hash(), &record).await?;
    let cookie = cookie::set(cookie::SIGNIN, browser.reveal(), limits::SIGNIN_SECONDS_MAX);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(url.as_str())).into_response())
}

/// What this browser holds already, so that signing in in two tabs works in both.
fn browser(headers: &HeaderMap) -> BearerToken {
    let is_ours = |value: &&str| value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit());
    let held = cookie::read(headers, cookie::SIGNIN).filter(is_ours);
    held.map_or_else(BearerToken::mint_cookie, BearerToken::from_text)
}
