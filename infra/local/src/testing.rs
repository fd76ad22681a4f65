//! Helpers for this crate's tests.

use std::path::{Path, PathBuf};

/// A folder that is removed when the test ends.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An empty folder for the test of this name.
pub(crate) fn folder(test: &str) -> Folder {
    let path = std::env::temp_dir().join(format!("agent-ops-{}-{test}", std::process::id()));
    std::fs::create_dir_all(&path).expect("the temporary folder is writable");
    Folder(path)
}

/// Serves a router on a free port and gives its URL.
pub(crate) async fn serve(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// An HTTP client for the SDKs that needs no TLS.
pub(crate) fn http_client() -> aws_sdk_dynamodb::config::SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_http()
}

/// What every SDK client of a test is made from.
#[macro_export]
macro_rules! sdk_config {
    ($sdk:ident, $url:expr) => {
        $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region($sdk::config::Region::from_static("us-east-1"))
            .credentials_provider($sdk::config::Credentials::new("local", "local", None, None, "test"))
            .http_client($crate::testing::http_client())
            .endpoint_url($url)
    };
}
