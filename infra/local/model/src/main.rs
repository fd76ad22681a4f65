//! `demo-model [--port N]`: serves on 127.0.0.1 and prints where, as its one line on stdout.

use std::io::{self, Write};

use anyhow::{Context, Result, bail};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let port = port(std::env::args().skip(1))?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await.with_context(|| format!("port {port} is taken"))?;
    writeln!(io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    // Small chunks must leave at once: latency is measured against them.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, demo_model::router()).await?;
    Ok(())
}

fn port(mut args: impl Iterator<Item = String>) -> Result<u16> {
    match (args.next().as_deref(), args.next(), args.next()) {
        (None, ..) => Ok(0),
        (Some("--port"), Some(port), None) => port.parse().context("--port wants a number; 0 takes a free port"),
        _ => bail!("usage: demo-model [--port N]"),
    }
}
