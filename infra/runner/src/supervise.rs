//! The supervisor: keeps OpenCode alive in the agent's container and cleans up behind it.

use anyhow::Result;

/// Runs until SIGTERM. Reads `OPENCODE_BIN`, `OPENCODE_PORT`, `GATEWAY_URL`.
pub async fn run() -> Result<()> {
    Ok(())
}
