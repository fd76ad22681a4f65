//! The WebSocket of viewers and runners, as a function of the socket API.

use agent::{Deps, socket};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use web::serve;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(env!("CARGO_BIN_NAME"));
    let deps = Deps::from_env().await?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<socket::SocketEvent>| {
        // Boxed: whole, the futures lie in each other deeper than the compiler looks.
        serve::invocation(&event.context.request_id, Box::pin(socket::handle(&deps, event.payload))).await
    }))
    .await
}
