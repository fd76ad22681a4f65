//! The session's repository at GitHub: git in the agent's container calls here, and the credential
//! is put in on the way. It is fetched from the relay when it is first needed, is good for this
//! repository where the deployment has a GitHub App, and never leaves this process but to GitHub.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use domain::Repository;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::Mutex;
use tracing::{info, warn};
use wire::runner::GitAccess;

use super::Shared;
use crate::relay::LinkConfig;

/// Asked for anew so long before it ends: a push may take a while.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_mins(5);
/// GitHub wants to know who is calling.
const USER_AGENT: &str = "git/agent-ops";

/// The session's repository and what opens it.
pub(super) struct Git {
    repository: Repository,
    access: Mutex<Option<GitAccess>>,
}

impl Git {
    pub(super) fn new(repository: Repository) -> Self {
        Self { repository, access: Mutex::default() }
    }

    async fn access(&self, shared: &Shared, link: &LinkConfig) -> Result<GitAccess, String> {
        let mut access = self.access.lock().await;
        let is_good = |known: &GitAccess| known.expires_at.is_none_or(|at| at - RENEW_BEFORE > Timestamp::now());
        if let Some(known) = access.as_ref().filter(|known| is_good(known)) {
            return Ok(known.clone());
        }
        let new = fetch(shared, link).await?;
        info!(repository = %self.repository, "access to the repository was given");
        Ok(access.insert(new).clone())
    }
}

/// Asks the relay, whose refusal is in words for the user.
async fn fetch(shared: &Shared, link: &LinkConfig) -> Result<GitAccess, String> {
    let url = format!("{}/agent/sessions/{}/git", link.api_url, link.session);
    let unreachable = |error: reqwest::Error| {
        warn!(error = %error.without_url(), "the relay gave no access to the repository");
        "the access to the repository could not be fetched".to_owned()
    };
    let answer = shared.client.post(url).bearer_auth(&link.token).send().await.map_err(unreachable)?;
    if answer.status().is_success() {
        return answer.json().await.map_err(unreachable);
    }
    let told: Value = answer.json().await.unwrap_or_default();
    Err(told["error"]["message"].as_str().unwrap_or("the access to the repository was refused").to_owned())
}

/// Passes a call of git on, if it is about the session's repository.
pub(super) async fn forward(
    State(shared): State<Arc<Shared>>,
    Path((owner, name, service)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    let (Some(link), Some(git)) = (&shared.link, shared.git.get()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let asked = Repository::parse(&format!("{owner}/{name}"));
    let is_known = match service.as_str() {
        "info/refs" => request.method() == Method::GET,
        "git-upload-pack" | "git-receive-pack" => request.method() == Method::POST,
        _ => false,
    };
    if !is_known || !asked.is_ok_and(|asked| asked.as_str().eq_ignore_ascii_case(git.repository.as_str())) {
        return (StatusCode::NOT_FOUND, "only the session's own repository is reached here").into_response();
    }
    let access = match git.access(&shared, link).await {
        Ok(access) => access,
        Err(message) => {
            shared.trouble.send_replace(Some(message.clone()));
            return (StatusCode::FORBIDDEN, message).into_response();
        }
    };
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let call = shared.client.request(parts.method, format!("{}/{service}{query}", access.url));
    let call = call.headers(passed_on(&parts.headers)).header(header::USER_AGENT, USER_AGENT);
    let call = call.header(header::AUTHORIZATION, &access.authorization);
    let body = reqwest::Body::wrap_stream(body.into_data_stream());
    match call.body(body).send().await {
        Ok(answer) => {
            if matches!(answer.status(), StatusCode::UNAUTHORIZED) {
                *git.access.lock().await = None;
            }
            respond(answer)
        }
        Err(error) => {
            warn!(error = %error.without_url(), "the repository could not be reached");
            (StatusCode::BAD_GATEWAY, "the repository could not be reached").into_response()
        }
    }
}

/// What git says in headers, none of which opens anything.
fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let known =
        [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::ACCEPT, HeaderName::from_static("git-protocol")];
    let kept = headers.iter().filter(|(name, _)| known.contains(name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn respond(answer: reqwest::Response) -> Response {
    let status = match answer.status() {
        // There is nothing that git could ask its user for.
        StatusCode::UNAUTHORIZED => StatusCode::FORBIDDEN,
        status => status,
    };
    let content_type = answer.headers().get(header::CONTENT_TYPE).cloned();
    let mut response = (status, Body::from_stream(answer.bytes_stream())).into_response();
    content_type.into_iter().for_each(|kind| drop(response.headers_mut().insert(header::CONTENT_TYPE, kind)));
    response
}
