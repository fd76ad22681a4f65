//! The schedule, ended tasks and the bus, as an event function.

use agent::{Deps, sweep};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use web::serve;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_BIN_NAME"));
    let deps = Deps::from_env().await?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<sweep::BusEvent>| {
        serve::invocation(&event.context.request_id, sweep::handle(&deps, event.payload)).await
    }))
    .await
}
