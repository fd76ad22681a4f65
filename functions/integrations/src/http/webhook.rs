//! What services tell us by themselves: verified on the very bytes, noted, asked for on
//! the bus, and only then acknowledged.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::sync::Reason;
use domain::{BearerToken, Service};
use jiff::Timestamp;
use store::HookTarget;
use web::{ApiError, Path};
use wire::bus::SyncRequested;
use wire::error::ErrorBody;

use super::provider;
use crate::Deps;
use crate::error::chain;
use crate::providers::{Refused, Route, Webhook, WebhookRequest};

#[utoipa::path(post, path = "/webhooks/{service}", tag = "webhooks", params(("service" = String, Path)),
    request_body(content = Vec<u8>, content_type = "*/*", description = "As the service sends it"),
    responses((status = 202, description = "Taken"), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 503, body = ErrorBody)))]
pub(crate) async fn receive(
    State(deps): State<Deps>,
    Path(service): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let provider = provider(&deps, &service).await?;
    let now = web::now();
    let request = WebhookRequest { headers: &headers, body: &body, now };
    match provider.webhook(&request).await {
        Ok(webhook) => carry_out(&deps, &provider.about().service, webhook, now).await?,
        Err(error @ Refused::Forged(_)) => {
            let message = "the webhook is not signed by whom it should be";
            return Err(ApiError::new(StatusCode::UNAUTHORIZED, "invalid_signature", message).caused_by(error));
        }
        // It would be as malformed the next time.
        Err(error @ Refused::Malformed(_)) => tracing::warn!(service, error = chain(&error), "a webhook was put aside"),
        Err(error @ Refused::Unverifiable(_)) => return Err(ApiError::unavailable().caused_by(error)),
    }
    Ok(StatusCode::ACCEPTED)
}

async fn carry_out(deps: &Deps, service: &Service, webhook: Webhook, now: Timestamp) -> Result<(), ApiError> {
    if let Some(delivery) = &webhook.delivery
        && deps.store.delivered(service, delivery).await?
    {
        return Ok(());
    }
    let (mut requests, mut forged) = (Vec::new(), false);
    for route in &webhook.routes {
        for target in deps.store.hooks(service, &route.key).await? {
            match shows_proof(route, &target) {
                true => requests.extend(ask(deps, target).await?),
                false => forged = true,
            }
        }
    }
    deps.outbox.sync(&requests).await?;
    // Last: whatever failed before runs again when the delivery is repeated. What is forged
    // is not noted, lest the true one be taken for its repeat.
    if let Some(delivery) = webhook.delivery.as_ref().filter(|_| !forged) {
        deps.store.put_delivered(service, delivery, now).await?;
    }
    Ok(())
}

/// Hashes are compared, which says nothing of the secret however long it takes.
fn shows_proof(route: &Route, target: &HookTarget) -> bool {
    match &target.proof {
        Some(proof) => route.proof.as_ref().is_some_and(|shown| BearerToken::from_text(shown).hash() == *proof),
        None => true,
    }
}

/// Notes that the resource is to be read again; `None` when it is no longer synchronised.
async fn ask(deps: &Deps, target: HookTarget) -> Result<Option<SyncRequested>, ApiError> {
    let HookTarget { owner, integration_id, resource, .. } = target;
    let request = SyncRequested { user_id: owner, integration_id, resource: None, reason: Reason::Webhook };
    if resource.is_empty() {
        return Ok(Some(request));
    }
    let asked = deps.store.ask_cursor(owner, integration_id, &resource).await?;
    Ok(asked.map(|_| SyncRequested { resource: Some(resource), ..request }))
}
