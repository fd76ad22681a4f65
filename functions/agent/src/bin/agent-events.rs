//! The schedule, ended tasks and the bus, as an event function.

use std::time::{Duration, Instant, SystemTime};

use agent::{Deps, sweep};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use web::dead_letters::DeadLetters;
use web::{aws, serve};

/// Before Lambda ends an invocation: a letter takes no longer than a sweep.
const MARGIN: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_BIN_NAME"));
    let deps = Deps::from_env().await?;
    let letters = DeadLetters::from_env(&aws::load().await)?;
    let handle = async |event: Value| Ok::<_, Error>(sweep::handle(&deps, serde_json::from_value(event)?).await?);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let LambdaEvent { payload, context } = event;
        if DeadLetters::asked_by(&payload) {
            let left = context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
            let deadline = Instant::now() + left.saturating_sub(MARGIN);
            return Ok(letters.redrive(deadline, async |letter| handle(letter).await.is_ok()).await?);
        }
        serve::invocation(&context.request_id, handle(payload)).await.map(|()| Value::Null)
    }))
    .await
}
