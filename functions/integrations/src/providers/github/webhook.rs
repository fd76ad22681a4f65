//! Webhooks of the App: verified on the very bytes that came, then read for whom they concern.

use std::collections::BTreeSet;

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use super::choose;
use crate::providers::{Refused, Route, Webhook, WebhookRequest};

/// As much of a payload as says whom it concerns.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payload {
    repository: Option<Numbered>,
    installation: Option<Installation>,
    sender: Option<Numbered>,
    changes: Changes,
}

#[derive(Debug, Deserialize)]
struct Numbered {
    id: u64,
}

#[derive(Debug, Deserialize)]
struct Installation {
    id: u64,
    account: Option<Numbered>,
}

/// Where a transferred issue went.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Changes {
    new_repository: Option<Numbered>,
}

/// Fails closed: without a secret of ours or a signature of theirs nothing is read.
pub(super) fn read(secrets: &[String], request: &WebhookRequest<'_>) -> Result<Webhook, Refused> {
    let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
    let signature = header("x-hub-signature-256").ok_or(Refused::Forged("it has no signature"))?;
    if !is_signed(secrets, signature, request.body) {
        return Err(Refused::Forged("its signature is wrong"));
    }
    let event = header("x-github-event").ok_or(Refused::Malformed("it names no event"))?;
    let payload: Payload = serde_json::from_slice(request.body).map_err(|_| Refused::Malformed("it is not JSON"))?;
    let route = |key: String| Route { key, proof: None };
    Ok(Webhook {
        delivery: header("x-github-delivery").map(str::to_owned),
        routes: keys(event, &payload).into_iter().map(route).collect(),
    })
}

/// By any of the secrets, so that one can be changed; compared in constant time.
fn is_signed(secrets: &[String], signature: &str, body: &[u8]) -> bool {
    let Some(given) = signature.strip_prefix("sha256=").and_then(|text| hex::decode(text).ok()) else { return false };
    secrets.iter().any(|secret| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(body);
        mac.verify_slice(&given).is_ok()
    })
}

fn keys(event: &str, payload: &Payload) -> BTreeSet<String> {
    let repositories = payload.repository.iter().chain(&payload.changes.new_repository).map(|it| choose::key(it.id));
    let installation = payload.installation.iter().map(|it| choose::installation_route(it.id));
    let accounts = payload.installation.iter().filter_map(|it| it.account.as_ref()).chain(&payload.sender);
    let accounts = accounts.map(|it| format!("account:{}", it.id));
    match event {
        "issues" | "issue_comment" | "pull_request" | "pull_request_review" | "push" => repositories.collect(),
        // Which repositories there are may have changed, too.
        "repository" => repositories.chain(installation).chain(accounts).collect(),
        "installation" | "installation_repositories" | "github_app_authorization" => {
            installation.chain(accounts).collect()
        }
        _ => BTreeSet::new(),
    }
}
