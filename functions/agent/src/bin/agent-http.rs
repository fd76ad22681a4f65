//! Messages and events over HTTP, as a function that streams its responses.

use agent::{Deps, http};
use lambda_http::Error;
use web::serve;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (router, document) = http::routes();
    if serve::printed_openapi(&document)? {
        return Ok(());
    }
    telemetry::init(env!("CARGO_BIN_NAME"));
    let deps = Deps::from_env().await?;
    serve::streaming(router.with_state(deps)).await
}
