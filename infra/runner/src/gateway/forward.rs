//! A model call on its way to the provider: the dummy key goes, the real one comes.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
use tokio::time::Instant;
use tracing::{info, warn};

use super::Shared;
use super::answer::answer;
use super::call::{Call, NotACall};
use super::provider::Provider;
use super::refusal::{no_key, refusal};
use super::scrub::Scrub;
use super::tokens::Meter;

/// A long conversation with images fits.
const BODY_BYTES_MAX: usize = 32 << 20;

/// Forwards a request, if it is a model call and there is a key for it.
pub(super) async fn forward(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let call = match Call::read(&parts.method, parts.uri.path()) {
        Ok(call) => call,
        Err(NotACall::NoProvider) => return StatusCode::NOT_FOUND.into_response(),
        Err(NotACall::Refused(dialect)) => {
            return refusal(dialect, StatusCode::NOT_FOUND, "the gateway only forwards model calls");
        }
    };
    let provider = shared.providers.get(call.dialect);
    if !provider.is_ready() {
        return no_key(call.dialect);
    }
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return refusal(call.dialect, StatusCode::PAYLOAD_TOO_LARGE, "the request is larger than 32 MB");
    };
    let upstream = format!("{}{}{}", provider.base_url, call.path, query(&parts.uri));
    send(&shared, provider, parts.method, upstream, passed_on(&parts.headers, provider), body).await
}

async fn send(
    shared: &Shared,
    provider: &Provider,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let dialect = provider.dialect;
    let meter = Meter::start(dialect, shared.tally.clone());
    let asked = Instant::now();
    match shared.client.request(method, url).headers(headers).body(body).send().await {
        Ok(response) => {
            let (status, waited_ms) = (response.status().as_u16(), asked.elapsed().as_millis() as u64);
            info!(provider = dialect.name(), status, waited_ms, "model call answered");
            answer(dialect, response, meter, Scrub::new(provider.key.as_ref())).await
        }
        Err(error) => {
            // The URL stays out: it may carry what an operator put into it.
            warn!(provider = dialect.name(), error = %error.without_url(), "model call failed");
            let message = format!("the model server of {} could not be reached", dialect.name());
            refusal(dialect, StatusCode::BAD_GATEWAY, &message)
        }
    }
}

/// The caller's headers without those of its connection and its key, and with the real key.
fn passed_on(headers: &HeaderMap, provider: &Provider) -> HeaderMap {
    let own = [
        header::HOST,
        header::CONTENT_LENGTH,
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::TE,
        header::TRAILER,
        header::UPGRADE,
        header::PROXY_AUTHORIZATION,
        header::EXPECT,
        header::COOKIE,
        // The answer is read on its way, so it must come plain.
        header::ACCEPT_ENCODING,
        header::AUTHORIZATION,
    ];
    let others = ["keep-alive", "x-api-key", "x-goog-api-key"].map(HeaderName::from_static);
    let kept = headers.iter().filter(|(name, _)| !own.contains(name) && !others.contains(name));
    let mut headers: HeaderMap = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some((name, value)) = provider.key.as_ref().and_then(|key| provider.dialect.key_header(key)) {
        headers.insert(name, value);
    }
    headers
}

/// The query without a key in it, as Google's dialect allows one there.
fn query(uri: &Uri) -> String {
    let pairs = uri.query().unwrap_or_default().split('&');
    let kept: Vec<_> = pairs.filter(|pair| !pair.is_empty() && !pair.starts_with("key=")).collect();
    if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) }
}
