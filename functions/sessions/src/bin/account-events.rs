//! Exports and deletions of accounts: the bus and the schedule, as an event function.

use std::time::{Duration, Instant, SystemTime};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use sessions::{Deps, account};
use web::dead_letters::DeadLetters;
use web::{aws, serve};

/// Before Lambda ends an invocation: a step must come to its end.
const MARGIN: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_BIN_NAME"));
    let deps = Deps::from_env().await?;
    let letters = DeadLetters::from_env(&aws::load().await)?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        let deadline = Instant::now() + left.saturating_sub(MARGIN);
        let handle = async |event: Value| {
            Ok::<_, Error>(account::events::handle(&deps, serde_json::from_value(event)?, deadline).await?)
        };
        if DeadLetters::asked_by(&event.payload) {
            return Ok(letters.redrive(deadline, async |letter| handle(letter).await.is_ok()).await?);
        }
        serve::invocation(&event.context.request_id, handle(event.payload)).await.map(|()| Value::Null)
    }))
    .await
}
