//! The MCP server, spoken to by the official SDK's client (`tests/mcp`).

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use crate::{Api, PATIENCE};

/// What a client of the SDK saw.
pub struct Seen {
    pub tools: Vec<Value>,
    /// By call: `{"result"}` or `{"error": {"code", "message"}}`.
    pub results: Vec<Value>,
}

/// Connects as `api`'s caller, lists the tools and makes the calls: `(tool, arguments)`.
pub async fn official_client(api: &Api, calls: &[(&str, Value)]) -> Result<Seen> {
    let folder = std::env::var_os("MCP_CLIENT");
    let folder = folder.context("MCP_CLIENT is not set: `cargo local test` installs the SDK's client and sets it")?;
    let url = format!("{}/mcp", api.origin());
    let mut client = Command::new("node")
        .arg(PathBuf::from(folder).join("client.mjs"))
        .args([url.as_str(), api.token().unwrap_or_default()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("node can't be started")?;
    let calls: Vec<Value> = calls.iter().map(|(tool, given)| json!({ "tool": tool, "arguments": given })).collect();
    let mut stdin = client.stdin.take().context("no stdin")?;
    stdin.write_all(&serde_json::to_vec(&calls)?).await?;
    drop(stdin);
    let output = timeout(PATIENCE, client.wait_with_output()).await.context("the client did not end")??;
    ensure!(output.status.success(), "the client failed: {}", String::from_utf8_lossy(&output.stderr));
    let mut told: Value = serde_json::from_slice(&output.stdout)?;
    let mut list = |name: &str| match told[name].take() {
        Value::Array(list) => list,
        _ => Vec::new(),
    };
    Ok(Seen { tools: list("tools"), results: list("results") })
}
