//! Shows the audit log: a page at a time, or as JSON Lines to keep and to verify.
//! Users see their own; administrators see everybody's.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use domain::audit::AuditRecord;
use domain::{UserId, limits};
use serde::Deserialize;
use utoipa::IntoParams;
use web::page::{self, PageQuery};
use web::{ApiError, Caller, Query, scope};
use wire::account::{AdminAuditPage, AuditPage};
use wire::error::ErrorBody;

use crate::Deps;
use crate::admin::require_admin;

#[utoipa::path(get, path = "/api/audit", tag = "account", security(("bearer" = ["admin"])), params(PageQuery),
    responses((status = 200, body = AuditPage), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub(crate) async fn list_audit(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<AuditPage>, ApiError> {
    let head = deps.store.audit_head(caller.user_id).await?;
    let (records, next_cursor) = of_user(&deps, caller.user_id, &query).await?;
    Ok(axum::Json(AuditPage { records, next_cursor, head }))
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AdminAuditQuery {
    /// Of this user alone.
    user_id: Option<UserId>,
    /// Entries of a page: 1 to 100, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

#[utoipa::path(get, path = "/api/admin/audit", tag = "admin", security(("bearer" = ["admin"])), params(AdminAuditQuery),
    responses((status = 200, body = AdminAuditPage, description = "Everybody's records, newest first"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn list_all_audit(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    Query(query): Query<AdminAuditQuery>,
) -> Result<axum::Json<AdminAuditPage>, ApiError> {
    require_admin(&deps, &caller).await?;
    let AdminAuditQuery { user_id, limit, cursor } = query;
    let query = PageQuery { limit, cursor };
    let (records, next_cursor) = match user_id {
        Some(user) => of_user(&deps, user, &query).await?,
        None => {
            let before = page::cursor(query.cursor.as_deref())?;
            let (records, next) = deps.store.all_audit_records(before, page::limit(limit)?).await?;
            (records, next.map(|next| next.to_string()))
        }
    };
    Ok(axum::Json(AdminAuditPage { records, next_cursor }))
}

/// A page of one user's chain, newest first, and its cursor.
async fn of_user(deps: &Deps, user: UserId, query: &PageQuery) -> Result<(Vec<AuditRecord>, Option<String>), ApiError> {
    let limit = page::limit(query.limit)?;
    let before = page::cursor(query.cursor.as_deref())?;
    let records = deps.store.audit_records(user, before, true, limit).await?;
    let next_cursor = records.last().filter(|last| last.seq > 1).map(|last| last.seq.to_string());
    Ok((records, next_cursor))
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// Records behind this number; from the first when absent.
    #[serde(default)]
    after: u64,
}

#[utoipa::path(get, path = "/api/audit/export", tag = "account", security(("bearer" = ["admin"])), params(ExportQuery),
    responses((status = 200, body = String, content_type = "application/jsonl",
            description = "Oldest first, a record per line; nothing when there is nothing behind `after`"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub(crate) async fn export_audit(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    Query(query): Query<ExportQuery>,
) -> Result<impl IntoResponse, ApiError> {
    lines_of(&deps, caller.user_id, query.after).await
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AdminExportQuery {
    /// Whose chain: each is verified by itself.
    user_id: UserId,
    /// Records behind this number; from the first when absent.
    #[serde(default)]
    after: u64,
}

#[utoipa::path(get, path = "/api/admin/audit/export", tag = "admin", security(("bearer" = ["admin"])),
    params(AdminExportQuery),
    responses((status = 200, body = String, content_type = "application/jsonl",
            description = "One user's, oldest first, a record per line; nothing when there is nothing behind `after`"),
        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn export_user_audit(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    Query(query): Query<AdminExportQuery>,
) -> Result<impl IntoResponse, ApiError> {
    require_admin(&deps, &caller).await?;
    lines_of(&deps, query.user_id, query.after).await
}

async fn lines_of(deps: &Deps, user: UserId, after: u64) -> Result<impl IntoResponse + use<>, ApiError> {
    let after = Some(after).filter(|after| *after > 0);
    let records = deps.store.audit_records(user, after, false, limits::AUDIT_EXPORT_MAX).await?;
    Ok(([(header::CONTENT_TYPE, "application/jsonl")], lines(&records)?))
}

/// A record per line.
fn lines(records: &[AuditRecord]) -> Result<String, ApiError> {
    let mut lines = String::new();
    for record in records {
        lines.push_str(&serde_json::to_string(record).map_err(ApiError::internal)?);
        lines.push('\n');
    }
    Ok(lines)
}
