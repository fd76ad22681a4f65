//! Asks the runner's gateway for the setup until it is there.

use std::time::Duration;

use tokio::time::sleep;
use tracing::{debug, info};

use crate::net;
use crate::sandbox::SandboxSetup;

/// The gateway itself waits a second before it says no; a refused connection costs nothing.
const RETRY: Duration = Duration::from_millis(25);
/// More than the gateway waits.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// Fetches the setup. The two containers start in any order, so it never gives up.
pub(super) async fn fetch(gateway_url: &str) -> SandboxSetup {
    let client = net::loopback().timeout(ANSWER_WAIT).build().expect("a client without files or system settings");
    let url = format!("{gateway_url}/sandbox");
    loop {
        match ask(&client, &url).await {
            Ok(setup) => {
                info!(model = %setup.model, directory = %setup.directory.display(), "the session is known");
                return setup;
            }
            Err(error) => debug!(%error, "no setup yet"),
        }
        sleep(RETRY).await;
    }
}

async fn ask(client: &reqwest::Client, url: &str) -> reqwest::Result<SandboxSetup> {
    client.get(url).send().await?.error_for_status()?.json().await
}
