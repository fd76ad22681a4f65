//! The API as a program calls it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde::Serialize;
use serde_json::Value;

use crate::PATIENCE;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// The body, when it is JSON; else null.
    pub body: Value,
    pub text: String,
}

impl Answer {
    /// The code of an error body, empty when it is none.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The body, if the status is `status`.
    pub fn expect(self, status: u16) -> Result<Value> {
        ensure!(self.status == status, "{status} was expected, not {}: {}", self.status, self.text);
        Ok(self.body)
    }
}

/// The API with one caller's token, or none.
///
/// Make one per test: its connections live in the test's runtime.
#[derive(Debug, Clone)]
pub struct Api {
    client: Client,
    origin: String,
    token: Option<String>,
}

impl Api {
    pub fn new(origin: &str, token: Option<&str>) -> Self {
        // The client wants to know who would do TLS, and fails only if the system has no threads left.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder().no_proxy().connect_timeout(Duration::from_secs(10)).build();
        Self {
            client: client.expect("a client without TLS files can be built"),
            origin: origin.to_owned(),
            token: token.map(str::to_owned),
        }
    }

    /// The same origin with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same caller with connections of its own, for another runtime.
    pub(crate) fn apart(&self) -> Self {
        Self::new(&self.origin, self.token())
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// A request with the caller's token, to be completed.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.origin));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.answer(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.answer(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer> {
        self.answer(self.request(Method::POST, path).json(body)).await
    }

    /// Sends a body as it is.
    pub async fn post_raw(&self, path: &str, body: impl Into<reqwest::Body>) -> Result<Answer> {
        let request = self.request(Method::POST, path).header("content-type", "application/json").body(body);
        self.answer(request).await
    }

    /// Sends a request and reads the answer to its end.
    pub async fn answer(&self, request: RequestBuilder) -> Result<Answer> {
        let response = request.timeout(PATIENCE).send().await.context("no answer")?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.context("the answer broke off")?;
        Ok(Answer { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text })
    }
}
