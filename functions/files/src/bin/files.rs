//! Files over HTTP, as a function that streams its responses.

use lambda_http::Error;
use web::{aws, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (router, document) = files::routes();
    if serve::printed_openapi(&document)? {
        return Ok(());
    }
    serve::init_logs();
    let store = aws::store(&aws::load().await)?;
    serve::streaming(router.with_state(store)).await
}
