//! The audit log's one entrance: a layer around every route. Whatever changes
//! something for a caller who is known is recorded with its result, refusals
//! too; a new route is recorded from its first day, under its own name.
//!
//! The record is written after the deed and before the answer. Should that fail,
//! the deed stands, and the record goes to the log of the function instead.

use std::convert::Infallible;
use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::audit::Deed;
use domain::{UserId, limits};
use lambda_http::request::RequestContext;
use store::Store;

use crate::ApiError;

/// What is done so often, or undone so easily, that it is not recorded: messages
/// are kept themselves, and tickets are good for a minute.
const UNRECORDED: [&str; 4] = [
    "/agent/sessions/{id}/messages",
    "/agent/sessions/{id}/messages/{message_id}",
    "/agent/sessions/{id}/ticket",
    "/mcp",
];

/// What becomes known of a request on its way: who makes it, and what it is about.
#[derive(Clone, Default)]
pub struct Trail(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    caller: Option<(Store, UserId, Option<String>)>,
    target: Option<String>,
    refused: Option<&'static str>,
}

impl Trail {
    /// Says who makes the request, by which token or sign-in.
    pub fn caller(&self, store: &Store, user: UserId, by: impl Display) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).caller =
            Some((store.clone(), user, Some(by.to_string())));
    }

    /// Says what the request is about, where its path does not: what it creates.
    pub fn concerning(&self, target: impl Display) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).target = Some(target.to_string());
    }

    /// Says why it failed, where the answer does not: a browser is sent to a page that does.
    pub fn refused(&self, code: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).refused = Some(code);
    }

    fn take(&self) -> Known {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Trail {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl Trail {
    /// The request's trail; one that leads nowhere if it is not recorded.
    pub(crate) fn of(parts: &Parts) -> Self {
        parts.extensions.get::<Self>().cloned().unwrap_or_default()
    }
}

/// Where a request came from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

impl Origin {
    /// As the gateway and the caller say it; the caller's word is cut short.
    pub fn new(ip: Option<&str>, user_agent: Option<&str>) -> Self {
        let short = |text: &str| text.chars().filter(|c| !c.is_control()).take(limits::USER_AGENT_CHARS_MAX).collect();
        Self { ip: ip.map(short), user_agent: user_agent.map(short) }
    }

    fn of(extensions: &Extensions, headers: &HeaderMap) -> Self {
        let ip = match extensions.get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV1(context)) => context.identity.source_ip.as_deref(),
            _ => None,
        };
        Self::new(ip, headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions, &parts.headers))
    }
}

/// Layer: records the request, if it is of a kind that is.
pub(crate) async fn record_requests(mut request: Request, next: Next) -> Response {
    let Some(action) = action(&request) else { return next.run(request).await };
    let (origin, path) = (Origin::of(request.extensions(), request.headers()), request.uri().path().to_owned());
    let trail = Trail::default();
    request.extensions_mut().insert(trail.clone());
    let response = next.run(request).await;
    let Known { caller: Some((store, user_id, by)), target, refused } = trail.take() else { return response };
    let error = response.extensions().get::<ApiError>().map(ApiError::code);
    let result = error.or(refused).unwrap_or("ok").to_owned();
    let Origin { ip, user_agent } = origin;
    let target = target.unwrap_or(path);
    record(&store, Deed { at: crate::now(), user_id, by, action, target, result, ip, user_agent }).await;
    response
}

/// Method and route of what is recorded.
fn action(request: &Request) -> Option<String> {
    let route = request.extensions().get::<MatchedPath>()?.as_str();
    // The end of a sign-in or a connection comes as a browser's GET.
    let changes =
        !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) || route.ends_with("/callback");
    (changes && !UNRECORDED.contains(&route)).then(|| format!("{} {route}", request.method()))
}

/// Records what was done, from wherever it was asked for.
pub async fn record(store: &Store, deed: Deed) {
    if let Err(error) = store.record(&deed).await {
        tracing::error!(
            audit.user = %deed.user_id,
            audit.by = deed.by,
            audit.action = deed.action,
            audit.target = deed.target,
            audit.result = deed.result,
            %error,
            "a deed was not put into the audit log"
        );
    }
}
