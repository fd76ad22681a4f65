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
        "faults": control.faults.strikes(),
    }))
}

async fn fault(State(control): State<Control>, Json(order): Json<Order>) -> StatusCode {
    control.faults.set(order);
    StatusCode::NO_CONTENT
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use http::Request;
    use tower::ServiceExt;

    use super::*;
    use crate::fault::Kill;
    use crate::lambda::testing::{Stage, stage, within};
    use crate::template::{Deployment, Template};
    use crate::{rest, socket};

    async fn control(stage: &Stage) -> Control {
        let deployment = Deployment::at("127.0.0.1:8787".parse().expect("an address"));
        let template = include_str!("../../../template.yaml");
        let template = Template::parse(template, &deployment).expect("the project's template resolves");
        let lambda = Lambda::start(stage.config.clone()).await.expect("it starts");
        let faults = stage.config.faults.clone();
        let rest = Rest::new(lambda.clone(), template.rest, &stage.folder, rest::Limits::default());
        let socket = Socket::new(lambda.clone(), template.socket, socket::Limits::default(), faults.clone());
        Control { lambda, rest, socket, units: Units::default(), faults }
    }

    async fn told(control: &Control) -> Value {
        let request = Request::get("/_local/stats").body(Body::empty()).expect("a request");
        let response = router(control.clone()).oneshot(request).await.expect("an answer");
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        serde_json::from_slice(&body).expect("JSON")
    }

    #[tokio::test]
    async fn stats_count_functions_and_gateways() {
        let stage = stage("control-stats");
        let control = control(&stage).await;
        control.lambda.invoke("F", "{}".into()).await.expect("an answer");
        // An invocation is billed when the function polls again, just after its answer.
        let stats = within(async {
            loop {
                let stats = told(&control).await;
                if stats["functions"]["F"]["billed_ms"] != 0 {
                    return stats;
                }
                tokio::task::yield_now().await;
            }
        })
        .await;
        let function = &stats["functions"]["F"];
        assert_eq!((&function["invocations"], &function["cold_starts"]), (&json!(1), &json!(1)));
        assert_eq!((&stats["rest"]["requests"], &stats["socket"]["messages_out"]), (&json!(0), &json!(0)));
    }

    #[tokio::test]
    async fn an_order_is_obeyed_and_a_mistyped_one_refused() {
        let stage = stage("control-fault");
        let control = control(&stage).await;
        for (order, status) in [(json!({ "kill": { "F": { "times": 1 } } }), 204), (json!({ "kil": {} }), 422)] {
            let request = Request::post("/_local/fault").header("content-type", "application/json");
            let request = request.body(Body::from(order.to_string())).expect("a request");
            let response = router(control.clone()).oneshot(request).await.expect("an answer");
            assert_eq!(response.status().as_u16(), status, "{order}");
        }
        assert_eq!(control.faults.next_kill("F"), Some(Kill::BeforeResponse));
        assert_eq!(told(&control).await["faults"], json!({ "F killed": 1 }));
    }
}
