//! The schedule, ended tasks and the bus, as an event function.

use std::time::Duration;

use agent::{Deps, sweep};
use lambda_runtime::Error;
use serde_json::Value;
use web::serve;

/// Before Lambda ends an invocation: a letter takes no longer than a sweep.
const MARGIN: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_BIN_NAME"));
    let deps = Deps::from_env().await?;
    serve::events(MARGIN, async |event, _| {
        sweep::handle(&deps, serde_json::from_value(event)?).await?;
        Ok(Value::Null)
    })
    .await
}
