//! A connection from its handshake to its end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes};

use super::connection::{Connection, Outbound};
use super::event::{self, Said};
use super::{Limits, Socket};

/// How long a client may take to close its side.
const GOODBYE: Duration = Duration::from_secs(1);

type Stream = WebSocketStream<TokioIo<Upgraded>>;
type Sink = SplitSink<Stream, Message>;

/// Why a connection ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The client said goodbye.
    Client(u16, String),
    /// The client went without a word.
    Gone,
    /// A frame or message over the limit.
    TooLarge,
    /// Too long without a message, or too old.
    Expired(&'static str),
    /// `DELETE @connections/{id}`.
    Deleted,
    /// The client's queue is full.
    Slow,
}

/// Serves a connection to its end, then tells `$disconnect`.
pub(super) async fn run(
    socket: Socket,
    connection: Arc<Connection>,
    upgrade: OnUpgrade,
    mut inbox: UnboundedReceiver<Outbound>,
) {
    let end = match upgrade.await {
        Ok(upgraded) => {
            let config = config(&socket.0.limits);
            let stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
            converse(&socket, &connection, stream, &mut inbox).await
        }
        Err(_) => End::Gone,
    };
    socket.connections().remove(&connection.id);
    socket.0.counts.closed(connection.age());
    tell(&socket, &connection, &end).await;
}

fn config(limits: &Limits) -> WebSocketConfig {
    WebSocketConfig::default().max_frame_size(Some(limits.frame)).max_message_size(Some(limits.message))
}

async fn converse(
    socket: &Socket,
    connection: &Arc<Connection>,
    stream: Stream,
    inbox: &mut UnboundedReceiver<Outbound>,
) -> End {
    let (mut sink, mut source) = stream.split();
    let end = tokio::select! {
        end = read(socket, connection, &mut source) => end,
        end = write(connection, &mut sink, inbox) => end,
        end = expiry(connection, &socket.0.limits) => end,
        () = connection.slow.cancelled() => End::Slow,
        () = connection.broken.cancelled() => End::Gone,
    };
    // Nobody may post into a connection that is saying goodbye.
    socket.connections().remove(&connection.id);
    if let Some(frame) = end.farewell() {
        // Whether the client hears it or not, its time is limited.
        let _ = timeout(GOODBYE, part(sink, source, frame)).await;
    }
    end
}

async fn read(socket: &Socket, connection: &Arc<Connection>, source: &mut SplitStream<Stream>) -> End {
    let mut goodbye = None;
    loop {
        let (body, binary) = match source.next().await {
            Some(Ok(Message::Text(text))) => (Bytes::from(text), false),
            Some(Ok(Message::Binary(bytes))) => (bytes, true),
            // The next read sends the answer to it.
            Some(Ok(Message::Close(frame))) => {
                goodbye =
                    Some(frame.map_or((1005, String::new()), |frame| (frame.code.into(), frame.reason.to_string())));
                continue;
            }
            Some(Ok(_)) => continue,
            Some(Err(Error::Capacity(_))) => return End::TooLarge,
            Some(Err(_)) | None => return goodbye.map_or(End::Gone, |(code, reason)| End::Client(code, reason)),
        };
        connection.touch();
        socket.receive(connection, Said { body, binary });
    }
}

/// Sends what is queued, all that is there with one flush.
async fn write(connection: &Connection, sink: &mut Sink, inbox: &mut UnboundedReceiver<Outbound>) -> End {
    while let Some(first) = inbox.recv().await {
        let mut next = Some(first);
        let mut length = 0;
        while let Some(Outbound::Data(data)) = next {
            length += data.len();
            if sink.feed(encode(data)).await.is_err() {
                return End::Gone;
            }
            next = inbox.try_recv().ok();
        }
        if sink.flush().await.is_err() {
            return End::Gone;
        }
        connection.sent(length);
        if matches!(next, Some(Outbound::Close)) {
            return End::Deleted;
        }
    }
    End::Gone
}

fn encode(data: Bytes) -> Message {
    match Utf8Bytes::try_from(data.clone()) {
        Ok(text) => Message::Text(text),
        Err(_) => Message::Binary(data),
    }
}

async fn expiry(connection: &Connection, limits: &Limits) -> End {
    let idle = async {
        loop {
            let due = Instant::from_std(connection.active_at() + limits.idle);
            if due <= Instant::now() {
                return;
            }
            sleep_until(due).await;
        }
    };
    tokio::select! {
        () = idle => End::Expired("Idle timeout"),
        () = sleep(limits.life) => End::Expired("Going away"),
    }
}

impl End {
    /// The frame that the client is told with, if it can be told.
    fn farewell(&self) -> Option<CloseFrame> {
        let frame = |code, reason: &'static str| Some(CloseFrame { code, reason: reason.into() });
        match self {
            Self::TooLarge => frame(CloseCode::Size, "Message too big"),
            Self::Expired(why) => frame(CloseCode::Away, why),
            Self::Deleted => frame(CloseCode::Normal, "Connection deleted"),
            Self::Client(..) | Self::Gone | Self::Slow => None,
        }
    }

    fn code_and_reason(&self) -> (u16, &str) {
        match self {
            Self::Client(code, reason) => (*code, reason),
            Self::Gone => (1006, ""),
            Self::TooLarge => (1009, "Message too big"),
            Self::Expired(why) => (1001, why),
            Self::Deleted => (1000, "Connection deleted"),
            Self::Slow => (1008, "Slow consumer"),
        }
    }
}

/// Says goodbye and waits for the client's end; what it still sends is dropped,
/// for unread bytes would turn the goodbye into a reset.
async fn part(mut sink: Sink, source: SplitStream<Stream>, frame: CloseFrame) {
    if sink.send(Message::Close(Some(frame))).await.is_err() {
        return;
    }
    if let Ok(stream) = sink.reunite(source) {
        let _ = tokio::io::copy(&mut stream.into_inner(), &mut tokio::io::sink()).await;
    }
}

/// Best effort, as on AWS.
async fn tell(socket: &Socket, connection: &Connection, end: &End) {
    let Some(function) = socket.0.routes.function("$disconnect") else { return };
    let (code, reason) = end.code_and_reason();
    let event = event::disconnect(&socket.0.api, connection, &crate::lambda::request_id(), code, reason);
    if let Err(failure) = socket.invoke(function, event).await {
        tracing::warn!(connection = connection.id, ?failure, "$disconnect failed");
    }
}
