//! What a user's turns used, day by day.

use axum::extract::State;
use domain::limits;
use jiff::SignedDuration;
use serde::Deserialize;
use utoipa::IntoParams;
use web::{ApiError, Caller, Query, scope};
use wire::account::UsagePage;
use wire::error::ErrorBody;

use crate::Deps;

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageQuery {
    /// Days up to today: 1 to 400, 30 when absent.
    days: Option<u32>,
}

#[utoipa::path(get, path = "/api/me/usage", tag = "account", security(("bearer" = ["sessions:read"])), params(UsageQuery),
    responses((status = 200, body = UsagePage), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub(crate) async fn get_usage(
    State(deps): State<Deps>,
    caller: Caller<scope::SessionsRead>,
    Query(query): Query<UsageQuery>,
) -> Result<axum::Json<UsagePage>, ApiError> {
    let days = i64::from(query.days.unwrap_or(limits::USAGE_DAYS_DEFAULT));
    if !(1..=limits::USAGE_DAYS).contains(&days) {
        return Err(ApiError::bad_request(
            "invalid_query",
            format!("days is a number from 1 to {}", limits::USAGE_DAYS),
        ));
    }
    let now = web::now();
    let from = now - SignedDuration::from_hours(24 * (days - 1));
    Ok(axum::Json(UsagePage { days: deps.store.usage(caller.user_id, from, now).await?, next_cursor: None }))
}
