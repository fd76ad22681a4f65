//! Shows the audit log: a page at a time, or as JSON Lines to keep and to verify.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use domain::audit::AuditRecord;
use domain::{UserId, limits};
use serde::Deserialize;
use utoipa::IntoParams;
use web::page::{self, PageQuery};
use web::{ApiError, Caller, Query, scope};
use wire::account::AuditPage;
use wire::error::ErrorBody;

use crate::Deps;

#[utoipa::path(get, path = "/api/audit", tag = "account", security(("bearer" = ["admin"])), params(PageQuery),
    responses((status = 200, body = AuditPage), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub(crate) async fn list_audit(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<AuditPage>, ApiError> {
    page(&deps, caller.user_id, &query).await
}

pub(crate) async fn page(deps: &Deps, owner: UserId, query: &PageQuery) -> Result<axum::Json<AuditPage>, ApiError> {
    let limit = page::limit(query.limit)?;
    let before = page::cursor(query.cursor.as_deref())?;
    let head = deps.store.audit_head(owner).await?;
    let records = deps.store.audit_records(owner, before, true, limit).await?;
    let next_cursor = records.last().filter(|last| last.seq > 1).map(|last| last.seq.to_string());
    Ok(axum::Json(AuditPage { records, next_cursor, head }))
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
    let after = Some(query.after).filter(|after| *after > 0);
    let records = deps.store.audit_records(caller.user_id, after, false, limits::AUDIT_EXPORT_MAX).await?;
    Ok(([(header::CONTENT_TYPE, "application/jsonl")], lines(&records)?))
}

/// A record per line.
pub(crate) fn lines(records: &[AuditRecord]) -> Result<String, ApiError> {
    let mut lines = String::new();
    for record in records {
        lines.push_str(&serde_json::to_string(record).map_err(ApiError::internal)?);
        lines.push('\n');
    }
    Ok(lines)
}
