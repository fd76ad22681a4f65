//! The way to a service and back: a user leaves with a state that is good once, and
//! whoever comes back with it must be the same user, or the same browser.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::session::Policy;
use domain::{BearerToken, IntegrationId, TokenHash};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;
use web::audit::Trail;
use web::{ApiError, Caller, Json, Path, Query, scope};
use wire::error::ErrorBody;
use wire::integrations::{AuthorizationCallback, AuthorizationStart, IntegrationView};

use super::{integration, provider, view};
use crate::Deps;
use crate::connect::{self, ConnectError, Leaving};

/// The cookie that recognises the browser. `__Host-`: ours alone, over TLS (or to localhost).
const COOKIE: &str = "__Host-agent-ops-connect";

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StartQuery {
    /// Connects the account of this integration again.
    integration_id: Option<IntegrationId>,
    /// Path on this origin where the browser goes in the end; `/integrations` when absent.
    return_to: Option<String>,
}

#[utoipa::path(get, path = "/api/integrations/{id}/auth", tag = "integrations", security(("bearer" = ["integrations:write"])),
    params(("id" = String, Path, description = "The service"), StartQuery),
    responses((status = 200, body = AuthorizationStart, description = "Where the browser has to go"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody)))]
pub(crate) async fn start(
    State(deps): State<Deps>,
    caller: Caller<scope::IntegrationsWrite>,
    Path(service): Path<String>,
    Query(query): Query<StartQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let provider = provider(&deps, &service).await?;
    if !provider.configured() {
        let message = "the operator of this deployment has not set up this service; the README says how";
        return Err(ApiError::new(StatusCode::CONFLICT, "service_not_configured", message));
    }
    let again = match query.integration_id {
        Some(id) => Some(integration(&deps, caller.user_id, id).await?),
        None => None,
    };
    let configured = match &again {
        Some(integration) => Some(integration.actions),
        None => connect::waiting(&deps, caller.user_id, &provider.about().service).await?.map(|it| it.actions),
    };
    let browser = cookie(&headers).unwrap_or_else(|| BearerToken::mint_ticket().reveal().to_owned());
    let leaving = Leaving {
        owner: caller.user_id,
        actor: caller.actor,
        again: again.as_ref(),
        browser: hash(&browser),
        actions: configured.is_some_and(|policy| policy != Policy::Deny),
        origin: &deps.origin(&headers),
        return_to: return_to(query.return_to)?,
    };
    let (url, expires_at) = connect::leave(&deps, provider, leaving).await?;
    let cookie = format!("{COOKIE}={browser}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600");
    let cookie = HeaderValue::from_str(&cookie).map_err(ApiError::internal)?;
    Ok(([(header::SET_COOKIE, cookie)], axum::Json(AuthorizationStart { url, expires_at })).into_response())
}

/// Only paths of our own: `//host` and `/\host` lead elsewhere.
fn return_to(path: Option<String>) -> Result<String, ApiError> {
    let path = path.unwrap_or_else(|| "/integrations".to_owned());
    let own = path.starts_with('/') && !path[1..].starts_with(['/', '\\']);
    if own && path.len() <= 512 && path.chars().all(|c| c.is_ascii_graphic() && c != '#') {
        return Ok(path);
    }
    Err(ApiError::bad_request("invalid_query", "return_to is a path on this origin"))
}

/// What the service adds to the address that the browser comes back to.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BackQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

#[utoipa::path(get, path = "/api/integrations/{id}/callback", tag = "integrations",
    params(("id" = String, Path, description = "The service"), BackQuery),
    responses((status = 303, description = "Back to the client, with `connected` or `error` in the query")))]
pub(crate) async fn come_back(
    State(deps): State<Deps>,
    Path(service): Path<String>,
    Query(query): Query<BackQuery>,
    headers: HeaderMap,
    trail: Trail,
) -> Result<Response, ApiError> {
    let now = web::now();
    let pending = deps.store.take_oauth(&hash(&query.state), now).await?;
    let Some(pending) = pending else { return back("/integrations", "error", ConnectError::StateUnknown.code()) };
    // The browser says no more than this of whose sign-in it is.
    trail.caller(&deps.store, pending.owner, pending.actor);
    let return_to = pending.return_to.clone();
    let browser = cookie(&headers).map(|cookie| hash(&cookie));
    let connected = if pending.service.as_str() != service {
        Err(ConnectError::OtherService)
    } else if browser.as_ref() != Some(&pending.browser) && !is_owner(&deps, &headers, pending.owner).await? {
        Err(ConnectError::OtherBrowser)
    } else {
        match (query.error, query.code) {
            (Some(error), _) if error == "access_denied" => Err(ConnectError::Denied),
            (Some(_), _) | (None, None) => Err(ConnectError::Refused),
            (None, Some(code)) => connect::complete(&deps, pending, &code, now).await,
        }
    };
    match connected {
        Ok(integration) => {
            trail.concerning(integration.id);
            back(&return_to, "connected", &integration.id.to_string())
        }
        Err(error) => {
            error.log(&service);
            trail.refused(error.code());
            back(&return_to, "error", error.code())
        }
    }
}

/// Whether the caller shows a token of the user who left.
async fn is_owner(deps: &Deps, headers: &HeaderMap, owner: domain::UserId) -> Result<bool, ApiError> {
    let Ok(token) = web::auth::bearer(headers) else { return Ok(false) };
    Ok(web::auth::authenticate(&deps.store, &token).await.is_ok_and(|caller| caller.user_id == owner))
}

fn back(return_to: &str, name: &str, value: &str) -> Result<Response, ApiError> {
    let mark = if return_to.contains('?') { '&' } else { '?' };
    let location = format!("{return_to}{mark}{name}={value}");
    let location = HeaderValue::from_str(&location).map_err(ApiError::internal)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

#[utoipa::path(post, path = "/api/integrations/callback", tag = "integrations", security(("bearer" = ["integrations:write"])),
    request_body = AuthorizationCallback,
    responses((status = 200, body = IntegrationView), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 409, body = ErrorBody), (status = 502, body = ErrorBody)))]
pub(crate) async fn complete(
    State(deps): State<Deps>,
    caller: Caller<scope::IntegrationsWrite>,
    trail: Trail,
    Json(body): Json<AuthorizationCallback>,
) -> Result<axum::Json<IntegrationView>, ApiError> {
    let now: Timestamp = web::now();
    let pending = deps.store.take_oauth(&hash(&body.state), now).await?;
    // Another user's state is used up all the same: whoever shows it has stolen it.
    let pending = pending.filter(|pending| pending.owner == caller.user_id).ok_or(ConnectError::StateUnknown)?;
    let connected = connect::complete(&deps, pending, &body.code, now).await?;
    trail.concerning(connected.id);
    Ok(axum::Json(view(&deps, connected).await?))
}

fn hash(text: &str) -> TokenHash {
    BearerToken::from_text(text).hash()
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == COOKIE)?;
    let ours = value.len() <= 128 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (ours && !value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_our_own_is_returned_to() {
        for path in ["/", "/integrations", "/a?b=c"] {
            assert!(return_to(Some(path.into())).is_ok(), "{path}");
        }
        for path in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/a#b"] {
            assert!(return_to(Some(path.into())).is_err(), "{path}");
        }
    }
}
