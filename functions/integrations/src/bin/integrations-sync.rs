//! The integrations function that works without a caller: schedule and bus.

use integrations::Deps;
use integrations::sync::{self, BusEvent};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use web::serve;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    serve::init_logs();
    let deps = Deps::from_env().await?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<BusEvent>| {
        serve::invocation(&event.context.request_id, sync::handle(&deps, event.payload, web::now())).await
    }))
    .await
}
