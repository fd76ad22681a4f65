//! The integrations function that works without a caller: schedule and bus.

use std::time::Duration;

use integrations::{Deps, sync};
use lambda_runtime::Error;
use web::serve;

/// Before Lambda ends an invocation: a letter takes as long as a run may.
const MARGIN: Duration = Duration::from_secs(100);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_BIN_NAME"));
    let deps = Deps::from_env().await?;
    serve::events(MARGIN, async |event, _| Ok(sync::handle(&deps, serde_json::from_value(event)?, web::now()).await?))
        .await
}
