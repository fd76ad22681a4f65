//! The integrations function that works without a caller: schedule and bus.

use std::time::{Duration, Instant, SystemTime};

use integrations::Deps;
use integrations::sync;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use web::dead_letters::DeadLetters;
use web::{aws, serve};

/// Before Lambda ends an invocation: a letter takes as long as a run may.
const MARGIN: Duration = Duration::from_secs(100);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_BIN_NAME"));
    let deps = Deps::from_env().await?;
    let letters = DeadLetters::from_env(&aws::load().await)?;
    let handle =
        async |event: Value| Ok::<_, Error>(sync::handle(&deps, serde_json::from_value(event)?, web::now()).await?);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let LambdaEvent { payload, context } = event;
        if DeadLetters::asked_by(&payload) {
            let left = context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
            let deadline = Instant::now() + left.saturating_sub(MARGIN);
            return Ok(letters.redrive(deadline, async |letter| handle(letter).await.is_ok()).await?);
        }
        serve::invocation(&context.request_id, handle(payload)).await
    }))
    .await
}
