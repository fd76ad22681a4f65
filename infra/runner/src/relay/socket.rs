//! One connection to the socket API.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};
use tracing::warn;
use wire::runner::{FromRunner, ToRunner};

use super::link::LinkConfig;
use crate::net;

/// A handshake passes a function's cold start.
const OPEN_WAIT: Duration = Duration::from_secs(10);
/// A peer that takes nothing for this long is gone.
const SEND_WAIT: Duration = Duration::from_secs(5);

/// An open socket.
pub(super) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// Why a socket did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotOpen {
    /// Try again.
    Failed,
    /// The token is void: the session ended, or another runner has taken over.
    Refused,
}

impl Socket {
    /// Connects with the runner's token.
    pub(super) async fn open(config: &LinkConfig) -> Result<Self, NotOpen> {
        let url = format!("{}?session={}", config.socket_url, config.session);
        let mut request = url.into_client_request().map_err(|_| NotOpen::Failed)?;
        let bearer = format!("Bearer {}", config.token).parse().map_err(|_| NotOpen::Failed)?;
        request.headers_mut().insert(http::header::AUTHORIZATION, bearer);
        let tls = Connector::Rustls(Arc::new(net::tls()));
        let opening = connect_async_tls_with_config(request, None, true, Some(tls));
        match timeout(OPEN_WAIT, opening).await {
            Ok(Ok((stream, _))) => Ok(Self { stream }),
            Ok(Err(Error::Http(answer))) => {
                warn!(status = answer.status().as_u16(), "the socket was not opened");
                Err(if matches!(answer.status().as_u16(), 401 | 403 | 410) {
                    NotOpen::Refused
                } else {
                    NotOpen::Failed
                })
            }
            Ok(Err(_)) | Err(_) => Err(NotOpen::Failed),
        }
    }

    /// Sends one frame; false when the socket is dead.
    pub(super) async fn send(&mut self, frame: &FromRunner) -> bool {
        self.send_json(serde_json::to_string(frame).expect("frames are plain data")).await
    }

    /// As [`Self::send`], for a frame that is written already.
    pub(super) async fn send_json(&mut self, json: String) -> bool {
        matches!(timeout(SEND_WAIT, self.stream.send(Message::text(json))).await, Ok(Ok(())))
    }

    /// The next frame; `None` when the socket is dead. Safe to drop while it waits.
    pub(super) async fn next(&mut self) -> Option<ToRunner> {
        loop {
            match self.stream.next().await?.ok()? {
                Message::Text(text) => match serde_json::from_str(&text) {
                    Ok(frame) => return Some(frame),
                    // Such as the gateway's own `{"message": "Internal server error"}`.
                    Err(_) => warn!(bytes = text.len(), "a frame of the relay was not understood"),
                },
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }
}
