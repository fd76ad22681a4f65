//! Calls of the REST API.

use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::classify::classify;
use crate::providers::{Failure, Settings};

/// The newest version whose changes the code knows.
const API_VERSION: &str = "2026-03-10";
/// GitHub refuses whoever does not say who they are.
const USER_AGENT: &str = "agent-ops";

#[derive(Clone)]
pub(super) struct Api {
    http: reqwest::Client,
    base: String,
}

/// A failure, and whether less at once might have worked.
pub(super) struct Trouble {
    failure: Failure,
    pub(super) overloaded: bool,
    /// `None`: GitHub said nothing.
    pub(super) refused: Option<Refused>,
}

/// How GitHub refuses, in its own words.
#[derive(Clone)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) said: String,
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        trouble.failure
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self { failure, overloaded: false, refused: None }
    }
}

/// An answer that is not a failure.
pub(super) struct Reply {
    /// Where it came from, after redirects.
    pub(super) url: String,
    headers: HeaderMap,
    /// `None`: as it was last time (304).
    body: Option<Vec<u8>>,
}

impl Reply {
    /// What the body says.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let body = self.body.as_deref().unwrap_or_default();
        serde_json::from_slice(body)
            .map_err(|error| Failure::retry("GitHub's answer is not readable.").caused_by(error))
    }

    pub(super) fn is_unchanged(&self) -> bool {
        self.body.is_none()
    }

    pub(super) fn etag(&self) -> Option<&str> {
        self.headers.get(header::ETAG)?.to_str().ok()
    }

    /// The link with this relation, as it is.
    pub(super) fn link(&self, relation: &str) -> Option<String> {
        let links = self.headers.get(header::LINK)?.to_str().ok()?;
        let relation = format!("rel=\"{relation}\"");
        let link = links.split(',').find(|link| link.split(';').skip(1).any(|part| part.trim() == relation))?;
        let url = link.split(';').next()?.trim();
        Some(url.strip_prefix('<')?.strip_suffix('>')?.to_owned())
    }
}

impl Api {
    pub(super) fn new(settings: &Settings) -> Self {
        Self { http: settings.http.clone(), base: settings.url("GITHUB_API_URL", "https://api.github.com") }
    }

    /// The address of a path.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A request to be completed.
    pub(super) fn request(&self, method: Method, url: &str) -> RequestBuilder {
        self.http
            .request(method, url)
            .header(header::ACCEPT, "application/vnd.github+json")
            .header(header::USER_AGENT, USER_AGENT)
            .header("x-github-api-version", API_VERSION)
    }

    /// A request of the site, such as the token endpoint.
    pub(super) fn form(&self, url: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        self.http
            .post(url)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, USER_AGENT)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(serde_urlencoded::to_string(fields).unwrap_or_default())
    }

    /// Reads `url` unless it is as `etag` says. An address that is not the API's is refused,
    /// for the token goes with it.
    pub(super) async fn get(
        &self,
        url: &str,
        token: &str,
        etag: Option<String>,
        now: Timestamp,
    ) -> Result<Reply, Trouble> {
        if !url.strip_prefix(&self.base).is_some_and(|rest| rest.starts_with('/')) {
            return Err(Failure::bug("GitHub's answer leads somewhere else.").into());
        }
        let request = self.request(Method::GET, url).bearer_auth(token);
        let request = match etag {
            Some(etag) => request.header(header::IF_NONE_MATCH, etag),
            None => request,
        };
        send(request, now).await
    }
}

/// Sends a request and tells failures from answers.
pub(super) async fn send(request: RequestBuilder, now: Timestamp) -> Result<Reply, Trouble> {
    let unreachable = |error: reqwest::Error| {
        let overloaded = error.is_timeout();
        let failure = Failure::retry("GitHub does not answer.").caused_by(error.without_url());
        Trouble { failure, overloaded, refused: None }
    };
    let response = request.send().await.map_err(unreachable)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let url = response.url().to_string();
    let body = response.bytes().await.map_err(unreachable)?;
    match status {
        StatusCode::NOT_MODIFIED => Ok(Reply { url, headers, body: None }),
        _ if status.is_success() => Ok(Reply { url, headers, body: Some(body.into()) }),
        _ => Err(refusal(status, &headers, &body, now)),
    }
}

/// What an answer that is a failure says.
pub(super) fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Trouble {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let message = body["message"].as_str().unwrap_or_default();
    let failure = classify(status, headers, message, now);
    let details = body["errors"].as_array().into_iter().flatten().filter_map(|error| error["message"].as_str());
    let said = [message].into_iter().chain(details).collect::<Vec<_>>().join(": ");
    let status = status.as_u16();
    Trouble { failure, overloaded: matches!(status, 502..=504), refused: Some(Refused { status, said }) }
}
