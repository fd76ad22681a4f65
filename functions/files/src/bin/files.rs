//! Files over HTTP, as a function that streams its responses.

use lambda_http::Error;
use web::{aws, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (router, document) = files::routes();
    if serve::printed_openapi(&document)? {
        return Ok(());
    }
    telemetry::init(env!("CARGO_BIN_NAME"));
    let store = aws::store(&aws::load().await)?;
    serve::streaming(router.with_state(store)).await
}
