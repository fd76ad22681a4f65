//! One call of Gmail's or Calendar's API.

use jiff::Timestamp;
use reqwest::{RequestBuilder, Response, header};
use serde::de::DeserializeOwned;

use super::classify::Refusal;
use crate::providers::{Call, Failure};

/// Why a call brought nothing.
pub(super) enum Trouble {
    /// Google answered with an error.
    Refused(Refusal),
    /// There was no answer, or none that we understand.
    Lost(reqwest::Error),
}

impl Trouble {
    /// As the engine wants it.
    pub(super) fn failure(self, service: &str, now: Timestamp) -> Failure {
        match self {
            Self::Refused(refusal) => refusal.failure(service, now),
            // The address may hold a token of a page, or a person's address.
            Self::Lost(error) => {
                Failure::retry(format!("{service} could not be reached")).caused_by(error.without_url())
            }
        }
    }

    /// The same for someone who wanted something done. `Retry` is left to what has no answer, or
    /// one of trouble: then it may have been done.
    pub(super) fn undone(self, service: &str, now: Timestamp) -> Failure {
        match self {
            Self::Refused(refusal) => refusal.undone(service, now),
            lost => lost.failure(service, now),
        }
    }

    /// The status of an error answer.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::Lost(_) => None,
        }
    }
}

/// Sends a request on the account's behalf; the answer is a success.
pub(super) async fn send(call: &Call<'_>, request: RequestBuilder) -> Result<Response, Trouble> {
    let response = request.bearer_auth(call.credentials.access_token.reveal()).send().await.map_err(Trouble::Lost)?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let retry_after = response.headers().get(header::RETRY_AFTER).cloned();
    let body = response.bytes().await.unwrap_or_default();
    let retry_after = retry_after.as_ref().and_then(|value| value.to_str().ok());
    Err(Trouble::Refused(Refusal::new(status.as_u16(), retry_after, &body)))
}

/// The same, read as JSON.
pub(super) async fn json<T: DeserializeOwned>(call: &Call<'_>, request: RequestBuilder) -> Result<T, Trouble> {
    send(call, request).await?.json().await.map_err(Trouble::Lost)
}
