//! `runner health`: whether what this container is for answers, as ECS asks.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::net;

/// Below the task definition's own bound.
const ANSWER_WAIT: Duration = Duration::from_secs(4);

/// OpenCode in the agent's container, by `OPENCODE_PORT`; in the runner's its gateway, by
/// `GATEWAY_PORT`.
pub async fn run() -> Result<()> {
    let port = ["OPENCODE_PORT", "GATEWAY_PORT"].into_iter().find_map(|name| std::env::var(name).ok());
    let port = port.context("neither OPENCODE_PORT nor GATEWAY_PORT is set")?;
    answers(port.parse().context("OPENCODE_PORT or GATEWAY_PORT is not a port")?).await
}

/// Any answer is a sign of life: what is asked of either needs a password or a path.
async fn answers(port: u16) -> Result<()> {
    let client = net::loopback().timeout(ANSWER_WAIT).build()?;
    client
        .get(format!("http://127.0.0.1:{port}/"))
        .send()
        .await
        .with_context(|| format!("nothing answers at {port}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_refusal_is_a_sign_of_life_and_silence_is_none() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(axum::serve(listener, axum::Router::new()).into_future());
        assert!(answers(port).await.is_ok());
        server.abort();
        assert!(server.await.unwrap_err().is_cancelled());
        assert!(answers(port).await.is_err());
    }
}
