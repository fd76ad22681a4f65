//! The integrations function that answers HTTP.

use integrations::Deps;
use lambda_http::Error;
use web::serve;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (router, document) = integrations::http::routes();
    if serve::printed_openapi(&document)? {
        return Ok(());
    }
    telemetry::init(env!("CARGO_BIN_NAME"));
    let deps = Deps::from_env().await?;
    serve::buffered(router.with_state(deps)).await
}
