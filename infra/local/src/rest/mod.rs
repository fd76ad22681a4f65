//! API Gateway's REST API in front of the functions, with its limits and its
//! own refusals; and the client's files for every path that no API claims.
//!
//! It knows no route but the template's and adds nothing to an answer but a
//! request id. It asks no function only where a browser asks before it calls.

mod answer;
mod cors;
pub(crate) mod event;
mod refusal;
mod route;
mod site;

#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use axum::serve::ListenerExt;
use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{HeaderValue, Method};
use http_body_util::BodyExt;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::lambda::{InvokeError, Lambda, request_id};
use crate::template::RestApi;
use refusal::Refusal;
use route::{Routes, Target};
use site::Site;

/// Paths that belong to an API even where it has no route: a mistyped one is
/// an error, not the client's first page.
const RESERVED: [&str; 8] = ["/api", "/agent", "/auth", "/webhooks", "/mcp", "/health", "/_socket", "/_local"];

/// API Gateway's quotas.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For an answer that is not streamed.
    pub integration: Duration,
    /// For the whole of a stream.
    pub stream: Duration,
    /// Between two chunks of a stream.
    pub stream_idle: Duration,
    /// Of a request's body, in bytes.
    pub body: usize,
    /// Of a request's line and headers together, in bytes.
    pub headers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            integration: Duration::from_secs(29),
            stream: Duration::from_secs(15 * 60),
            stream_idle: Duration::from_secs(5 * 60),
            body: 10 * 1024 * 1024,
            headers: 10_240,
        }
    }
}

/// The REST gateway; cloning it is cheap.
#[derive(Clone)]
pub struct Rest(Arc<Inner>);

struct Inner {
    lambda: Lambda,
    api: RestApi,
    routes: Routes,
    site: Site,
    limits: Limits,
    requests: AtomicU64,
}

impl Rest {
    /// A gateway for `api` whose remaining paths are files below `site`.
    pub fn new(lambda: Lambda, api: RestApi, site: &Path, limits: Limits) -> Self {
        let routes = Routes::new(&api.routes);
        let page_headers = site::headers(&api.page_headers);
        Self(Arc::new(Inner {
            lambda,
            api,
            routes,
            site: Site::new(site, page_headers),
            limits,
            requests: AtomicU64::new(0),
        }))
    }

    /// Requests that AWS would bill.
    pub fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }
}

/// Serves every path that no other router claims.
pub fn router(rest: Rest) -> Router {
    Router::new().fallback(serve_request).with_state(rest)
}

/// Serves the origin until it is dropped.
pub async fn serve(listener: TcpListener, app: Router) -> Result<()> {
    let listener = listener.tap_io(|stream| {
        // Without it a small chunk waits for the peer's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?)
}

/// What the gateway knows of one request beside its body.
struct Call {
    id: String,
    parts: Parts,
    source: IpAddr,
}

async fn serve_request(State(rest): State<Rest>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let get = parts.method == Method::GET || parts.method == Method::HEAD;
    let reserved = RESERVED
        .iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    if get && !reserved && !rest.0.routes.knows(path) {
        return rest.0.site.serve(parts).await;
    }
    rest.0.requests.fetch_add(1, Ordering::Relaxed);
    let source = source_ip(&parts);
    rest.answer(Call { id: request_id(), parts, source }, body).await
}

/// The address of the peer; loopback where a test brings no socket.
pub(crate) fn source_ip(parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| address.ip())
}

impl Rest {
    async fn answer(&self, call: Call, body: Body) -> Response {
        let id = call.id.clone();
        let answered = self.integrate(call, body).await;
        let mut response = answered.unwrap_or_else(|refusal| refusal.render(&self.0.api.responses, &id));
        let id = HeaderValue::from_str(&id).expect("a UUID is a header value");
        response.headers_mut().insert("x-amzn-requestid", id);
        response
    }

    async fn integrate(&self, call: Call, body: Body) -> Result<Response, Refusal> {
        if line_and_headers(&call.parts) > self.0.limits.headers {
            return Err(Refusal::HeadersTooLarge);
        }
        let (method, path) = (&call.parts.method, call.parts.uri.path());
        let Some((target, variables)) = self.0.routes.find(method, path) else {
            let asked = self.0.api.cors.as_ref().filter(|_| method == Method::OPTIONS && self.0.routes.knows(path));
            return asked.map(cors::answer).ok_or(Refusal::Unknown);
        };
        let body = read(body, self.0.limits.body).await?;
        let payload = event::encode(&self.0.api, &call, target, &variables, &body);
        if target.streaming { self.stream(target, payload).await } else { self.whole(target, payload).await }
    }

    async fn whole(&self, target: &Target, payload: Bytes) -> Result<Response, Refusal> {
        let answer = timeout(self.0.limits.integration, self.0.lambda.invoke(&target.function, payload));
        answer::whole(&answer.await.map_err(|_| Refusal::Timeout)??)
    }

    async fn stream(&self, target: &Target, payload: Bytes) -> Result<Response, Refusal> {
        let began = tokio::time::Instant::now();
        let opened = timeout(self.0.limits.stream, self.0.lambda.open(&target.function, payload));
        let answer = opened.await.map_err(|_| Refusal::Timeout)??;
        answer::stream(answer, began + self.0.limits.stream, self.0.limits.stream_idle).await
    }
}

impl From<InvokeError> for Refusal {
    fn from(error: InvokeError) -> Self {
        match error {
            InvokeError::TooLarge => Self::TooLarge,
            InvokeError::Function(_) => Self::BadGateway,
            // The client sees a plain 500 when Lambda throttles the gateway.
            InvokeError::Throttled | InvokeError::Unknown(_) => Self::Internal,
        }
    }
}

fn line_and_headers(parts: &Parts) -> usize {
    let line = parts.uri.path_and_query().map_or(0, |target| target.as_str().len()) + parts.method.as_str().len();
    line + parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>()
}

/// Reads a body to its end, so that the client hears the refusal of a larger one.
async fn read(mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let mut kept = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Refusal::BadRequest)?.into_data() else { continue };
        length += data.len();
        if length <= limit {
            kept.extend_from_slice(&data);
        } else if length > limit * 4 {
            return Err(Refusal::TooLarge);
        }
    }
    if length > limit { Err(Refusal::TooLarge) } else { Ok(kept.freeze()) }
}
