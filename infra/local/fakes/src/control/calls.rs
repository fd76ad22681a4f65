//! The log of what was asked.

use std::collections::VecDeque;
use std::sync::Mutex;

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Beyond this many the oldest are forgotten.
const CALLS_MAX: usize = 20_000;

/// One call.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// `github` or `google`.
    pub provider: &'static str,
    /// `GET`
    pub method: String,
    /// Within the provider, with its query: `/api/user?per_page=100`.
    pub path: String,
    /// What it was answered with.
    pub status: u16,
    /// The last characters of the token, enough to tell tokens apart.
    pub token: String,
    /// Whether it asked for changes only (`If-None-Match`).
    pub conditional: bool,
    /// When.
    pub at: Timestamp,
}

impl Call {
    pub(super) fn of(provider: &'static str, request: &Request, at: Timestamp) -> Self {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        Self {
            provider,
            method: request.method().to_string(),
            path: path.to_owned(),
            status: 0,
            token: token_end(request.headers()),
            conditional: request.headers().contains_key(header::IF_NONE_MATCH),
            at,
        }
    }
}

fn token_end(headers: &HeaderMap) -> String {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = value.rsplit(' ').next().unwrap_or_default();
    token.get(token.len().saturating_sub(6)..).unwrap_or_default().to_owned()
}

/// Which calls are wanted.
#[derive(Debug, Default, Deserialize)]
pub struct Filter {
    /// Of this provider alone.
    pub provider: Option<String>,
    /// With this in their path.
    pub path: Option<String>,
}

/// All calls, oldest first.
#[derive(Debug, Default)]
pub struct Calls(Mutex<VecDeque<Call>>);

impl Calls {
    pub(super) fn add(&self, call: Call) {
        let mut calls = self.0.lock().expect("no one panics while holding it");
        if calls.len() >= CALLS_MAX {
            calls.pop_front();
        }
        calls.push_back(call);
    }

    pub(super) fn list(&self, filter: &Filter) -> Vec<Call> {
        let calls = self.0.lock().expect("no one panics while holding it");
        let wanted = |call: &&Call| {
            filter.provider.as_ref().is_none_or(|provider| call.provider == provider)
                && filter.path.as_ref().is_none_or(|path| call.path.contains(path))
        };
        calls.iter().filter(wanted).cloned().collect()
    }

    pub(super) fn clear(&self) {
        self.0.lock().expect("no one panics while holding it").clear();
    }
}
