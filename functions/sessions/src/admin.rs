//! What an administrator sees and decides: who is here, who may come.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use domain::identity::Email;
use domain::{Principal, SignupPolicy, limits};
use web::page::{self, PageQuery};
use web::{ApiError, Caller, Json, Query, config, scope};
use wire::error::ErrorBody;
use wire::health::{LimitList, LimitView};
use wire::identity::{Signup, UserPage, UserView};

use crate::Deps;
use crate::me::gone;

#[utoipa::path(get, path = "/api/admin/users", tag = "admin", security(("bearer" = ["admin"])), params(PageQuery),
    responses((status = 200, body = UserPage, description = "Oldest first"), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn list_users(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    Query(query): Query<PageQuery>,
) -> Result<Answer<UserPage>, ApiError> {
    require_admin(&deps, &caller).await?;
    let limit = page::limit(query.limit)?;
    let after = page::cursor(query.cursor.as_deref())?;
    let (users, more) = deps.store.users(after, limit).await?;
    let next_cursor = users.last().filter(|_| more).map(|user| user.id.to_string());
    Ok(Answer(UserPage { users: users.into_iter().map(UserView::from).collect(), next_cursor }))
}

#[utoipa::path(get, path = "/api/admin/signup", tag = "admin", security(("bearer" = ["admin"])),
    responses((status = 200, body = Signup), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn get_signup(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
) -> Result<Answer<Signup>, ApiError> {
    require_admin(&deps, &caller).await?;
    let policy = deps.store.signup_policy().await?;
    let policy = policy.unwrap_or_else(|| SignupPolicy::unless_set(deps.environment == "production"));
    Ok(Answer(policy.into()))
}

#[utoipa::path(put, path = "/api/admin/signup", tag = "admin", security(("bearer" = ["admin"])),
    request_body = Signup,
    responses((status = 200, body = Signup), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody)))]
pub(crate) async fn set_signup(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    Json(body): Json<Signup>,
) -> Result<Answer<Signup>, ApiError> {
    require_admin(&deps, &caller).await?;
    let policy = checked(body)?;
    deps.store.put_signup_policy(&policy).await?;
    Ok(Answer(policy.into()))
}

#[utoipa::path(get, path = "/api/admin/limits", tag = "admin", security(("bearer" = ["admin"])),
    responses((status = 200, body = LimitList), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn list_limits(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
) -> Result<Answer<LimitList>, ApiError> {
    require_admin(&deps, &caller).await?;
    let limits = limits::ADJUSTABLE.map(|limit| LimitView {
        name: limit.name.to_owned(),
        variable: limit.variable(),
        bounds: limit.bounds.to_owned(),
        unit: limit.unit.to_owned(),
        value: config::limit(&limit),
        default: limit.default,
    });
    Ok(Answer(LimitList { limits: limits.into() }))
}

/// Refuses everybody who does not administer the deployment.
pub(crate) async fn require_admin(deps: &Deps, caller: &Principal) -> Result<(), ApiError> {
    match deps.store.user(caller.user_id).await?.ok_or_else(gone)?.admin {
        true => Ok(()),
        false => {
            Err(ApiError::new(StatusCode::FORBIDDEN, "admin_only", "this is for administrators of the deployment"))
        }
    }
}

fn checked(body: Signup) -> Result<SignupPolicy, ApiError> {
    if body.emails.len() + body.domains.len() > limits::SIGNUP_ENTRIES_MAX {
        let message = format!("the list has at most {} entries", limits::SIGNUP_ENTRIES_MAX);
        return Err(ApiError::bad_request("invalid_body", message));
    }
    let invalid = |text: &str| ApiError::bad_request("invalid_body", format!("{text:?} is no address or domain"));
    let emails = body.emails.iter().map(|text| text.parse::<Email>().map_err(|_| invalid(text)));
    let domains = body.domains.iter().map(|text| {
        let domain = text.trim().trim_start_matches('@').to_lowercase();
        let is_domain = format!("x@{domain}").parse::<Email>().is_ok_and(|email| email.domain() == domain);
        is_domain.then_some(domain).ok_or_else(|| invalid(text))
    });
    Ok(SignupPolicy {
        open: body.open,
        emails: emails.collect::<Result<_, _>>()?,
        domains: domains.collect::<Result<_, _>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_takes_addresses_and_domains_in_any_spelling_and_nothing_else() {
        let signup = |email: &str, domain: &str| Signup {
            open: false,
            emails: vec![email.to_owned()],
            domains: vec![domain.to_owned()],
        };
        let policy = checked(signup("Ana@Example.com", "@Example.ORG")).unwrap();
        assert!(policy.admits(&"ana@example.com".parse().unwrap()) && policy.admits(&"x@example.org".parse().unwrap()));
        for (email, domain) in [("ana", "x.y"), ("a@b.c", ""), ("a@b.c", "a@b.c"), ("a@b.c", "x y")] {
            assert!(checked(signup(email, domain)).is_err(), "{email} {domain}");
        }
    }
}
