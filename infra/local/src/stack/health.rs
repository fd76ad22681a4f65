//! Whether the stack answers from end to end: gateway, function, and back.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(15);

const REQUEST: &[u8] = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Asks for `/health` once; a function that cannot start fails here and not at the user's first click.
pub(super) async fn check(origin: SocketAddr) -> Result<()> {
    let answer = timeout(LIMIT, ask(origin)).await.context("GET /health takes too long")??;
    if answer.starts_with("HTTP/1.1 200 ") {
        return Ok(());
    }
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    bail!("GET /health: {} {body}", answer.lines().next().unwrap_or_default())
}

async fn ask(origin: SocketAddr) -> Result<String> {
    let mut stream = TcpStream::connect(origin).await?;
    stream.write_all(REQUEST).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;

    async fn health_of(status: StatusCode) -> Result<()> {
        let url = testing::serve(Router::new().route("/health", get(move || async move { (status, "why") }))).await;
        check(url.trim_start_matches("http://").parse()?).await
    }

    #[tokio::test]
    async fn a_function_that_fails_is_told_with_its_answer() {
        health_of(StatusCode::OK).await.unwrap();
        let error = health_of(StatusCode::BAD_GATEWAY).await.unwrap_err().to_string();
        assert!(error.contains("502") && error.contains("why"), "{error}");
    }
}
