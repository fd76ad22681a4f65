//! `/_local`: what happened so far, in the units that AWS bills, and the
//! switches to hurt. Nothing of it exists in the cloud.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};

use crate::aws::dynamodb::Units;
use crate::fault::{Faults, Order};
use crate::lambda::Lambda;
use crate::rest::Rest;
use crate::socket::Socket;

/// What is looked at and what is hurt.
#[derive(Clone)]
pub struct Control {
    /// The functions.
    pub lambda: Lambda,
    /// The REST gateway.
    pub rest: Rest,
    /// The WebSocket gateway.
    pub socket: Socket,
    /// What the table cost.
    pub units: Units,
    /// The switches that both obey.
    pub faults: Faults,
}

/// `GET /_local/stats` and `POST /_local/fault`.
pub fn router(control: Control) -> Router {
    Router::new().route("/_local/stats", get(stats)).route("/_local/fault", post(fault)).with_state(control)
}

async fn stats(State(control): State<Control>) -> Json<Value> {
    Json(json!({
        "functions": control.lambda.stats(),
        "rest": { "requests": control.rest.requests() },
        "socket": control.socket.stats(),
        "dynamodb": control.units.read(),
    }))
}

async fn fault(State(control): State<Control>, Json(order): Json<Order>) -> StatusCode {
    control.faults.set(order);
    StatusCode::NO_CONTENT
}
