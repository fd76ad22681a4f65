//! The sessions function.

use lambda_http::Error;
use sessions::Deps;
use web::{aws, config, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (router, document) = sessions::routes();
    if serve::printed_openapi(&document)? {
        return Ok(());
    }
    serve::init_logs();
    let sdk = aws::load().await;
    let deps = Deps {
        store: aws::store(&sdk)?,
        bus: aws_sdk_eventbridge::Client::new(&sdk),
        bus_name: config::required("BUS_NAME")?,
        environment: config::required("ENVIRONMENT")?,
    };
    serve::buffered(router.with_state(deps)).await
}
