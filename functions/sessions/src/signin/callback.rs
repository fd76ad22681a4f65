//! The browser comes back from the provider.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use domain::identity::Profile;
use domain::login::SigninRecord;
use domain::{BearerToken, IdentityProvider, LoginId, LoginRecord, UserId, limits};
use oauth2::TokenResponse as _;
use serde::Deserialize;
use utoipa::IntoParams;
use web::audit::{Origin, Trail};
use web::{ApiError, Path, Query, cookie};
use wire::error::ErrorBody;

use super::refusal::SigninError;
use super::{account, github, google};
use crate::{Deps, revoke};

const SECONDS_PER_DAY: i64 = 86_400;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallbackQuery {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

#[utoipa::path(get, path = "/auth/{provider}/callback", tag = "account",
    params(("provider" = IdentityProvider, Path), CallbackQuery),
    responses((status = 303, description = "Signed in, to the page that was asked for; else to /signin?error=<code>"),
        (status = 400, body = ErrorBody)))]
pub(crate) async fn finish_signin(
    State(deps): State<Deps>,
    Path(provider): Path<IdentityProvider>,
    Query(query): Query<CallbackQuery>,
    origin: Origin,
    trail: Trail,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let by = Sender { origin, trail, headers };
    Ok(finish(&deps, provider, query, by).await.unwrap_or_else(SigninError::into_page))
}

/// Who sends the request, as far as it tells.
struct Sender {
    origin: Origin,
    trail: Trail,
    headers: HeaderMap,
}

async fn finish(
    deps: &Deps,
    provider: IdentityProvider,
    query: CallbackQuery,
    by: Sender,
) -> Result<Response, SigninError> {
    let signin = take(deps, provider, query.state.as_deref(), &by.headers).await?;
    let code = match (query.code, query.error) {
        (Some(code), None) => code,
        (_, Some(error)) if error == "access_denied" => return Err(SigninError::AccessDenied),
        (_, error) => return Err(SigninError::ProviderFailed(error.unwrap_or_else(|| "it sent no code".to_owned()))),
    };
    let profile = profile(deps, &signin, &code).await?;
    let production = deps.environment == "production";
    let user = account::find_or_create(&deps.store, &profile, production, web::now()).await?;
    sign_out_before(deps, &by.headers).await;
    let cookie = sign_in(deps, user, provider, by).await?;
    let lasts = limits::LOGIN_DAYS_MAX * SECONDS_PER_DAY;
    let cookies = [
        (header::SET_COOKIE, cookie::set(cookie::LOGIN, cookie.reveal(), lasts)),
        (header::SET_COOKIE, cookie::clear(cookie::SIGNIN)),
    ];
    Ok((AppendHeaders(cookies), Redirect::to(signin.return_to.as_str())).into_response())
}

/// The sign-in that this browser started at this provider, once. Nothing else of
/// the request is believed before.
async fn take(
    deps: &Deps,
    provider: IdentityProvider,
    state: Option<&str>,
    headers: &HeaderMap,
) -> Result<SigninRecord, SigninError> {
    let state = BearerToken::from_text(state.ok_or(SigninError::Expired)?);
    let signin = deps.store.take_signin(&state.hash(), web::now()).await?.ok_or(SigninError::Expired)?;
    let browser = cookie::read(headers, cookie::SIGNIN).map(|secret| BearerToken::from_text(secret).hash());
    if signin.provider != provider || browser.as_ref() != Some(&signin.browser) {
        return Err(SigninError::Mismatch);
    }
    Ok(signin)
}

async fn profile(deps: &Deps, signin: &SigninRecord, code: &str) -> Result<Profile, SigninError> {
    let providers = &deps.providers;
    let client = providers.client(signin.provider, &signin.redirect_uri).await?;
    let tokens = providers.exchange(&client, code, &signin.code_verifier).await?;
    match signin.provider {
        IdentityProvider::Github => github::profile(providers, tokens.access_token().secret()).await,
        IdentityProvider::Google => {
            let id_token = tokens.extra_fields().id_token.as_deref().ok_or(SigninError::IdentityRejected(None))?;
            google::profile(providers, id_token, &signin.nonce).await
        }
    }
}

/// Whoever was signed in in this browser is not any more: their cookie is replaced.
async fn sign_out_before(deps: &Deps, headers: &HeaderMap) {
    if let Err(error) = revoke::browser(deps, headers).await {
        error.log();
    }
}

async fn sign_in(
    deps: &Deps,
    user_id: UserId,
    provider: IdentityProvider,
    by: Sender,
) -> Result<BearerToken, SigninError> {
    let (now, cookie) = (web::now(), BearerToken::mint_cookie());
    let login = LoginRecord {
        id: LoginId::mint(now),
        user_id,
        provider,
        user_agent: by.origin.user_agent.unwrap_or_default(),
        address: by.origin.ip.unwrap_or_default(),
        created_at: now,
        used_at: now,
    };
    deps.store.put_login(&cookie.hash(), &login).await?;
    by.trail.caller(&deps.store, user_id, login.id);
    Ok(cookie)
}
