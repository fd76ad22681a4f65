use axum::body::to_bytes;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::lambda::testing::{Stage, stage, within};
use crate::template::{Cors, GatewayResponse, RestRoute};

/// `GET /x/{id}` buffered and `GET /s` streamed, both by the test function.
fn api() -> RestApi {
    let route = |method: &str, path: &str, streaming| RestRoute {
        method: method.into(),
        path: path.into(),
        function: "F".into(),
        streaming,
        api: "api".into(),
    };
    let own = GatewayResponse {
        status: Some(404),
        template: Some(r#"{"code":"not_found","said":$context.error.messageString,"id":"$context.requestId"}"#.into()),
    };
    RestApi {
        id: "api".into(),
        stage: "live".into(),
        routes: vec![route("GET", "/x/{id}", false), route("POST", "/x/{id}", false), route("GET", "/s", true)],
        responses: std::collections::BTreeMap::from([("MISSING_AUTHENTICATION_TOKEN".into(), own)]),
        binary_types: vec!["application/octet-stream".into()],
        cors: Some(Cors {
            origin: "https://app.example".into(),
            methods: "GET,POST".into(),
            headers: "Authorization".into(),
            max_age: "600".into(),
        }),
        page_headers: vec![("content-security-policy".into(), "default-src 'self'".into())],
    }
}

async fn app(stage: &Stage, limits: Limits) -> Router {
    let lambda = Lambda::start(stage.config.clone()).await.expect("it starts");
    router(Rest::new(lambda, api(), &stage.folder.join("site"), limits))
}

async fn send(app: &Router, request: Request<Body>) -> (StatusCode, http::HeaderMap, Bytes) {
    let response = within(app.clone().oneshot(request)).await.expect("a router does not fail");
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, within(to_bytes(body, usize::MAX)).await.expect("a body"))
}

fn get(target: &str) -> Request<Body> {
    Request::get(target).header("host", "localhost:8787").body(Body::empty()).expect("a request")
}

fn post(target: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(target).header("host", "localhost:8787").body(body.into()).expect("a request")
}

fn parsed(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("JSON")
}

#[tokio::test]
async fn the_function_gets_the_request_as_aws_sends_it() {
    let stage = stage("rest-event");
    let app = app(&stage, Limits::default()).await;
    let mut request = post("/x/a%20b?do=proxy&k=1&k=%C3%A9", r#"{"hello":1}"#);
    request.headers_mut().insert("x-forwarded-for", HeaderValue::from_static("6.6.6.6"));
    let (status, headers, body) = send(&app, request).await;
    assert_eq!((status.as_u16(), &headers["x-own"]), (201, &HeaderValue::from_static("1")));
    let event = parsed(&body);
    assert_eq!(event["path"], "/x/a%20b");
    assert_eq!(event["resource"], "/x/{id}");
    assert_eq!(event["pathParameters"], json!({ "id": "a b" }));
    assert_eq!(event["queryStringParameters"], json!({ "do": "proxy", "k": "é" }));
    assert_eq!(event["multiValueQueryStringParameters"]["k"], json!(["1", "é"]));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!(r#"{"hello":1}"#), &json!(false)));
    let context = &event["requestContext"];
    assert_eq!((&context["stage"], &context["path"]), (&json!("live"), &json!("/live/x/a%20b")));
    assert_eq!(context["requestId"], headers["x-amzn-requestid"].to_str().expect("text"));
    assert_eq!(context["identity"]["sourceIp"], "127.0.0.1");
    assert_eq!(event["headers"]["x-forwarded-for"], "127.0.0.1");
    assert_eq!(event["stageVariables"], Value::Null);
}

#[tokio::test]
async fn a_body_of_a_binary_type_is_base64_and_any_other_is_taken_for_text() {
    let stage = stage("rest-binary");
    let app = app(&stage, Limits::default()).await;
    for (kind, text, is_base64) in
        [("application/octet-stream", "//5h", true), ("image/png", "\u{FFFD}\u{FFFD}a", false)]
    {
        let mut request = post("/x/1?do=proxy", vec![0xff, 0xfe, b'a']);
        request.headers_mut().insert("content-type", HeaderValue::from_static(kind));
        let (_, _, body) = send(&app, request).await;
        let event = parsed(&body);
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!(text), &json!(is_base64)), "{kind}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_the_template_s_words() {
    let stage = stage("rest-unknown");
    let app = app(&stage, Limits::default()).await;
    for request in [get("/api/nothing"), Request::delete("/x/1").body(Body::empty()).expect("a request")] {
        let (status, headers, body) = send(&app, request).await;
        let id = headers["x-amzn-requestid"].to_str().expect("text");
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(parsed(&body), json!({ "code": "not_found", "said": "Missing Authentication Token", "id": id }));
    }
}

#[tokio::test]
async fn a_function_that_fails_is_a_502() {
    let stage = stage("rest-fail");
    let app = app(&stage, Limits::default()).await;
    for wish in ["error", "exit", "describe", "sse"] {
        std::fs::write(stage.folder.join("go"), "").expect("a file");
        let (status, _, body) = send(&app, get(&format!("/x/1?do={wish}"))).await;
        assert_eq!((status.as_u16(), parsed(&body)), (502, json!({ "message": "Internal server error" })), "{wish}");
    }
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_a_504() {
    let stage = stage("rest-slow");
    let limits = Limits { integration: Duration::from_millis(50), ..Limits::default() };
    let (status, _, body) = send(&app(&stage, limits).await, get("/x/1?do=hang")).await;
    assert_eq!((status.as_u16(), parsed(&body)), (504, json!({ "message": "Endpoint request timed out" })));
}

#[tokio::test]
async fn bodies_over_the_gateway_s_or_lambda_s_limit_are_a_413() {
    let stage = stage("rest-large");
    let app = app(&stage, Limits::default()).await;
    for megabytes in [7, 11, 60] {
        let (status, ..) = send(&app, post("/x/1", vec![b'a'; megabytes << 20])).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{megabytes} MB");
    }
}

#[tokio::test]
async fn headers_over_ten_kilobytes_are_refused() {
    let stage = stage("rest-headers");
    let app = app(&stage, Limits::default()).await;
    let mut request = get("/x/1");
    request.headers_mut().insert("x-long", HeaderValue::from_str(&"a".repeat(10_240)).expect("a value"));
    assert_eq!(send(&app, request).await.0.as_u16(), 431);
}

#[tokio::test]
async fn a_stream_reaches_the_client_chunk_by_chunk() {
    let stage = stage("rest-stream");
    let app = app(&stage, Limits::default()).await;
    let response = within(app.oneshot(get("/s?do=sse"))).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["set-cookie"], "a=1");
    let mut body = response.into_body();
    let first = within(body.frame()).await.expect("a frame").expect("no error").into_data();
    assert_eq!(first.ok(), Some(Bytes::from("one")));
    // The function sends its second chunk only now.
    std::fs::write(stage.folder.join("go"), "").expect("a file");
    let second = within(body.frame()).await.expect("a frame").expect("no error").into_data();
    assert_eq!(second.ok(), Some(Bytes::from("two")));
    assert!(within(body.frame()).await.is_none());
}

#[tokio::test]
async fn an_idle_stream_is_broken_off() {
    let stage = stage("rest-idle");
    let limits = Limits { stream_idle: Duration::from_millis(20), ..Limits::default() };
    let response = within(app(&stage, limits).await.oneshot(get("/s?do=sse"))).await.expect("an answer");
    let mut body = response.into_body();
    assert!(within(body.frame()).await.expect("a frame").is_ok());
    assert!(within(body.frame()).await.expect("a frame").is_err());
}

#[tokio::test]
async fn a_streamed_route_needs_a_streaming_function() {
    let stage = stage("rest-mode");
    let (status, ..) = send(&app(&stage, Limits::default()).await, get("/s?do=ok")).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn paths_of_no_api_are_the_client_s_pages() {
    let stage = stage("rest-site");
    let app = app(&stage, Limits::default()).await;
    let (status, _, body) = send(&app, get("/sessions/7")).await;
    assert!(status.is_success() && String::from_utf8_lossy(&body).contains("not built"));
    std::fs::create_dir(stage.folder.join("site")).expect("a folder");
    std::fs::write(stage.folder.join("site/index.html"), "the page").expect("a file");
    std::fs::write(stage.folder.join("site/a.js"), "the script").expect("a file");
    for (path, status, body) in [
        ("/", 200, "the page"),
        ("/sessions/7", 200, "the page"),
        ("/a.js", 200, "the script"),
        ("/b.js", 404, ""),
        ("/apiary", 200, "the page"),
    ] {
        let told = send(&app, get(path)).await;
        assert_eq!((told.0.as_u16(), String::from_utf8_lossy(&told.2).as_ref()), (status, body), "{path}");
    }
}

#[tokio::test]
async fn a_browser_that_asks_before_it_calls_is_answered_on_known_paths_by_the_gateway() {
    let stage = stage("rest-cors");
    let app = app(&stage, Limits::default()).await;
    let ask = |path: &str| Request::options(path).body(Body::empty()).expect("a request");
    let (status, headers, _) = send(&app, ask("/x/1")).await;
    assert_eq!(
        (status, &headers["access-control-allow-origin"]),
        (StatusCode::OK, &http::HeaderValue::from_static("https://app.example"))
    );
    assert_eq!(headers["access-control-allow-headers"], "Authorization");
    assert!(!headers.contains_key("access-control-allow-credentials"), "never with cookies");
    assert_eq!(send(&app, ask("/api/nothing")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_page_and_file_of_the_client_has_the_policy_s_headers() {
    let stage = stage("rest-policy");
    let app = app(&stage, Limits::default()).await;
    std::fs::create_dir(stage.folder.join("site")).expect("a folder");
    std::fs::write(stage.folder.join("site/index.html"), "the page").expect("a file");
    for path in ["/", "/sessions/7", "/missing.js"] {
        assert_eq!(send(&app, get(path)).await.1["content-security-policy"], "default-src 'self'", "{path}");
    }
}
