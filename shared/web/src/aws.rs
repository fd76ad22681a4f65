//! The SDK's settings, loaded once, with one HTTP client for all services.

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::tls;
use store::Store;

use crate::config::{self, Missing};

/// Region, credentials and endpoints from the environment alone, as Lambda gives
/// them: no profile files, no metadata service, no time lost asking them.
pub async fn load() -> SdkConfig {
    let https = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(https)
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .region(EnvironmentVariableRegionProvider::new())
        .load()
        .await
}

/// The deployment's store; `TABLE_NAME` and `BUCKET_NAME` say where.
pub fn store(sdk: &SdkConfig) -> Result<Store, Missing> {
    Ok(Store::new(
        aws_sdk_dynamodb::Client::new(sdk),
        config::required("TABLE_NAME")?,
        aws_sdk_s3::Client::new(sdk),
        config::required("BUCKET_NAME")?,
    ))
}
