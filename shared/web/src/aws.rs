//! The SDK's settings, loaded once, with one HTTP client for all services.

use std::sync::LazyLock;
use std::time::Duration;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::shared::IntoShared;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use store::Store;

use crate::config::{self, Missing};
use crate::limit;

/// One connector for all clients of the process: one pool, one reading of the roots.
static CONNECTOR: LazyLock<SharedHttpConnector> = LazyLock::new(|| {
    let connect = HttpConnectorSettings::builder().connect_timeout(CONNECT_SECONDS_MAX).build();
    let connector = Connector::builder().connector_settings(connect).tls_provider(Provider::Rustls(CryptoMode::Ring));
    connector.tls_context(trusted()).build().into_shared()
});

/// The SDK's own bound.
const CONNECT_SECONDS_MAX: Duration = Duration::from_millis(3_100);

/// Region, credentials and endpoints from the environment alone, as Lambda gives
/// them: no profile files, no metadata service, no time lost asking them.
pub async fn load() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client_fn(|_, _| connector()))
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .region(EnvironmentVariableRegionProvider::new())
        .load()
        .await
}

/// What the clients send their requests with; built when the first one is sent.
pub fn connector() -> SharedHttpConnector {
    CONNECTOR.clone()
}

/// Mozilla's roots, compiled in. By default the SDK reads the system's, which is
/// hundreds of files on some systems and takes a cold start milliseconds.
fn trusted() -> TlsContext {
    let roots = TrustStore::empty().with_pem_certificate(roots());
    TlsContext::builder().with_trust_store(roots).build().expect("a trust store is all that it needs")
}

/// As PEM: the SDK takes them in no other form.
fn roots() -> String {
    let mut pem = String::new();
    for root in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        pem.push_str("-----BEGIN CERTIFICATE-----\n");
        STANDARD.encode_string(root, &mut pem);
        pem.push_str("\n-----END CERTIFICATE-----\n");
    }
    pem
}

/// The deployment's store; `TABLE_NAME` and `BUCKET_NAME` say where.
pub fn store(sdk: &SdkConfig) -> Result<Store, Missing> {
    let store = Store::new(
        aws_sdk_dynamodb::Client::new(sdk),
        config::required("TABLE_NAME")?,
        aws_sdk_s3::Client::new(sdk),
        config::required("BUCKET_NAME")?,
    );
    Ok(store.with_bounds(limit::bounds()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_root_is_there_in_a_form_that_the_sdk_reads() {
        assert_eq!(roots().matches("BEGIN CERTIFICATE").count(), webpki_root_certs::TLS_SERVER_ROOT_CERTS.len());
        // Building it panics over a root that it cannot read.
        assert!(format!("{:?}", connector()).contains("Connector"));
    }
}
