//! Exports and deletions of accounts: the bus and the schedule, as an event function.

use std::time::{Duration, Instant, SystemTime};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use sessions::{Deps, account};
use web::serve;

/// Before Lambda ends an invocation: a step must come to its end.
const MARGIN: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    serve::init_logs();
    let deps = Deps::from_env().await?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<account::events::BusEvent>| {
        let left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        let deadline = Instant::now() + left.saturating_sub(MARGIN);
        serve::invocation(&event.context.request_id, account::events::handle(&deps, event.payload, deadline)).await
    }))
    .await
}
