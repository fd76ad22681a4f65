//! Whether the service answers.

use axum::Json;
use axum::extract::State;
use wire::sessions::Health;

use crate::Deps;

#[utoipa::path(get, path = "/health", tag = "service", responses((status = 200, body = Health)))]
pub(crate) async fn health(State(deps): State<Deps>) -> Json<Health> {
    Json(Health {
        status: "ok".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        environment: deps.environment,
    })
}
