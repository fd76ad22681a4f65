//! Exports and deletions of accounts: the bus and the schedule, as an event function.

use std::time::Duration;

use lambda_runtime::Error;
use serde_json::Value;
use sessions::{Deps, account};
use web::serve;

/// Before Lambda ends an invocation: a step must come to its end.
const MARGIN: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_BIN_NAME"));
    let deps = Deps::from_env().await?;
    serve::events(MARGIN, async |event, deadline| {
        account::events::handle(&deps, serde_json::from_value(event)?, deadline).await?;
        Ok(Value::Null)
    })
    .await
}
