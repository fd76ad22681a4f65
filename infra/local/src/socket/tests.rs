use std::net::SocketAddr;

use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::*;
use crate::fault::{Disturbance, Order, Refusals};
use crate::lambda::testing::{Stage, stage, within};
use crate::template::SocketRoute;

type Viewer = WebSocketStream<MaybeTlsStream<TcpStream>>;

struct Gateway {
    address: SocketAddr,
    socket: Socket,
    stage: Stage,
}

/// A gateway on a port of its own, all of whose routes lead to the test function.
async fn gateway(name: &str, limits: Limits) -> Gateway {
    let stage = stage(name);
    let route = |key: &str| SocketRoute { key: key.into(), function: "F".into() };
    let api = SocketApi {
        id: "socketapi".into(),
        stage: "live".into(),
        selection: "$request.body.action".into(),
        routes: ["$connect", "$disconnect", "$default", "own"].map(route).into(),
    };
    let lambda = Lambda::start(stage.config.clone()).await.expect("it starts");
    let socket = Socket::new(lambda, api, limits, stage.config.faults.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(crate::rest::serve(listener, router(socket.clone())));
    Gateway { address, socket, stage }
}

impl Gateway {
    async fn connect(&self, target: &str) -> Result<Viewer, Error> {
        let mut request = format!("ws://{}{target}", self.address).into_client_request().expect("a request");
        request.headers_mut().insert("authorization", "Bearer t".parse().expect("a value"));
        within(connect_async(request)).await.map(|(viewer, _)| viewer)
    }

    async fn viewer(&self) -> Viewer {
        self.connect("/_socket/live?do=record").await.expect("it connects")
    }

    /// The only connection's id.
    fn id(&self) -> String {
        self.socket.connections().keys().next().expect("a connection").clone()
    }

    /// The SDK's client, as the functions use it.
    fn management(&self) -> Client {
        let config = crate::sdk_config!(aws_sdk_apigatewaymanagement, format!("http://{}/_socket/live", self.address));
        Client::from_conf(config.build())
    }

    /// What the function recorded under a name.
    async fn recorded(&self, name: &str) -> Value {
        within(async {
            loop {
                let text = std::fs::read(self.stage.folder.join(name)).unwrap_or_default();
                match serde_json::from_slice(&text) {
                    Ok(event) => return event,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        })
        .await
    }

    async fn post(&self, id: &str, data: &str) -> Result<(), aws_sdk_apigatewaymanagement::Error> {
        let sent = self.management().post_to_connection().connection_id(id).data(Blob::new(data)).send();
        within(sent).await.map(drop).map_err(Into::into)
    }
}

async fn next(viewer: &mut Viewer) -> Message {
    within(viewer.next()).await.expect("a message").expect("no error")
}

/// The code of the close frame that comes next.
async fn close_code(viewer: &mut Viewer) -> u16 {
    match next(viewer).await {
        Message::Close(Some(frame)) => frame.code.into(),
        other => panic!("{other:?} does not close"),
    }
}

#[tokio::test]
async fn connect_carries_headers_and_query_and_the_client_s_path_names_the_session() {
    let gateway = gateway("ws-connect", Limits::default()).await;
    let _viewer = gateway.connect("/agent/sessions/ses_1/ws?do=record&ticket=x").await.expect("it connects");
    let event = gateway.recorded("CONNECT").await;
    assert_eq!(event["queryStringParameters"], json!({ "do": "record", "ticket": "x", "session": "ses_1" }));
    assert_eq!(event["headers"]["authorization"], "Bearer t");
    let context = &event["requestContext"];
    assert_eq!((&context["routeKey"], &context["eventType"]), (&json!("$connect"), &json!("CONNECT")));
    assert_eq!((&context["connectionId"], &context["stage"]), (&json!(gateway.id()), &json!("live")));
}

#[tokio::test]
async fn a_refused_connect_is_the_handshake_s_status() {
    let gateway = gateway("ws-refuse", Limits::default()).await;
    for (wish, status) in [("refuse", 401), ("error", 502)] {
        let Err(Error::Http(response)) = gateway.connect(&format!("/_socket/live?do={wish}")).await else {
            panic!("{wish} is not refused");
        };
        assert_eq!(response.status().as_u16(), status);
    }
    assert_eq!(gateway.socket.stats().connections, 0);
}

#[tokio::test]
async fn a_message_reaches_the_function_of_its_route() {
    let gateway = gateway("ws-message", Limits::default()).await;
    let mut viewer = gateway.viewer().await;
    let body = r#"{"do":"record","action":"own"}"#;
    viewer.send(Message::text(body)).await.expect("it is sent");
    let event = within(async {
        loop {
            let files = std::fs::read_dir(&gateway.stage.folder).expect("a folder").flatten();
            let named = files.map(|file| file.file_name().to_string_lossy().into_owned());
            // Only a message's id, which names its file, is as long as a UUID.
            match named.into_iter().find(|name| name.len() == 36) {
                Some(name) => return gateway.recorded(&name).await,
                None => tokio::task::yield_now().await,
            }
        }
    })
    .await;
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!(body), &json!(false)));
    assert_eq!(
        (&event["requestContext"]["routeKey"], &event["requestContext"]["eventType"]),
        (&json!("own"), &json!("MESSAGE"))
    );
}

#[tokio::test]
async fn disconnect_is_told_with_the_client_s_code() {
    let gateway = gateway("ws-disconnect", Limits::default()).await;
    let mut viewer = gateway.viewer().await;
    let code = CloseFrame { code: 4001.into(), reason: "enough".into() };
    viewer.close(Some(code)).await.expect("it closes");
    let context = &gateway.recorded("DISCONNECT").await["requestContext"];
    assert_eq!((&context["disconnectStatusCode"], &context["disconnectReason"]), (&json!(4001), &json!("enough")));
    assert_eq!(gateway.socket.stats().open, 0);
}

#[tokio::test]
async fn a_function_that_fails_or_hangs_is_told_to_the_client() {
    let limits = Limits { integration: Duration::from_millis(200), ..Limits::default() };
    let gateway = gateway("ws-fail", limits).await;
    let mut viewer = gateway.connect("/_socket/live").await.expect("it connects");
    for (wish, message) in [("error", "Internal server error"), ("hang", "Endpoint request timed out")] {
        viewer.send(Message::text(json!({ "do": wish }).to_string())).await.expect("it is sent");
        let told: Value = serde_json::from_str(next(&mut viewer).await.to_text().expect("text")).expect("JSON");
        assert_eq!((&told["message"], &told["connectionId"]), (&json!(message), &json!(gateway.id())));
    }
}

#[tokio::test]
async fn the_sdk_posts_describes_deletes_and_learns_of_what_is_gone() {
    let gateway = gateway("ws-sdk", Limits::default()).await;
    let mut viewer = gateway.viewer().await;
    let id = gateway.id();
    gateway.post(&id, "hello").await.expect("it is posted");
    assert_eq!(next(&mut viewer).await, Message::text("hello"));
    let described = within(gateway.management().get_connection().connection_id(&id).send()).await.expect("it is there");
    assert_eq!(described.identity().and_then(|identity| identity.source_ip()), Some("127.0.0.1"));
    assert!(described.last_active_at() >= described.connected_at());
    within(gateway.management().delete_connection().connection_id(&id).send()).await.expect("it is deleted");
    assert_eq!(close_code(&mut viewer).await, 1000);
    let refused = gateway.post(&id, "late").await.expect_err("it is gone");
    assert!(matches!(refused, aws_sdk_apigatewaymanagement::Error::GoneException(_)), "{refused:?}");
}

#[tokio::test]
async fn a_post_over_the_limit_is_refused_and_one_at_the_limit_is_billed_in_steps() {
    let gateway = gateway("ws-large", Limits::default()).await;
    let mut viewer = gateway.viewer().await;
    let id = gateway.id();
    let largest = "x".repeat(128 * 1024);
    gateway.post(&id, &largest).await.expect("it is posted");
    assert_eq!(next(&mut viewer).await.len(), largest.len());
    assert_eq!(gateway.socket.stats().messages_out, 4);
    let refused = gateway.post(&id, &(largest + "x")).await.expect_err("it is refused");
    assert!(matches!(refused, aws_sdk_apigatewaymanagement::Error::PayloadTooLargeException(_)), "{refused:?}");
}

#[tokio::test]
async fn a_frame_or_message_over_the_limit_closes_with_1009() {
    let gateway = gateway("ws-frame", Limits::default()).await;
    let mut viewer = gateway.viewer().await;
    viewer.send(Message::text("x".repeat(32 * 1024 + 1))).await.expect("it is sent");
    assert_eq!(close_code(&mut viewer).await, 1009);

    let mut viewer = gateway.viewer().await;
    for part in 0..5 {
        let kind = if part == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message("x".repeat(32 * 1024), OpCode::Data(kind), false);
        if viewer.send(Message::Frame(frame)).await.is_err() {
            break;
        }
    }
    assert_eq!(close_code(&mut viewer).await, 1009);
}

#[tokio::test]
async fn a_message_of_several_frames_arrives_whole() {
    let gateway = gateway("ws-frames", Limits::default()).await;
    let mut viewer = gateway.viewer().await;
    for (part, kind, last) in [(r#"{"do":"#, Data::Text, false), (r#""error"}"#, Data::Continue, true)] {
        viewer.send(Message::Frame(Frame::message(part, OpCode::Data(kind), last))).await.expect("it is sent");
    }
    assert!(next(&mut viewer).await.to_text().expect("text").contains("Internal server error"));
}

#[tokio::test]
async fn idle_and_old_connections_are_closed() {
    for (name, limits) in [
        ("ws-idle", Limits { idle: Duration::from_millis(50), ..Limits::default() }),
        ("ws-old", Limits { life: Duration::from_millis(50), ..Limits::default() }),
    ] {
        let gateway = gateway(name, limits).await;
        assert_eq!(close_code(&mut gateway.viewer().await).await, 1001, "{name}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off_and_holds_nobody_up() {
    let limits = Limits { queue: 1024 * 1024, ..Limits::default() };
    let gateway = gateway("ws-slow", limits).await;
    let _silent = gateway.viewer().await;
    let slow = gateway.id();
    let mut other = gateway.viewer().await;
    let ids: Vec<String> = gateway.socket.connections().keys().cloned().collect();
    let fast = ids.into_iter().find(|id| *id != slow).expect("a second connection");
    let block = "x".repeat(128 * 1024);
    within(async { while gateway.post(&slow, &block).await.is_ok() {} }).await;
    gateway.post(&fast, "hello").await.expect("it is posted");
    assert_eq!(next(&mut other).await, Message::text("hello"));
}

#[tokio::test]
async fn a_plain_request_is_told_to_upgrade() {
    let gateway = gateway("ws-plain", Limits::default()).await;
    let request = http::Request::get("/_socket/live").body(axum::body::Body::empty()).expect("a request");
    let response = tower::ServiceExt::oneshot(router(gateway.socket.clone()), request).await.expect("an answer");
    assert_eq!(response.status().as_u16(), 426);
}

#[tokio::test]
async fn an_unsigned_call_reaches_no_connection() {
    let gateway = gateway("ws-unsigned", Limits::default()).await;
    let _viewer = gateway.viewer().await;
    let path = format!("/_socket/live/@connections/{}", gateway.id());
    let request = http::Request::post(path).body(axum::body::Body::from("x")).expect("a request");
    let response = tower::ServiceExt::oneshot(router(gateway.socket.clone()), request).await.expect("an answer");
    assert_eq!((response.status().as_u16(), gateway.socket.stats().messages_out), (403, 0));
}

#[tokio::test]
async fn faults_double_lose_and_refuse() {
    let gateway = gateway("ws-faults", Limits::default()).await;
    let mut viewer = gateway.viewer().await;
    let (id, faults) = (gateway.id(), &gateway.stage.config.faults);
    let outbound = |disturbance| faults.set(Order { outbound: Some(disturbance), ..Order::default() });
    outbound(Disturbance { drop: 1.0, ..Disturbance::default() });
    gateway.post(&id, "lost").await.expect("it is posted");
    outbound(Disturbance { duplicate: 1.0, ..Disturbance::default() });
    gateway.post(&id, "twice").await.expect("it is posted");
    faults.set(Order { connections: Some(Refusals { status: 410, times: 1 }), ..Order::default() });
    assert!(gateway.post(&id, "refused").await.is_err());
    gateway.post(&id, "last").await.expect("it is posted");
    for expected in ["twice", "twice", "last"] {
        assert_eq!(next(&mut viewer).await, Message::text(expected));
    }
    outbound(Disturbance { cut: 1.0, ..Disturbance::default() });
    gateway.post(&id, "never comes").await.expect("it is posted");
    assert!(within(viewer.next()).await.is_none_or(|end| end.is_err()), "the connection breaks without a word");
}
