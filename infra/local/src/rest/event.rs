//! A REST request as the Lambda proxy integration (payload 1.0) sends it.

use std::collections::BTreeMap;

use axum::extract::Query;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Uri};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::Call;
use super::route::{Target, Variables};
use crate::template::RestApi;

/// A map with one value per name, and one with all of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Multi {
    pub(crate) last: BTreeMap<String, String>,
    pub(crate) all: BTreeMap<String, Vec<String>>,
}

impl Multi {
    fn push(&mut self, name: String, value: String) {
        self.last.insert(name.clone(), value.clone());
        self.all.entry(name).or_default().push(value);
    }

    /// Replaces what was there by one value.
    pub(crate) fn set(&mut self, name: &str, value: String) {
        self.all.insert(name.to_owned(), vec![value.clone()]);
        self.last.insert(name.to_owned(), value);
    }

    /// AWS sends `null` rather than an empty map.
    pub(crate) fn some(&self) -> Option<&Self> {
        (!self.all.is_empty()).then_some(self)
    }
}

/// The headers, with what the gateway adds to them.
pub(crate) fn headers(headers: &HeaderMap, source: std::net::IpAddr) -> Multi {
    let mut multi = Multi::default();
    for (name, value) in headers {
        // Only the gateway says where a request came from.
        if !name.as_str().starts_with("x-forwarded-") {
            multi.push(name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned());
        }
    }
    multi.push("x-forwarded-for".into(), source.to_string());
    multi.push("x-forwarded-proto".into(), "http".into());
    multi
}

/// The query string, decoded.
pub(crate) fn query(uri: &Uri) -> Multi {
    let mut multi = Multi::default();
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default();
    pairs.into_iter().for_each(|(name, value)| multi.push(name, value));
    multi
}

/// A body as a string, and whether it is base64: that of a binary type is; any other
/// is taken for text, and what is no text is broken.
fn text(api: &RestApi, headers: &HeaderMap, body: &[u8]) -> (String, bool) {
    let content_type = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let is_binary = |kind: &String| kind == "*/*" || kind.eq_ignore_ascii_case(essence);
    match api.binary_types.iter().any(is_binary) {
        true => (STANDARD.encode(body), true),
        false => (String::from_utf8_lossy(body).into_owned(), false),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    resource: &'a str,
    path: &'a str,
    http_method: &'a str,
    headers: &'a BTreeMap<String, String>,
    multi_value_headers: &'a BTreeMap<String, Vec<String>>,
    query_string_parameters: Option<&'a BTreeMap<String, String>>,
    multi_value_query_string_parameters: Option<&'a BTreeMap<String, Vec<String>>>,
    path_parameters: Option<&'a Variables>,
    stage_variables: (),
    request_context: serde_json::Value,
    body: Option<String>,
    is_base64_encoded: bool,
}

pub(super) fn encode(api: &RestApi, call: &Call, target: &Target, variables: &Variables, body: &Bytes) -> Bytes {
    let headers = headers(&call.parts.headers, call.source);
    let query = query(&call.parts.uri);
    let (text, is_base64_encoded) = text(api, &call.parts.headers, body);
    let event = Event {
        resource: &target.resource,
        path: call.parts.uri.path(),
        http_method: call.parts.method.as_str(),
        headers: &headers.last,
        multi_value_headers: &headers.all,
        query_string_parameters: query.some().map(|query| &query.last),
        multi_value_query_string_parameters: query.some().map(|query| &query.all),
        path_parameters: (!variables.is_empty()).then_some(variables),
        stage_variables: (),
        request_context: context(api, call, target, headers.last.get("user-agent")),
        body: (!body.is_empty()).then_some(text),
        is_base64_encoded,
    };
    serde_json::to_vec(&event).expect("strings and maps of strings are JSON").into()
}

fn context(api: &RestApi, call: &Call, target: &Target, user_agent: Option<&String>) -> serde_json::Value {
    let now = Timestamp::now();
    let host = call.parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    json!({
        "accountId": "000000000000",
        "apiId": api.id,
        "domainName": host,
        "domainPrefix": host.split(['.', ':']).next(),
        "extendedRequestId": call.id,
        "httpMethod": call.parts.method.as_str(),
        "identity": { "sourceIp": call.source, "userAgent": user_agent },
        "path": format!("/{}{}", api.stage, call.parts.uri.path()),
        "protocol": "HTTP/1.1",
        "requestId": call.id,
        "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "requestTimeEpoch": now.as_millisecond(),
        "resourceId": target.resource,
        "resourcePath": target.resource,
        "stage": api.stage,
    })
}
