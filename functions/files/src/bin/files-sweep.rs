//! The schedule, as an event function.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::de::IgnoredAny;
use web::{aws, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_BIN_NAME"));
    let store = aws::store(&aws::load().await)?;
    let store = &store;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<IgnoredAny>| {
        serve::invocation(&event.context.request_id, files::sweep(store, web::now())).await
    }))
    .await
}
