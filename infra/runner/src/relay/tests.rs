//! The line against a relay that refuses.

use axum::http::StatusCode;
use axum::routing::post;
use domain::event::EventBody;
use domain::{MessageId, SessionId};
use futures_util::{SinkExt, StreamExt};
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

use super::{FromLink, LinkConfig, dial};

/// A relay that welcomes a runner and takes no append by HTTP.
async fn relay(session: SessionId, refusal: StatusCode) -> LinkConfig {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (socket_at, api_at) = (socket.local_addr().unwrap(), api.local_addr().unwrap());
    let router = axum::Router::new().route("/agent/sessions/{id}/append", post(move || async move { refusal }));
    tokio::spawn(async move { axum::serve(api, router).await });
    tokio::spawn(async move {
        let (stream, _) = socket.accept().await.unwrap();
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        let setup = json!({ "id": session, "title": "", "workspace": "/workspace/demo", "model": null });
        let welcome = json!({ "session": setup, "head": 0, "last_batch": 0, "turn": null, "heartbeat_seconds": 30 });
        socket.send(Message::text(json!({ "welcome": welcome }).to_string())).await.unwrap();
        while socket.next().await.is_some() {}
    });
    LinkConfig {
        session,
        epoch: 1,
        token: "t".into(),
        socket_url: format!("ws://{socket_at}/live"),
        api_url: format!("http://{api_at}"),
    }
}

#[tokio::test]
async fn a_batch_that_is_refused_for_good_ends_the_runner() {
    let session = SessionId::mint(Timestamp::UNIX_EPOCH);
    let (line, mut incoming) = dial(relay(session, StatusCode::PAYLOAD_TOO_LARGE).await);
    let call = json!({ "type": "tool", "id": "prt_1", "call_id": "call_1", "name": "bash", "status": "completed",
        "input": { "command": "x".repeat(64 * 1024) } });
    let message_id = MessageId::mint(Timestamp::UNIX_EPOCH);
    line.event(EventBody::PartUpdated { message_id, part: serde_json::from_value(call).unwrap() }.in_turn(1));
    loop {
        match incoming.recv().await.expect("the line tells") {
            FromLink::Stop { reason } => return assert!(reason.contains("for good"), "{reason}"),
            FromLink::Welcome(_) => {}
            other => panic!("{other:?}"),
        }
    }
}
