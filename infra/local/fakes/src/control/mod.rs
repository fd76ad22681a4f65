//! `/control`: what tests and curious people do to the fakes that no provider's API offers.
//!
//! | | |
//! |---|---|
//! | `GET /control/calls?provider=&path=` | what was asked, oldest first |
//! | `DELETE /control/calls` | forgets it |
//! | `POST /control/faults` | something goes wrong: see [`Fault`] |
//! | `DELETE /control/faults` | nothing goes wrong any more |
//! | `POST /control/clock {"advance_s"}` | lets time pass here |
//! | `/control/github/…`, `/control/google/…` | the provider's data |

mod calls;
mod faults;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

pub use calls::{Call, Calls, Filter};
pub use faults::{Answer, Fault, Faults};

use crate::World;

/// The surface that is no provider's.
pub fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/control/calls", get(calls).delete(forget_calls))
        .route("/control/faults", post(add_fault).delete(clear_faults))
        .route("/control/clock", post(advance))
        .with_state(world)
}

/// The provider's router with every call logged and the faults obeyed.
pub fn watched(world: Arc<World>, provider: &'static str, router: Router) -> Router {
    router.layer(middleware::from_fn(move |request: Request, next: Next| watch(world.clone(), provider, request, next)))
}

async fn watch(world: Arc<World>, provider: &'static str, request: Request, next: Next) -> Response {
    let mut call = Call::of(provider, &request, world.clock.now());
    let response = match world.faults.next(provider, &call) {
        None => next.run(request).await,
        Some(fault) => {
            if fault.delay_ms > 0 {
                tokio::time::sleep(Duration::from_millis(fault.delay_ms)).await;
            }
            match (fault.after, &fault.answer) {
                // The provider did it, and its answer was lost.
                (true, Some(answer)) => {
                    drop(next.run(request).await);
                    answer.clone().into_response()
                }
                (false, Some(answer)) => answer.clone().into_response(),
                (_, None) => next.run(request).await,
            }
        }
    };
    call.status = response.status().as_u16();
    world.calls.add(call);
    response
}

async fn calls(State(world): State<Arc<World>>, Query(filter): Query<Filter>) -> Json<Vec<Call>> {
    Json(world.calls.list(&filter))
}

async fn forget_calls(State(world): State<Arc<World>>) -> StatusCode {
    world.calls.clear();
    StatusCode::NO_CONTENT
}

async fn add_fault(State(world): State<Arc<World>>, Json(fault): Json<Fault>) -> StatusCode {
    world.faults.add(fault);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(world): State<Arc<World>>) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_s: i64,
}

async fn advance(State(world): State<Arc<World>>, Json(order): Json<Advance>) -> StatusCode {
    world.clock.advance(order.advance_s);
    StatusCode::NO_CONTENT
}
