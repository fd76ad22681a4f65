//! Asks for a copy of all that a user has, and fetches it.

use axum::extract::State;
use axum::http::StatusCode;
use domain::account::{Export, ExportState};
use domain::{ExportId, limits};
use jiff::{SignedDuration, Timestamp};
use web::audit::Trail;
use web::{ApiError, Caller, Path, scope};
use wire::account::ExportView;
use wire::bus::{ExportRequested, SOURCE};
use wire::error::ErrorBody;

use crate::Deps;

#[utoipa::path(post, path = "/api/me/export", tag = "account", security(("bearer" = ["admin"])),
    responses((status = 202, body = ExportView, description = "Asked for; while one is being made, that one"),
        (status = 401, body = ErrorBody)))]
pub(crate) async fn create_export(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    trail: Trail,
) -> Result<(StatusCode, axum::Json<ExportView>), ApiError> {
    let now = web::now();
    let known = deps.store.exports(caller.user_id).await?;
    let export = match known.iter().find(|export| in_the_making(export, now)) {
        Some(export) => export.clone(),
        None => {
            let export = Export {
                id: ExportId::mint(now),
                owner: caller.user_id,
                requested_at: now,
                state: ExportState::Pending,
            };
            deps.store.put_export(&export, now).await?;
            // One at a time: the archive of the last one would be paid for until it is forgotten.
            for old in &known {
                deps.store.delete_export(old).await?;
            }
            export
        }
    };
    trail.concerning(export.id);
    // Told again to one that is in the making: it may never have been heard.
    let event = ExportRequested { user_id: caller.user_id, export_id: export.id };
    deps.tell(SOURCE, ExportRequested::DETAIL_TYPE, &event).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(view(&deps, export).await?)))
}

fn in_the_making(export: &Export, now: Timestamp) -> bool {
    let until = export.requested_at + SignedDuration::from_secs(limits::EXPORT_SECONDS_MAX);
    export.state == ExportState::Pending && now < until
}

#[utoipa::path(get, path = "/api/me/export/{id}", tag = "account", security(("bearer" = ["admin"])),
    params(("id" = ExportId, Path)),
    responses((status = 200, body = ExportView), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn get_export(
    State(deps): State<Deps>,
    caller: Caller<scope::Admin>,
    Path(id): Path<ExportId>,
) -> Result<axum::Json<ExportView>, ApiError> {
    let export = deps.store.export(caller.user_id, id).await?.ok_or_else(|| {
        ApiError::new(
            StatusCode::NOT_FOUND,
            "export_not_found",
            "there is no export of this id, or it is no longer kept",
        )
    })?;
    Ok(axum::Json(view(&deps, export).await?))
}

async fn view(deps: &Deps, export: Export) -> Result<ExportView, ApiError> {
    let status = export.state.status();
    let (reason, url, bytes) = match export.state {
        ExportState::Pending => (None, None, None),
        ExportState::Ready { object, bytes, .. } => (None, Some(deps.store.export_url(&object).await?), Some(bytes)),
        ExportState::Failed { reason } => (Some(reason), None, None),
    };
    Ok(ExportView { id: export.id, status, requested_at: export.requested_at, reason, url, bytes })
}
