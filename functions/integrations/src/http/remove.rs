//! Disconnects an account. The access is taken back and the data deleted by the worker.

use axum::extract::State;
use axum::http::StatusCode;
use domain::integration::Connection;
use domain::{IntegrationId, limits};
use web::{ApiError, Caller, Path, scope};
use wire::bus::DisconnectRequested;
use wire::error::ErrorBody;
use wire::integrations::IntegrationView;

use super::{integration, view};
use crate::Deps;

#[utoipa::path(delete, path = "/api/integrations/{id}", tag = "integrations", security(("bearer" = ["integrations:write"])),
    params(("id" = IntegrationId, Path)),
    responses((status = 202, body = IntegrationView, description = "Gone when it is no longer found"),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn delete_integration(
    State(deps): State<Deps>,
    caller: Caller<scope::IntegrationsWrite>,
    Path(id): Path<IntegrationId>,
) -> Result<(StatusCode, axum::Json<IntegrationView>), ApiError> {
    for _ in 0..limits::RACE_RETRIES_MAX {
        let current = integration(&deps, caller.user_id, id).await?;
        let leaving = match current.connection {
            Connection::Disconnecting => current,
            _ => {
                let leaving = current.disconnect(web::now());
                if !deps.store.change_integration(&leaving).await? {
                    continue;
                }
                leaving
            }
        };
        // The schedule finds it, should the event be lost.
        deps.store.put_due(leaving.owner, leaving.id, web::now()).await?;
        let request = DisconnectRequested { user_id: leaving.owner, integration_id: leaving.id };
        deps.outbox.disconnect(request).await?;
        return Ok((StatusCode::ACCEPTED, axum::Json(view(&deps, leaving).await?)));
    }
    Err(ApiError::unavailable())
}
