//! What browsers are told about requests from pages of other origins, by the bucket's rules.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::template::CorsRule;

/// A page of another origin that wants something, and the rule that lets it.
pub(super) struct Page {
    origin: HeaderValue,
    /// As the browser asks for them.
    headers: Option<HeaderValue>,
    rule: Option<CorsRule>,
}

impl Page {
    /// `None`: the request does not come from a page.
    pub(super) fn of(request: &Request, rules: &[CorsRule]) -> Option<Self> {
        let origin = request.headers().get(header::ORIGIN)?.clone();
        let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_METHOD);
        let method = asked.and_then(|method| method.to_str().ok()).unwrap_or(request.method().as_str());
        let headers = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
        let wanted = headers.as_ref().and_then(|headers| headers.to_str().ok()).unwrap_or_default();
        let rule = rules.iter().find(|rule| fits(rule, origin.to_str().unwrap_or_default(), method, wanted)).cloned();
        Some(Self { origin, headers, rule })
    }

    /// The answer to the question before the request.
    pub(super) fn preflight(self) -> Response {
        let Some(rule) = &self.rule else {
            return (StatusCode::FORBIDDEN, "CORSResponse: This CORS request is not allowed.").into_response();
        };
        let methods = HeaderValue::from_str(&rule.allowed_methods.join(", "));
        let mut headers = HeaderMap::new();
        methods.into_iter().for_each(|it| drop(headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, it)));
        let asked = self.headers.clone();
        asked.into_iter().for_each(|it| drop(headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, it)));
        self.show((StatusCode::OK, headers).into_response())
    }

    /// The answer with leave for the page to see it, if a rule gives that.
    pub(super) fn show(self, mut answer: Response) -> Response {
        let Some(rule) = self.rule else { return answer };
        let headers = answer.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.origin);
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        let exposed = HeaderValue::from_str(&rule.exposed_headers.join(", "));
        exposed.into_iter().for_each(|it| drop(headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, it)));
        answer
    }
}

fn fits(rule: &CorsRule, origin: &str, method: &str, headers: &str) -> bool {
    let has = |allowed: &[String], value: &str| allowed.iter().any(|one| one == "*" || one.eq_ignore_ascii_case(value));
    let mut headers = headers.split(',').map(str::trim).filter(|header| !header.is_empty());
    has(&rule.allowed_origins, origin)
        && has(&rule.allowed_methods, method)
        && headers.all(|header| has(&rule.allowed_headers, header))
}
