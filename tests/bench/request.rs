//! REST requests as API Gateway hands them to a function.

use bytes::Bytes;
use serde_json::{Value, json};

/// A request of the seeded user.
pub(crate) fn rest(method: &str, path: &str, query: Option<(&str, &str)>, body: Option<Value>, token: &str) -> Bytes {
    let headers = [
        ("accept", "application/json"),
        ("authorization", &format!("Bearer {token}")),
        ("content-type", "application/json"),
        ("host", "127.0.0.1"),
        ("user-agent", "bench"),
    ];
    let single: Value = headers.iter().map(|(name, value)| (name.to_string(), json!(value))).collect();
    let multi: Value = headers.iter().map(|(name, value)| (name.to_string(), json!([value]))).collect();
    let event = json!({
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": single,
        "multiValueHeaders": multi,
        "queryStringParameters": query.map(|(name, value)| json!({ name: value })),
        "multiValueQueryStringParameters": query.map(|(name, value)| json!({ name: [value] })),
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "bench",
            "domainName": "127.0.0.1",
            "httpMethod": method,
            "identity": { "sourceIp": "127.0.0.1", "userAgent": "bench" },
            "path": format!("/live{path}"),
            "protocol": "HTTP/1.1",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "requestTimeEpoch": 0,
            "resourceId": "bench",
            "resourcePath": path,
            "stage": "live",
        },
        "body": body.map(|body| body.to_string()),
        "isBase64Encoded": false,
    });
    event.to_string().into()
}

/// Creates a session.
pub(crate) fn create(token: &str) -> Bytes {
    let body = json!({ "title": "bench", "workspace": "/workspace/bench", "metadata": { "kind": "bench" } });
    rest("POST", "/api/sessions", None, Some(body), token)
}

/// Lists twenty sessions.
pub(crate) fn list(token: &str) -> Bytes {
    rest("GET", "/api/sessions", Some(("limit", "20")), None, token)
}

/// The status in a proxy response.
pub(crate) fn status(answer: &[u8]) -> u64 {
    serde_json::from_slice::<Value>(answer).map_or(0, |answer| answer["statusCode"].as_u64().unwrap_or(0))
}
